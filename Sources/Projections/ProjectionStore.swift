package import Events
package import Ledger
internal import Linux
internal import SQLite

/// projections.db: the folds over one ledger, kept up to a checkpoint. A query first catches up from there. Where the
/// file cannot be written now, what it lacks is folded beside it (``ProjectionOverlay``), and where it cannot be read
/// either, everything is, in a temporary database; where it is damaged or does not fit the ledger, what is in it is made
/// anew.
///
/// Any number of processes catch up at once: each does so inside SQLite's own write lock, from the checkpoint that it
/// finds there. Nobody waits for one that holds it and does not come on: it may be stopped.
package final class ProjectionStore {
  let reader: LedgerReader
  private(set) var connection: Connection
  private var place: Place
  private let patience: Patience
  /// The file's checkpoint when the overlay began; nil while there is none.
  private var overlayStart: Checkpoint?

  /// The file is beyond the horizon, and what is beside it goes back to there.
  private var isRewound = false
  /// No instance had ended later by then, as far as is known of a position that was gone back to.
  private(set) var latestEnd: WallTime?

  private enum Place { case file, besideFile, temporary }

  private struct Opened: ~Copyable {
    let connection: Connection
    let place: Place
  }

  /// The time for which one lock is waited for whose holder does not come on; milliseconds.
  package enum Patience: Int32, Sendable {
    case none = 0
    case brief = 100
  }

  /// The longest time that somebody is waited for who does come on; microseconds.
  private static let longestWait: Int64 = 1_000_000

  /// Events folded in one transaction: some ten milliseconds.
  static let batch = 4096
  /// Memory for the events of one transaction and for the records that they change, about.
  static let batchBytes = 4 << 20

  /// Opens the file beside the ledger, and makes it when it is missing. What a ledger has lost may be all that is left of
  /// it there: then the file stays as it is, and so it does beside a copy, and for a reader with a horizon.
  package init(_ reader: LedgerReader, patience: Patience = .brief) throws(LedgerError) {
    self.reader = reader
    self.patience = patience
    let opened = try Self.open(reader, patience)
    place = opened.place == .file && reader.horizon != nil ? .besideFile : opened.place
    connection = opened.connection
  }

  private static func open(
    _ reader: LedgerReader, _ patience: Patience
  ) throws(LedgerError) -> Opened {
    let path = reader.directory.projections
    do throws(SQLiteError) {
      guard reader.missing == nil, !reader.isCopy, !ProjectionFile.isSpecial(path) else {
        return Opened(connection: try ProjectionFile.temporary(), place: .temporary)
      }
      return Opened(
        connection: try ProjectionFile.open(
          path, mode: reader.directory.fileMode, milliseconds: patience.rawValue), place: .file)
    } catch { return try replacement(after: error, reader, patience) }
  }

  /// A store in a temporary database, empty.
  init(temporaryFor reader: LedgerReader) throws(LedgerError) {
    self.reader = reader
    patience = .none
    place = .temporary
    do throws(SQLiteError) { connection = try ProjectionFile.temporary() } catch {
      throw Self.ledgerError(error, reader)
    }
  }

  // MARK: Trouble

  /// Does something with the store. What cannot be done with the file is done again beside it, or with what replaces it.
  func attempt<Result>(_ body: () throws -> Result) throws(LedgerError) -> Result {
    // Beside the file; and the file that is made anew may turn out not to be writable.
    for _ in 0..<3 {
      do { return try body() } catch let error as SQLiteError {
        try replace(after: error)
      } catch { throw Self.ledgerError(error, reader) }
    }
    do { return try body() } catch { throw Self.ledgerError(error, reader) }
  }

  private func replace(after error: SQLiteError) throws(LedgerError) {
    forgetOverlay()
    if place == .file {
      isHeld = error.kind == .busy
      isReadOnly = error.kind == .readOnly
      switch error.kind {
      case .busy, .readOnly, .full, .inputOutput:
        place = .besideFile
        return
      case .damaged, .constraint, .other, .cannotOpen: break
      }
    }
    // An overlay that cannot be made says nothing of the file.
    let opened =
      place == .besideFile
      ? try Self.temporary(reader) : try Self.replacement(after: error, reader, patience)
    place = opened.place
    connection = opened.connection
  }

  private func forgetOverlay() {
    overlayStart = nil
    isRewound = false
    latestEnd = nil
  }

  private static func temporary(_ reader: LedgerReader) throws(LedgerError) -> Opened {
    do throws(SQLiteError) {
      return Opened(connection: try ProjectionFile.temporary(), place: .temporary)
    } catch { throw ledgerError(error, reader) }
  }

  private static func replacement(
    after error: SQLiteError, _ reader: LedgerReader, _ patience: Patience
  ) throws(LedgerError) -> Opened {
    switch error.kind {
    // Other: the version is right, the schema is not.
    case .damaged, .constraint, .other: break
    // An answer that takes longer is better than none.
    case .readOnly, .cannotOpen, .full, .inputOutput, .busy: return try temporary(reader)
    }
    let path = reader.directory.projections
    do throws(SQLiteError) {
      let connection = try ProjectionFile.emptied(path, milliseconds: patience.rawValue)
      return Opened(connection: connection, place: .file)
    } catch {
      // Held by somebody: it is left to him.
      guard error.kind != .busy else { return try temporary(reader) }
    }
    // So damaged that SQLite cannot: whoever has it open cannot use it either.
    ProjectionFile.remove(path)
    do throws(SQLiteError) {
      let connection = try ProjectionFile.open(
        path, mode: reader.directory.fileMode, milliseconds: patience.rawValue)
      return Opened(connection: connection, place: .file)
    } catch { return try temporary(reader) }
  }

  private static func ledgerError(_ error: any Error, _ reader: LedgerReader) -> LedgerError {
    if let error = error as? LedgerError { return error }
    return .inputOutput(path: reader.directory.projections, reason: "\(error)")
  }

  /// Tells whether the store folds what this one reads: a ledger may be replaced by another.
  package func isOf(_ other: LedgerReader) -> Bool { reader === other }

  /// False while what is folded is not kept.
  var isInFile: Bool { place == .file }
  /// True when the file could not be written because another has locked it.
  private(set) var isHeld = false
  /// This user may not write it.
  private var isReadOnly = false

  /// The last event that was folded.
  package func position() throws(LedgerError) -> Seq {
    try attempt { Seq(try connection.integer("SELECT seq FROM checkpoint")) }
  }

  // MARK: Asking

  /// Folds what the ledger has and the projections lack. About 2 microseconds an event; nothing but two reads when
  /// there is none.
  package func catchUp() throws(LedgerError) { try ask {} }

  /// Asks a store that has been caught up. `body` may be run again, so it only reads.
  func ask<Result>(_ body: () throws -> Result) throws(LedgerError) -> Result {
    try attempt {
      guard place == .besideFile, try reader.horizon != nil || !returnToFile() else {
        try fold()
        return try body()
      }
      // The file's rows stand still for as long as they are asked together with what is beside them.
      let snapshot = try connection.beginReading()
      try foldBesideFile()
      let result = try body()
      try snapshot.commit()
      return result
    }
  }

  /// Folds some of what is lacking, one transaction's worth at most, if it is more than that; nothing where that cannot
  /// be done at once.
  package func foldSome(ifBehindBy least: Int64) throws(LedgerError) {
    guard place == .file, try reader.head().seq - position() > least, place == .file else { return }
    do { _ = try foldBatch() } catch let error as SQLiteError where error.kind == .busy {
    } catch { throw Self.ledgerError(error, reader) }
  }

  // MARK: Folding

  private func fold() throws {
    let head = try reader.head()
    if let checkpoint = try checkpoint(), checkpoint == (reader.ledgerID, head.seq, head.digest) {
      return
    }
    while try foldBatch() {}
  }

  /// Turns back to the file, if it can be written again; what was folded beside it is forgotten then.
  private func returnToFile() throws -> Bool {
    // SQLite begins to write a file that it may only read, and refuses what is written then.
    guard !isReadOnly else { return false }
    connection.waitForLocks(milliseconds: 0)
    defer { connection.waitForLocks(milliseconds: patience.rawValue) }
    do throws(SQLiteError) { _ = try connection.begin() } catch { return false }
    try ProjectionOverlay.end(connection)
    forgetOverlay()
    place = .file
    return true
  }

  private func foldBesideFile() throws {
    guard let start = try Self.checkpoint(of: connection, "main.checkpoint"),
      try Self.isOf(reader, start)
    else {
      // Nothing in the file is of use.
      throw SQLiteError.busy
    }
    let isNew = overlayStart.map { $0 != start } ?? true
    if let horizon = reader.horizon, start.seq >= horizon {
      if isNew { try rewind(to: horizon) }
      overlayStart = start
      return
    }
    if isNew || isRewound {
      forgetOverlay()
      try ProjectionOverlay.begin(connection)
      overlayStart = start
    }
    while try foldRows(after: checkpoint()?.seq ?? start.seq, upTo: .max) {}
  }

  private func rewind(to position: Seq) throws {
    if !isRewound {
      latestEnd = try ProjectionPast.begin(connection, at: position)
      isRewound = true
    }
    try ProjectionPast.goOn(connection, at: position, reader, since: overlayStart?.seq)
  }

  private func checkpoint() throws(SQLiteError) -> Checkpoint? {
    try Self.checkpoint(of: connection)
  }

  /// The last event that was folded.
  typealias Checkpoint = (ledgerID: String, seq: Seq, digest: Digest)

  static func checkpoint(
    of connection: borrowing Connection, _ table: String = "checkpoint"
  ) throws(SQLiteError) -> Checkpoint? {
    var statement = try connection.prepare("SELECT ledger_id, seq, digest FROM \(table)")
    guard try statement.step(), let digest = statement.digest(2) else {
      return nil
    }
    return (statement.text(0), statement.seq(1), digest)
  }

  /// Folds the next events, none behind `end`, in one transaction. Who is stopped meanwhile by a key (Ctrl-Z) is stopped
  /// behind it: others want the lock.
  /// - Returns: false when there are no more.
  func foldBatch(upTo end: Seq = .max) throws -> Bool {
    let stops = HeldStops()
    defer { stops.release() }
    let transaction = try begin()
    let hasMore = try foldRows(after: startOrReset(), upTo: end)
    try transaction.commit()
    return hasMore
  }

  /// Waits for whoever folds just now, as long as he comes on.
  private func begin() throws(SQLiteError) -> Transaction {
    var seen = try checkpoint()?.seq
    let deadline = MonotonicTime.now + Self.longestWait
    while true {
      do throws(SQLiteError) { return try connection.begin() } catch {
        guard error.kind == .busy, patience != .none else { throw error }
        let now = try checkpoint()?.seq
        guard now != seen, MonotonicTime.now < deadline else { throw error }
        seen = now
      }
    }
  }

  private func foldRows(after start: Seq, upTo end: Seq) throws -> Bool {
    var fold = try InstanceFold(connection)
    var moments = try MomentFold(connection)
    var last: (seq: Seq, digest: Digest)?
    var redacted: [InstanceID] = []
    let count = try reader.readEvents(after: start, upTo: end, limit: Self.batch) { event in
      if event.instance != nil {
        fold.apply(event)
      } else if event.kind == .historyRemoved {
        fold.hide(HistoryRemoved(event.json), by: event.seq, connection)
      } else if event.kind == .retained {
        fold.drop(Retained(event.json), by: event)
      } else if event.kind == .redacted, let instance = Redacted(event.json)?.instance {
        redacted.append(instance)
      }
      moments.apply(event)
      last = (event.seq, event.digest)
      return fold.bytes < Self.batchBytes
    }
    guard let last else { return false }
    for instance in redacted { try fold.redo(instance, reader, connection) }
    let isFull = count == Self.batch || fold.bytes >= Self.batchBytes
    try fold.save()
    try moments.save(lastOrder: fold.lastOrder, connection)
    try saveCheckpoint(last.seq, last.digest)
    return isFull
  }

  /// Tells whether the checkpoint is one of the ledger. The digest of an event that retention has dropped is not known
  /// any more.
  static func isOf(_ reader: LedgerReader, _ checkpoint: Checkpoint) throws -> Bool {
    guard checkpoint.ledgerID == reader.ledgerID else { return false }
    if let digest = try reader.digest(at: checkpoint.seq, withLater: true) {
      return digest == checkpoint.digest
    }
    return try reader.isDropped(checkpoint.seq)
  }

  private func saveCheckpoint(_ seq: Seq, _ digest: Digest) throws(SQLiteError) {
    var statement = try connection.prepare(
      "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)")
    try statement.bind(1, reader.ledgerID)
    try statement.bind(2, seq)
    try statement.bind(3, digest.bytes)
    try statement.bind(4, InstanceRecord.version)
    try statement.run()
  }

  /// Returns where to go on; the beginning, with everything dropped, when the checkpoint is not of this ledger.
  private func startOrReset() throws -> Seq {
    if let checkpoint = try checkpoint(), try Self.isOf(reader, checkpoint) {
      return checkpoint.seq
    }
    try connection.execute(
      "DELETE FROM instance; DELETE FROM kept; DELETE FROM moment; DELETE FROM boot; "
        + "DELETE FROM checkpoint")
    return .start
  }
}
