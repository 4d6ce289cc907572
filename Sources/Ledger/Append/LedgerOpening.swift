internal import Events
internal import Glibc
internal import SQLite

/// Opens a ledger for writing: the one that is there, or one that is made because there is none, or none that can be
/// used.
enum LedgerOpening {
  struct Opened {
    let reader: LedgerReader
    let file: FileIdentity?
    /// The notes in ledger.lock that were found to say nothing.
    var damagedNotes: DamagedNotes?
    /// The ledger that was put aside on the way.
    var sealed: SealedLedger?
  }

  /// Opens the ledger that is there.
  /// - Parameter milliseconds: how long SQLite's locks are waited for.
  /// - Throws: `damaged` when it is so damaged that nothing can be appended, or has lost what was appended; `interrupted`.
  static func existing(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory,
    milliseconds: Int32 = LedgerDirectory.busyMilliseconds
  ) throws(LedgerError) -> Opened? {
    while directory.hasDatabase {
      let file = FileIdentity(directory.database)
      do throws(LedgerError) {
        let notes = try queue.file.read()
        let reader = try reader(directory, file, notes, milliseconds)
        // Put aside meanwhile: what is open may be the WAL of one and the database of another.
        guard FileIdentity(directory.database) == file else { continue }
        guard let reader else { return nil }
        return Opened(reader: reader, file: file, damagedNotes: try reader.doubts(notes))
      } catch {
        // Nor is what it said of the one any reason not to open the other.
        guard directory.hasDatabase, FileIdentity(directory.database) == file else { continue }
        throw error
      }
    }
    return try nothing(.gone, directory, queue.file.read())
  }

  /// There is no ledger, and that is as it has to be.
  private static func nothing<Ledger>(
    _ emptiness: Continuity.Emptiness, _ directory: LedgerDirectory, _ notes: QueueNotes
  ) throws(LedgerError) -> Ledger? {
    if let error = emptiness.error(notes, directory) { throw error }
    return nil
  }

  private static func reader(
    _ directory: LedgerDirectory, _ file: FileIdentity?, _ notes: QueueNotes,
    _ milliseconds: Int32
  ) throws(LedgerError) -> LedgerReader? {
    // One without any bytes is not opened: SQLite would remove its WAL.
    guard try directory.databaseBytes() > 0 else { return try nothing(.empty, directory, notes) }
    let reader: LedgerReader
    do throws(SQLiteError) {
      reader = try LedgerReader(directory, .readWrite, file, busyMilliseconds: milliseconds)
    } catch { throw Self.error(error, directory) }
    guard reader.formatVersion != 0 else { return try nothing(.unmade, directory, notes) }
    try reader.refuseNewerFormat()
    guard reader.hasID else {
      throw .damaged(path: directory.path, reason: "its id cannot be read")
    }
    // Damage to the schema shows in what names its tables.
    do throws(SQLiteError) {
      _ = try EventInsertion(reader.connection)
      _ = try reader.uncheckedHead()
    } catch { throw Self.error(error, directory) }
    if case .missing(let events) = try Continuity.of(reader, notes, NotedPlace(directory)),
      events.cause == .damage
    {
      throw .damaged(path: directory.path, reason: events.description)
    }
    return reader
  }

  /// SQL that is right, and SQLite finds wrong: the tables are not what they were.
  static func error(_ error: SQLiteError, _ directory: LedgerDirectory) -> LedgerError {
    error.isOfSQL
      ? .damaged(path: directory.path, reason: error.message) : LedgerError(error, directory.path)
  }

  /// Waits for the queue, so that of many who find no ledger only one makes it.
  static func inside(
    _ queue: inout AppendQueue, _ directory: LedgerDirectory, milliseconds: Int,
    recovery: (any DamageRecovery)?
  ) throws(LedgerError) -> Opened {
    try queue.enter(milliseconds: milliseconds)
    defer { queue.leave() }
    return try inside(queue, directory, recovery: recovery)
  }

  /// Inside the queue.
  static func inside(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory,
    recovery: (any DamageRecovery)?
  ) throws(LedgerError) -> Opened {
    do throws(LedgerError) {
      // Who waited for the queue may find it made.
      if let made = try existingAnew(queue, directory) { return made }
      return try make(queue, directory)
    } catch {
      guard let recovery else { throw error }
      switch error {
      case .damaged(_, let reason): return try replace(queue, directory, reason, recovery)
      case .interrupted(_, let file): return try goOn(queue, directory, file, recovery)
      default: throw error
      }
    }
  }

  /// The same; what an index tells of that was made before others appended to the WAL, or of a WAL that was emptied since, does
  /// not count. Inside the queue.
  private static func existingAnew(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory
  ) throws(LedgerError) -> Opened? {
    do throws(LedgerError) { return try existing(queue, directory) } catch {
      switch error {
      case .damaged, .walTakenAway: break
      default: throw error
      }
      guard let noted = try queue.file.read().walFiles, let named = WALFiles(directory) else {
        throw error
      }
      if isWALHollow(directory) {
        // Somebody may have what was in another; what was in this one nobody has.
        guard named.wal == noted.wal else { throw .walTakenAway(path: directory.path) }
      } else if named.index == noted.index {
        throw error
      }
      // SQLite makes it anew, of the whole WAL.
      unsafe unlink(directory.index)
      return try existing(queue, directory)
    }
  }

  /// Tells whether an index that others have open speaks of more than stands in the WAL, or of another one. Where nobody
  /// has it open, it tells of nothing: SQLite makes it anew.
  private static func isWALHollow(_ directory: LedgerDirectory) -> Bool {
    guard let connection = try? LedgerReader.open(directory.database, .readWrite) else {
      return false
    }
    // Whatever comes of it: it has the index then.
    _ = try? connection.integer("PRAGMA user_version")
    guard let index = connection.walIndex, let flush = try? WALFlush(directory) else {
      return false
    }
    return index.pages > 0 && flush.lacks(index)
  }

  private static func make(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory
  ) throws(LedgerError) -> Opened {
    let notes = try queue.file.read()
    queue.file.forgetHeads()
    if notes.sealing != nil || notes.damaged.contains(.sealing) { queue.file.noteSealing(nil) }
    try LedgerCreation.run(directory, sealed: nil)
    LedgerReserve.make(in: directory)
    // Whoever lives has to begin again in this one, and may not have waited for it in the queue.
    RunFiles.ringAll(in: directory)
    guard let made = try existing(queue, directory) else { throw .missing(path: directory.path) }
    return made
  }

  /// Puts the damaged ledger aside and makes another. Inside the queue.
  static func replace(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ reason: String,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> Opened {
    try replace(queue, directory, recovery) { queue throws(LedgerError) in
      try LedgerSealing.putAside(queue, directory, reason, recovery)
    }
  }

  /// The same where somebody has begun it.
  private static func goOn(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ name: String,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> Opened {
    try replace(queue, directory, recovery) { queue throws(LedgerError) in
      try LedgerSealing.goOn(queue, directory, name, recovery)
    }
  }

  private static func replace(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ recovery: any DamageRecovery,
    _ seal: (borrowing AppendQueue) throws(LedgerError) -> SealedLedger
  ) throws(LedgerError) -> Opened {
    _ = queue.file.claimSealing()
    do throws(LedgerError) {
      return try succeed(try seal(queue), queue, directory, recovery)
    } catch {
      queue.file.disclaimSealing()
      throw error
    }
  }

  /// Makes the ledger that takes the place of that one. The heads are the old one's until it has it, so that who is killed
  /// here leaves to the next what is known of the old one.
  private static func succeed(
    _ sealed: SealedLedger, _ queue: borrowing AppendQueue, _ directory: LedgerDirectory,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> Opened {
    let notes = try queue.file.read()
    let recovered = try LedgerSuccession.restore(directory, sealed, notes, recovery)
    if recovered == nil { try LedgerSuccession.begin(directory, sealed) }
    LedgerReserve.make(in: directory)
    // Whoever lives has to begin again in this one, and may not have waited for it in the queue.
    RunFiles.ringAll(in: directory)
    guard var made = try existing(queue, directory) else { throw .missing(path: directory.path) }
    try LedgerSuccession.noteHead(of: made.reader, in: queue)
    made.sealed = sealed
    made.sealed?.recovered = recovered
    return made
  }
}
