internal import Events
internal import SQLite

/// The end of what a connection to a ledger sees: the name `event` leads to a view of SQLite's `temp` schema, which is
/// looked into first (sqlite.org/lang_naming.html), and which has no event behind a position. So every question that can
/// be asked of events is one of that moment. What stands beside them is asked for by event, or is about what is gone.
enum LedgerHorizon {
  static func draw(_ connection: borrowing Connection, _ last: Seq) throws(SQLiteError) {
    try connection.execute(
      "CREATE TEMP VIEW event AS SELECT * FROM main.event WHERE seq <= \(last)")
  }
}
