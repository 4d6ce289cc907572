import Digests
internal import Events
import Ledger
import SQLite
import TestSupport

/// A ledger whose guards are taken away, so that it can be made wrong, and put back.
enum Forgery {
  /// - Parameters:
  ///   - sql: what is done; the table `bare` is the events without their indices.
  ///   - rechains: all digests are made to fit what the events then say.
  static func run(_ sql: String, on directory: LedgerDirectory, rechains: Bool = false) throws {
    let connection = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    let triggers = try texts("SELECT sql FROM sqlite_schema WHERE type = 'trigger'", connection)
    let names = try texts("SELECT name FROM sqlite_schema WHERE type = 'trigger'", connection)
    try connection.execute(names.map { "DROP TRIGGER \($0);" }.joined())
    let usesBare = sql.contains("bare")
    if usesBare {
      try connection.execute(
        """
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema SELECT 'table', 'bare', 'bare', rootpage,
        'CREATE TABLE bare(seq INTEGER PRIMARY KEY, at, mono, job, instance, n, kind, data, payload, digest)'
        FROM sqlite_schema WHERE name = 'event';
        PRAGMA writable_schema = RESET;
        """)
    }
    try connection.execute("PRAGMA ignore_check_constraints = ON; \(sql)")
    if usesBare {
      try connection.execute(
        """
        PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'bare';
        PRAGMA writable_schema = RESET;
        """)
    }
    if rechains {
      try rechain(directory, connection)
      // Whoever writes all of it anew does not leave what tells of the last event.
      Files.removeTree("\(directory.path)/ledger.lock")
    }
    for trigger in triggers { try connection.execute(trigger) }
  }

  private static func texts(
    _ sql: String, _ connection: borrowing Connection
  ) throws -> [String] {
    var statement = try connection.prepare(sql)
    var texts: [String] = []
    while try statement.step() { texts.append(statement.text(0)) }
    return texts
  }

  private static func rechain(
    _ directory: LedgerDirectory, _ connection: borrowing Connection
  ) throws {
    let reader = try LedgerReader(directory)
    var previous = Chain.genesis(ledgerID: reader.originID)
    var update = try connection.prepare("UPDATE event SET digest = ? WHERE seq = ?")
    for event in try reader.events(after: 0, limit: .max) {
      previous = Chain.digest(of: event, after: previous)
      try update.bind(1, previous.bytes)
      try update.bind(2, event.seq)
      try update.run()
    }
  }

  /// Moves everything into ledger.db; nobody may have the ledger open.
  static func putIntoOneFile(_ directory: LedgerDirectory) throws {
    let connection = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    _ = try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)")
  }
}

/// A short ledger that has some of everything.
enum SampleLedger {
  /// 1 to 3 one instance; 4 of no instance; 5 to 9 one with output (7, 8); 10 and 11 one that is live.
  @discardableResult
  static func write(to directory: LedgerDirectory) throws -> [InstanceID] {
    let writer = try LedgerWriter(directory)
    let ids = (1...3).map { InstanceID(createdAt: .epoch + Int64($0) * 1_000_000) }
    let removed = HistoryRemoved(patterns: ["job"], upTo: 3)
    try writer.turn(durable: true) { turn throws(LedgerError) in
      try turn.append(Sample.event(ids[0]))
      try turn.append(Sample.event(ids[0], .state(.running), .object([.init("pid", 1)])))
      try turn.append(Sample.event(ids[0], .state(.completed), .object([.init("exit_code", 0)])))
      try turn.append(Sample.event(nil, .historyRemoved, removed.json))
      try turn.append(Sample.event(ids[1]))
      try turn.append(Sample.event(ids[1], .state(.running)))
      for byte: UInt8 in [65, 66] { try turn.append(output(ids[1], [byte], 100)) }
      try turn.append(Sample.event(ids[1], .state(.failed)))
      try turn.append(Sample.event(ids[2]))
      try turn.append(Sample.event(ids[2], .state(.running)))
    }
    return ids
  }

  static func output(_ instance: InstanceID, _ bytes: [UInt8], _ count: Int) -> NewEvent {
    let bytes = (0..<count).map { bytes[$0 % bytes.count] }
    var totals = OutputTotals()
    totals.stdoutBytes = Int64(count / 2)
    totals.stderrBytes = Int64(count - count / 2)
    return Sample.event(instance, .output, totals.json, output: Sample.chunk(bytes))
  }
}
