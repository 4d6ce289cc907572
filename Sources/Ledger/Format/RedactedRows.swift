package import Events
package import SQLite
internal import Schema

/// The positions whose events may be changed, because redaction has said so: the table `redacted`, which the trigger looks
/// into. What counts for who checks a ledger is what the events say (``Redactions``). A ledger has none until something is
/// redacted in it.
package enum RedactedRows {
  package static func exist(in connection: borrowing Connection) throws(SQLiteError) -> Bool {
    try connection.integer(
      "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'redacted'") == 1
  }

  /// Inside a transaction: the table, and the trigger that looks into it, where nothing was redacted yet.
  package static func prepare(_ connection: borrowing Connection) throws(SQLiteError) {
    if try !exist(in: connection) { try connection.execute(Schema.redaction) }
  }

  /// Inside a transaction, before the events are changed.
  /// - Parameter by: the event that says so.
  package static func add(
    _ seqs: some Sequence<Seq>, by: Seq, to connection: borrowing Connection
  ) throws(SQLiteError) {
    var insert = try connection.prepare(
      "INSERT OR REPLACE INTO redacted (seq, by_seq) VALUES (?, ?)")
    for seq in seqs {
      try insert.bind(1, seq)
      try insert.bind(2, by)
      try insert.run()
    }
  }

  /// Gives each row to `body`, in order of position.
  package static func forEach(
    in connection: borrowing Connection, _ body: (Seq, _ by: Seq) -> Void
  ) throws(SQLiteError) {
    guard try exist(in: connection) else { return }
    var rows = try connection.prepare("SELECT seq, by_seq FROM redacted ORDER BY seq")
    while try rows.step() { body(rows.seq(0), rows.seq(1)) }
  }
}
