internal import Glibc
package import Ledger
internal import SQLite
internal import Schema

/// projections.db: the folds over one ledger, kept up to a checkpoint. A query first catches up from there. Where the
/// file cannot be written, the fold is made in a temporary one; where it is damaged or does not fit the ledger, what is in
/// it is made anew.
///
/// Any number of processes catch up at once: each does so inside SQLite's own write lock, from the checkpoint that it
/// finds there.
package final class ProjectionStore {
  let reader: LedgerReader
  private(set) var connection: Connection

  /// Events folded in one transaction.
  static let batch = 20_000

  /// Opens the file beside the ledger, and makes it when it is missing. What a ledger has lost may be all that is left of
  /// it there: then the file stays as it is, and so it does beside a copy.
  package init(_ reader: LedgerReader) throws(LedgerError) {
    self.reader = reader
    do throws(SQLiteError) {
      guard reader.missing == nil, !reader.isCopy else {
        connection = try Self.temporary()
        return
      }
      connection = try Self.openFile(reader.directory.projections)
    } catch {
      connection = try Self.replacement(after: error, reader)
    }
  }

  /// A store in a temporary database, empty.
  init(temporaryFor reader: LedgerReader) throws(LedgerError) {
    self.reader = reader
    do throws(SQLiteError) { connection = try Self.temporary() } catch {
      throw Self.ledgerError(error, reader)
    }
  }

  /// Does something with the store. What cannot be done with the file is done again with what replaces it.
  func attempt<Result>(_ body: () throws -> Result) throws(LedgerError) -> Result {
    // Twice: the file that is made anew may turn out not to be writable.
    for _ in 0..<2 {
      do { return try body() } catch let error as SQLiteError {
        connection = try Self.replacement(after: error, reader)
      } catch { throw Self.ledgerError(error, reader) }
    }
    do { return try body() } catch { throw Self.ledgerError(error, reader) }
  }

  private static func replacement(
    after error: SQLiteError, _ reader: LedgerReader
  ) throws(LedgerError) -> Connection {
    let path = reader.directory.projections
    do throws(SQLiteError) {
      switch error.kind {
      // Other: the version is right, the schema is not.
      case .damaged, .constraint, .other:
        do throws(SQLiteError) { return try emptied(path) } catch {}
        // So damaged that SQLite cannot: whoever has it open cannot use it either.
        remove(path)
        do throws(SQLiteError) { return try openFile(path) } catch { return try temporary() }
      // An answer that takes longer is better than none.
      case .readOnly, .cannotOpen, .full, .inputOutput, .busy: return try temporary()
      }
    } catch { throw ledgerError(error, reader) }
  }

  /// The file with empty tables. It stays: who removed it could part others from the WAL that they have open.
  private static func emptied(_ path: String) throws(SQLiteError) -> Connection {
    let connection = try openFile(path)
    let transaction = try connection.begin()
    try replaceTables(connection)
    try transaction.commit()
    return connection
  }

  private static func openFile(_ path: String) throws(SQLiteError) -> Connection {
    if access(path, F_OK) != 0 {
      // Private from the start; SQLite gives the WAL the same mode. Closed before SQLite opens the file.
      // Never truncated: another may have made it a moment ago.
      let fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if fd >= 0 {
        fchmod(fd, 0o600)
        close(fd)
      }
    }
    var info = stat()
    // Reading a FIFO would wait for its other end, for ever.
    guard stat(path, &info) != 0 || info.st_mode & S_IFMT == S_IFREG else { return try temporary() }
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

  /// A database of SQLite's own, in memory while it is small, gone with the connection.
  private static func temporary() throws(SQLiteError) -> Connection {
    let connection = try Connection("", .create, busyMilliseconds: 0)
    try connection.execute("PRAGMA journal_mode = MEMORY")
    try makeSchema(connection)
    return connection
  }

  private static func makeSchema(_ connection: borrowing Connection) throws(SQLiteError) {
    let transaction = try connection.begin()
    // Another may have made it meanwhile.
    if try connection.integer("PRAGMA user_version") != InstanceRecord.version {
      try replaceTables(connection)
    }
    try transaction.commit()
  }

  /// Inside a transaction: empty tables in place of what is there.
  static func replaceTables(_ connection: borrowing Connection) throws(SQLiteError) {
    try connection.execute("DROP TABLE IF EXISTS instance; DROP TABLE IF EXISTS checkpoint")
    try connection.execute(Schema.projections)
    try connection.execute("PRAGMA user_version = \(InstanceRecord.version)")
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  private static func ledgerError(_ error: any Error, _ reader: LedgerReader) -> LedgerError {
    if let error = error as? LedgerError { return error }
    return .inputOutput(path: reader.directory.projections, reason: "\(error)")
  }

  /// Whether it folds what this one reads: a ledger may be replaced by another.
  package func isOf(_ other: LedgerReader) -> Bool { reader === other }

  /// The last event that was folded.
  package func position() throws(LedgerError) -> Int64 {
    try attempt { try connection.integer("SELECT seq FROM checkpoint") }
  }

  /// Folds what the ledger has and the projections lack. About 2 microseconds an event; nothing but two reads when
  /// there is none.
  package func catchUp() throws(LedgerError) { try attempt(fold) }

  /// Asks a store that has been caught up. `body` may be run again, so it only reads.
  func ask<Result>(_ body: () throws -> Result) throws(LedgerError) -> Result {
    try attempt {
      try fold()
      return try body()
    }
  }

  private func fold() throws {
    let head = try reader.head()
    if let checkpoint = try checkpoint(), checkpoint == (reader.ledgerID, head.seq, head.digest) {
      return
    }
    while try foldBatch() == Self.batch {}
  }

  private func checkpoint() throws(SQLiteError) -> Checkpoint? {
    try Self.checkpoint(of: connection)
  }

  /// What was folded last.
  typealias Checkpoint = (ledgerID: String, seq: Int64, digest: Digest)

  static func checkpoint(of connection: borrowing Connection) throws(SQLiteError) -> Checkpoint? {
    var statement = try connection.prepare("SELECT ledger_id, seq, digest FROM checkpoint")
    guard try statement.step(), let digest = statement.withBytes(2, { Digest($0) }) else {
      return nil
    }
    return (statement.text(0), statement.integer(1), digest)
  }

  /// Returns the number of events folded; none behind `end`.
  func foldBatch(upTo end: Int64 = .max) throws -> Int {
    let transaction = try connection.begin()
    let start = try startOrReset()
    var fold = try InstanceFold(connection)
    var last: (seq: Int64, digest: Digest)?
    let count = try reader.forEachEvent(after: start, upTo: end, limit: Self.batch) { event in
      if event.instance != nil {
        fold.apply(event)
      } else if event.kind == .historyRemoved {
        fold.hide(HistoryRemoved(event.json), connection)
      } else if event.kind == .retained {
        fold.drop(Retained(event.json), at: event.at)
      }
      last = (event.seq, event.digest)
    }
    if let last {
      try fold.save()
      try saveCheckpoint(last.seq, last.digest)
    }
    try transaction.commit()
    return count
  }

  /// Of an event that retention has dropped the digest is not known any more.
  static func isOf(_ reader: LedgerReader, _ checkpoint: Checkpoint) throws -> Bool {
    guard checkpoint.ledgerID == reader.ledgerID else { return false }
    if let digest = try reader.digest(at: checkpoint.seq) { return digest == checkpoint.digest }
    return try reader.isDropped(checkpoint.seq)
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
  private func startOrReset() throws -> Int64 {
    if let checkpoint = try checkpoint(), try Self.isOf(reader, checkpoint) {
      return checkpoint.seq
    }
    try connection.execute("DELETE FROM instance; DELETE FROM checkpoint")
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
  private var delete: Statement
  private var failure: SQLiteError?

  private struct Entry {
    var record: InstanceRecord
    let hasRow: Bool
    /// Retention has dropped its events.
    var isGone = false
  }

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let load = try connection.prepare(
      "SELECT \(InstanceRow.columns) FROM instance WHERE instance = ?")
    let insert = try connection.prepare(InstanceRow.insert)
    let update = try connection.prepare(InstanceRow.update)
    let delete = try connection.prepare("DELETE FROM instance WHERE instance = ?")
    self.load = load
    self.insert = insert
    self.update = update
    self.delete = delete
  }

  mutating func apply(_ event: Event) {
    guard let instance = event.instance else { return }
    if let record = InstanceRecord(event) {
      add(record, hasRow: false)
    } else {
      do throws(SQLiteError) {
        guard let index = try index(of: instance) else { return }
        entries[index].record.apply(event)
      } catch { failure = failure ?? error }
    }
  }

  /// Hides what has ended so far, up to the position that is meant: here and among the stored. Of what stands in both,
  /// this here is newer and is saved over the other.
  mutating func hide(_ removed: HistoryRemoved, _ connection: borrowing Connection) {
    var query = HistoryQuery()
    query.patterns = removed.patterns.map { Pattern($0) }
    query.endedBy = removed.upTo
    // No pattern at all would match everything; nobody has said so.
    guard !query.patterns.isEmpty else { return }
    for index in entries.indices {
      let record = entries[index].record
      guard record.endedAt != nil, record.lastSeq <= removed.upTo, query.patterns.matches(record)
      else { continue }
      entries[index].record.isHidden = true
    }
    do throws(SQLiteError) {
      let filter = try HistoryFilter(query, connection)
      try filter.define(on: connection)
      var update = try connection.prepare(
        "UPDATE instance SET hidden = 1 WHERE \(filter.sql)")
      try filter.bind(to: &update)
      try update.run()
    } catch { failure = failure ?? error }
  }

  /// Takes in what retention has dropped: an instance without events is none, one without output says so.
  mutating func drop(_ retained: Retained, at time: Int64) {
    for instance in retained.instances {
      do throws(SQLiteError) {
        switch retained.what {
        case .events: try forget(instance)
        case .output:
          guard let index = try index(of: instance) else { continue }
          entries[index].record.outputRemovedAt = time
        }
      } catch { failure = failure ?? error }
    }
  }

  private mutating func forget(_ instance: InstanceID) throws(SQLiteError) {
    if let index = indices.removeValue(forKey: instance) {
      entries[index].isGone = true
      guard entries[index].hasRow else { return }
    }
    try delete.bind(1, instance.text)
    try delete.run()
  }

  /// Nil when nothing is known of it.
  private mutating func index(of instance: InstanceID) throws(SQLiteError) -> Int? {
    if let index = indices[instance] { return index }
    guard let record = try stored(instance) else { return nil }
    add(record, hasRow: true)
    return indices[instance]
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
    for entry in entries where !entry.isGone {
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
