internal import Glibc
package import Ledger
internal import SQLite
internal import Schema

/// projections.db: the folds over one ledger, kept up to a checkpoint. A query first catches up from there. Where the
/// file cannot be written, the fold is made in memory; where it does not fit the ledger, it is made anew.
///
/// Any number of processes catch up at once: each does so inside SQLite's own write lock, from the checkpoint that it
/// finds there.
package final class ProjectionStore {
  let reader: LedgerReader
  let connection: Connection

  /// Events folded in one transaction.
  private static let batch = 20_000

  /// Opens the file beside the ledger, and makes it when it is missing.
  package init(_ reader: LedgerReader) throws(LedgerError) {
    self.reader = reader
    connection = try Self.open(reader)
  }

  private static func open(_ reader: LedgerReader) throws(LedgerError) -> Connection {
    let path = reader.directory.projections
    do throws(SQLiteError) {
      return try openFile(path)
    } catch {
      switch error.kind {
      case .damaged: remove(path)
      case .readOnly, .cannotOpen, .full: return try inMemory(reader)
      case .busy, .inputOutput, .constraint, .other: throw Self.ledgerError(error, reader)
      }
    }
    do throws(SQLiteError) { return try openFile(path) } catch { return try inMemory(reader) }
  }

  private static func openFile(_ path: String) throws(SQLiteError) -> Connection {
    if access(path, F_OK) != 0 {
      // Private from the start; SQLite gives the WAL the same mode. Closed before SQLite opens the file.
      let fd = creat(path, 0o600)
      if fd >= 0 {
        fchmod(fd, 0o600)
        close(fd)
      }
    }
    let connection = try Connection(path, .readWrite, busyMilliseconds: 30_000)
    // Reading alone, so that asking again costs nothing; the write lock is taken to make the schema.
    if try connection.integer("PRAGMA user_version") != InstanceRecord.version {
      try connection.execute("PRAGMA journal_mode = WAL")
      try makeSchema(connection)
    }
    // Never FULL: what is lost in a power cut is folded again.
    try connection.execute("PRAGMA synchronous = NORMAL")
    // A batch fits: nothing of it is written before its commit. In KiB; memory that is used, not taken beforehand.
    try connection.execute("PRAGMA cache_size = -32768")
    return connection
  }

  private static func inMemory(_ reader: LedgerReader) throws(LedgerError) -> Connection {
    do throws(SQLiteError) {
      let connection = try Connection(":memory:", .create, busyMilliseconds: 0)
      try makeSchema(connection)
      return connection
    } catch { throw ledgerError(error, reader) }
  }

  private static func makeSchema(_ connection: borrowing Connection) throws(SQLiteError) {
    let transaction = try connection.begin()
    // Another may have made it meanwhile.
    if try connection.integer("PRAGMA user_version") != InstanceRecord.version {
      try connection.execute("DROP TABLE IF EXISTS instance; DROP TABLE IF EXISTS checkpoint")
      try connection.execute(Schema.projections)
      try connection.execute("PRAGMA user_version = \(InstanceRecord.version)")
    }
    try transaction.commit()
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  static func ledgerError(_ error: SQLiteError, _ reader: LedgerReader) -> LedgerError {
    .inputOutput(path: reader.directory.projections, reason: error.description)
  }

  func mapped<Result: ~Copyable>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(LedgerError) -> Result {
    do throws(SQLiteError) { return try body() } catch { throw Self.ledgerError(error, reader) }
  }

  /// The last event that was folded.
  package func position() throws(LedgerError) -> Int64 {
    try mapped { () throws(SQLiteError) in
      try connection.integer("SELECT seq FROM checkpoint")
    }
  }

  /// Folds what the ledger has and the projections lack. About 2 microseconds an event; nothing but two reads when
  /// there is none.
  package func catchUp() throws(LedgerError) {
    let head = try reader.head()
    if let checkpoint = try checkpoint(), checkpoint == (reader.ledgerID, head.seq, head.digest) {
      return
    }
    while try foldBatch() == Self.batch {}
  }

  private func checkpoint() throws(LedgerError) -> (ledgerID: String, seq: Int64, Digest)? {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare("SELECT ledger_id, seq, digest FROM checkpoint")
      guard try statement.step(), let digest = statement.withBytes(2, { Digest($0) }) else {
        return nil
      }
      return (statement.text(0), statement.integer(1), digest)
    }
  }

  /// Returns the number of events folded.
  private func foldBatch() throws(LedgerError) -> Int {
    do {
      let transaction = try connection.begin()
      let start = try startOrReset()
      var fold = try InstanceFold(connection)
      var last: (seq: Int64, digest: Digest)?
      let count = try reader.forEachEvent(after: start, limit: Self.batch) { event in
        fold.apply(event)
        last = (event.seq, event.digest)
      }
      if let last {
        try fold.save()
        try saveCheckpoint(last.seq, last.digest)
      }
      try transaction.commit()
      return count
    } catch let error as LedgerError {
      throw error
    } catch let error as SQLiteError {
      throw Self.ledgerError(error, reader)
    } catch {
      throw .inputOutput(path: reader.directory.projections, reason: "\(error)")
    }
  }

  private func saveCheckpoint(_ seq: Int64, _ digest: Digest) throws(SQLiteError) {
    var statement = try connection.prepare(
      "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)")
    try statement.bind(1, reader.ledgerID)
    try statement.bind(2, seq)
    try statement.bind(3, digest.bytes)
    try statement.bind(4, InstanceRecord.version)
    try statement.run()
  }

  /// Where to go on; the beginning, with everything dropped, when the checkpoint is not of this ledger.
  private func startOrReset() throws(LedgerError) -> Int64 {
    guard let checkpoint = try checkpoint() else { return 0 }
    if checkpoint.ledgerID == reader.ledgerID,
      try reader.digest(at: checkpoint.seq) == checkpoint.2
    {
      return checkpoint.seq
    }
    try mapped { () throws(SQLiteError) in
      try connection.execute("DELETE FROM instance; DELETE FROM checkpoint")
    }
    return 0
  }
}

/// A batch of events folded over the stored records: each record is read once and written once.
private struct InstanceFold: ~Copyable {
  /// In the order of first use, which for new instances is the order of their rows: each page is written once.
  private var entries: [Entry] = []
  private var indices: [InstanceID: Int] = [:]
  private var load: Statement
  private var insert: Statement
  private var update: Statement
  private var failure: SQLiteError?

  private struct Entry {
    var record: InstanceRecord
    let hasRow: Bool
  }

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let load = try connection.prepare(
      "SELECT \(InstanceRow.columns) FROM instance WHERE instance = ?")
    let insert = try connection.prepare(InstanceRow.insert)
    let update = try connection.prepare(InstanceRow.update)
    self.load = load
    self.insert = insert
    self.update = update
  }

  mutating func apply(_ event: Event) {
    guard let instance = event.instance else { return }
    if let record = InstanceRecord(event) {
      add(record, hasRow: false)
    } else if let index = indices[instance] {
      entries[index].record.apply(event)
    } else {
      do throws(SQLiteError) {
        guard var record = try stored(instance) else { return }
        record.apply(event)
        add(record, hasRow: true)
      } catch { failure = failure ?? error }
    }
  }

  private mutating func add(_ record: InstanceRecord, hasRow: Bool) {
    indices[record.instance] = entries.count
    entries.append(Entry(record: record, hasRow: hasRow))
  }

  private mutating func stored(_ instance: InstanceID) throws(SQLiteError) -> InstanceRecord? {
    try load.bind(1, instance.text)
    let record = try load.step() ? InstanceRow.record(load) : nil
    load.reset()
    return record
  }

  mutating func save() throws(SQLiteError) {
    if let failure { throw failure }
    for entry in entries {
      if entry.hasRow {
        try InstanceRow.bind(entry.record, to: &update)
        try update.run()
      } else {
        try InstanceRow.bind(entry.record, to: &insert)
        try insert.run()
      }
    }
  }
}
