internal import Events
internal import Glibc
internal import Linux
internal import SQLite

/// Gives a ledger that was put aside a successor, under its name. Inside the append queue, where others wait.
enum LedgerSuccession {
  /// Has the successor made out of what can be read of the old one.
  /// - Parameters:
  ///   - sealed: stands in the directory.
  ///   - notes: what is known of the events that it had.
  /// - Returns: what the new ledger begins with; nil when there is none, and nothing stands at its name: too little could be
  ///   read, or not in time, or it could not be written.
  /// - Throws: `full`: it is tried again when there is room.
  static func restore(
    _ directory: LedgerDirectory, _ sealed: SealedLedger, _ notes: QueueNotes,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> Recovered? {
    guard !sealed.file.isEmpty else { return nil }
    let workshop = workshop(directory)
    // Of one who was killed.
    remove(workshop)
    defer { remove(workshop) }
    do throws(LedgerError) {
      guard
        let recovered = try recovery.restore(
          sealed, at: "\(directory.path)/\(sealed.file)", known: notes, in: workshop),
        try makeOneFile(workshop)
      else { return nil }
      try putInPlace(workshop, directory)
      return recovered
    } catch {
      guard case .full(_, let reason) = error else { return nil }
      throw .full(path: directory.path, reason: reason)
    }
  }

  /// Begins the new ledger without anything of the old one. It gets its name when it is whole: what stands there is never
  /// half a ledger.
  static func begin(_ directory: LedgerDirectory, _ sealed: SealedLedger) throws(LedgerError) {
    let workshop = workshop(directory)
    remove(workshop)
    defer { remove(workshop) }
    do throws(LedgerError) {
      try workshop.prepare()
      try LedgerCreation.run(workshop, sealed: sealed)
      guard try makeOneFile(workshop) else {
        throw .inputOutput(path: directory.path, reason: "what was begun cannot be made one file")
      }
      try putInPlace(workshop, directory)
    } catch {
      guard case .full(_, let reason) = error else { throw error }
      throw .full(path: directory.path, reason: reason)
    }
  }

  /// The file keeps its inode, by which the ledger knows that it is no copy.
  private static func putInPlace(
    _ workshop: LedgerDirectory, _ directory: LedgerDirectory
  ) throws(LedgerError) {
    // A database that was begun there has a WAL, which would be taken for that of this one.
    guard !directory.hasDatabase, unsafe access(directory.wal, F_OK) != 0 else {
      throw .inputOutput(path: directory.path, reason: "somebody else has begun a ledger")
    }
    guard unsafe rename(workshop.database, directory.database) == 0 else {
      throw LedgerError(SystemCallError("rename", workshop.database), directory.path)
    }
    do throws(SystemCallError) { try LedgerDirectory.sync(directory.path) } catch {
      throw LedgerError(error, directory.path)
    }
  }

  /// Brings the WAL into the database. False when it cannot be brought in whole.
  private static func makeOneFile(_ workshop: LedgerDirectory) throws(LedgerError) -> Bool {
    do throws(SQLiteError) {
      let connection = try LedgerReader.open(workshop.database, .readWrite)
      // Who has read nothing yet knows of no WAL.
      _ = try connection.integer("PRAGMA user_version")
      return try connection.checkpointPassively()
    } catch { throw LedgerError(error, workshop.path) }
  }

  /// Says what the ledger ends with: it is on disk. What was noted is of the one before.
  static func noteHead(
    of reader: LedgerReader, in queue: borrowing AppendQueue
  ) throws(LedgerError) {
    guard let place = NotedPlace(reader.directory) else { return }
    let last = try reader.head()
    let head = ChainPosition(seq: last.seq, digest: last.digest)
    queue.file.forgetDurableHead()
    queue.file.note(head, of: place)
    queue.file.noteDurable(head, of: place, try queue.file.read())
  }

  private static func workshop(_ directory: LedgerDirectory) -> LedgerDirectory {
    LedgerDirectory("\(directory.path)/.recovering")
  }

  /// Removes what somebody has left who was killed. Inside the queue.
  static func removeWorkshop(_ directory: LedgerDirectory) { remove(workshop(directory)) }

  private static func remove(_ workshop: LedgerDirectory) {
    for folder in [workshop.runDirectory, workshop.path] {
      // Nothing is removed through a link: unlink(2) takes that itself, and no directory.
      guard unsafe unlink(workshop.path) != 0, unsafe unlink(folder) != 0 else { continue }
      for name in DirectoryListing.names(in: folder) { unsafe unlink("\(folder)/\(name)") }
      unsafe rmdir(folder)
    }
  }
}
