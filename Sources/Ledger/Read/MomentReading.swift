package import Events
internal import SQLite

/// A reader is asked what it takes to go back to an earlier moment.
extension LedgerReader {
  /// Gives the events of one instance after position `n` to `body`, in order, without keeping them, up to the last that
  /// is not behind that position of the ledger. What comes later is not read.
  package func forEachEvent(
    of instance: InstanceID, after n: Int64, upTo end: Seq, _ body: (Event) -> Void
  ) throws(LedgerError) {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT \(Self.columns) FROM main.event WHERE instance = ? AND n > ? ORDER BY n")
      try statement.bind(1, instance.text)
      try statement.bind(2, n)
      while try statement.step(), statement.seq(0) <= end { body(Self.event(statement)) }
    }
  }

  /// The position of the first event behind that one that happened later than that time; nil where there is none. Reads
  /// the events between.
  package func firstEvent(after seq: Seq, laterThan time: WallTime) throws(LedgerError) -> Seq? {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT seq FROM event WHERE seq > ? AND at > ? ORDER BY seq LIMIT 1")
      try statement.bind(1, seq)
      try statement.bind(2, time)
      return try statement.step() ? statement.seq(0) : nil
    }
  }

  /// The last event that is not behind that position, and when it happened; nil where there is none.
  package func lastEvent(upTo seq: Seq) throws(LedgerError) -> (seq: Seq, time: EventTime)? {
    try time("seq <= ? ORDER BY seq DESC", seq)
  }

  /// The first event there is, and when it happened; nil in an empty ledger.
  package func firstEvent() throws(LedgerError) -> (seq: Seq, time: EventTime)? {
    try time("seq > ? ORDER BY seq", .start)
  }

  private func time(
    _ condition: String, _ seq: Seq
  ) throws(LedgerError) -> (seq: Seq, time: EventTime)? {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT seq, at, mono FROM event WHERE \(condition) LIMIT 1")
      try statement.bind(1, seq)
      guard try statement.step() else { return nil }
      return (statement.seq(0), EventTime(at: statement.wallTime(1), mono: statement.bootTime(2)))
    }
  }

  /// Events up to that position that are not there any more, and were when the ledger ended there: retention has dropped
  /// them since.
  package func droppedSince(_ position: Seq) throws(LedgerError) -> Int64 {
    let all = try droppedCount(after: .start) - droppedCount(after: position)
    guard all > 0 else { return 0 }
    let then = try hostEvents([.retained], withLater: true).last { $0.seq <= position }
    return max(0, all - (then.map { Retained($0.json).ledger.events } ?? 0))
  }
}
