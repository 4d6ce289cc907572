internal import Digests
package import Events
package import SQLite
internal import Schema

/// The positions whose events retention has dropped, as runs without a gap between them: the table `dropped`.
/// A ledger that an earlier version has made has none until something is dropped of it.
package enum DroppedRanges {
  /// A run that the chain is taken up behind.
  package struct Run: Equatable, Sendable {
    package var first: Seq
    package let last: Seq
    /// The digest of the event that stood at `last`.
    package let digest: Digest
  }

  /// An event on its way out.
  package struct Leaving {
    package let seq: Seq
    package let digest: Digest

    package init(seq: Seq, digest: Digest) { (self.seq, self.digest) = (seq, digest) }
  }

  package static func exist(in connection: borrowing Connection) throws(SQLiteError) -> Bool {
    try connection.integer(
      "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'dropped'") == 1
  }

  /// Inside a transaction: the table and the trigger that goes with it, in a ledger that an earlier version has made.
  package static func prepare(_ connection: borrowing Connection) throws(SQLiteError) {
    guard try !exist(in: connection) else { return }
    let model = try Connection("", .create, busyMilliseconds: 0)
    try model.execute(Schema.ledger)
    try connection.execute("DROP TRIGGER IF EXISTS event_is_never_deleted")
    var parts = try model.prepare(
      "SELECT sql FROM sqlite_schema WHERE name IN ('dropped', 'event_is_never_deleted')")
    while try parts.step() { try connection.execute(parts.text(0)) }
  }

  /// Inside a transaction, before the events are deleted.
  /// - Parameter leaving: in order of position.
  package static func add(
    _ leaving: [Leaving], to connection: borrowing Connection
  ) throws(SQLiteError) {
    var insert = try connection.prepare(
      "INSERT INTO dropped (last, first, digest) VALUES (?, ?, ?)")
    var before = try connection.prepare("DELETE FROM dropped WHERE last = ? RETURNING first")
    var behind = try connection.prepare(
      "SELECT first, last, digest FROM dropped WHERE last > ? ORDER BY last LIMIT 1")
    var forget = try connection.prepare("DELETE FROM dropped WHERE last = ?")
    for var run in runs(leaving) {
      try before.bind(1, run.first - 1)
      if try before.step() { run.first = before.seq(0) }
      before.reset()
      try behind.bind(1, run.last)
      if try behind.step(), behind.seq(0) == run.last + 1, let next = self.run(behind) {
        run = Run(first: run.first, last: next.last, digest: next.digest)
      }
      behind.reset()
      try forget.bind(1, run.last)
      try forget.run()
      try insert.bind(1, run.last)
      try insert.bind(2, run.first)
      try insert.bind(3, run.digest.bytes)
      try insert.run()
    }
  }

  package static func runs(_ leaving: [Leaving]) -> [Run] {
    var runs: [Run] = []
    for event in leaving {
      let joins = runs.last.map { $0.last + 1 == event.seq } ?? false
      let first = joins ? runs.removeLast().first : event.seq
      runs.append(Run(first: first, last: event.seq, digest: event.digest))
    }
    return runs
  }

  /// - Parameter row: first, last, digest. Nil when it makes no sense.
  package static func run(_ row: borrowing Statement) -> Run? {
    guard let digest = row.digest(2) else { return nil }
    return Run(first: row.seq(0), last: row.seq(1), digest: digest)
  }

  /// As the table is now. About 0.3 us a run, of which there are few: those between what was kept.
  package static func summary(_ connection: borrowing Connection) throws(SQLiteError)
    -> DroppedTotals
  {
    var hash = SHA256Hash()
    var events: Int64 = 0
    var bytes: [UInt8] = []
    if try exist(in: connection) {
      var runs = try connection.prepare("SELECT first, last, digest FROM dropped ORDER BY last")
      while try runs.step() {
        let (first, last) = (runs.integer(0), runs.integer(1))
        // Wrapping: what stands in a forged table ends no program.
        events &+= last &- first &+ 1
        bytes.removeAll(keepingCapacity: true)
        for value in [first, last] {
          unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
        }
        unsafe runs.withBytes(2) { unsafe bytes.append(contentsOf: $0) }
        unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
      }
    }
    return DroppedTotals(events: events, digest: hash.finish())
  }

  /// The run that has this position; nil when no event was dropped there.
  package static func run(
    around seq: Seq, in connection: borrowing Connection
  ) throws(SQLiteError) -> Run? {
    guard try exist(in: connection) else { return nil }
    var statement = try connection.prepare(
      "SELECT first, last, digest FROM dropped WHERE last >= ? ORDER BY last LIMIT 1")
    try statement.bind(1, seq)
    guard try statement.step(), let run = run(statement), run.first <= seq else { return nil }
    return run
  }

  /// Returns the number of events after this position that were dropped.
  package static func count(
    after seq: Seq, in connection: borrowing Connection
  ) throws(SQLiteError) -> Int64 {
    guard try exist(in: connection) else { return 0 }
    var statement = try connection.prepare(
      "SELECT IFNULL(SUM(last - MAX(first, ?1 + 1) + 1), 0) FROM dropped WHERE last > ?1")
    try statement.bind(1, seq)
    return try statement.step() ? statement.integer(0) : 0
  }
}
