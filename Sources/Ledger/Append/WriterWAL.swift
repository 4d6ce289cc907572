internal import Glibc
internal import SQLite

/// The WAL and the index that a writer has open, which may be removed, or not be there.
extension LedgerWriter {
  /// A ledger that was restored from `VACUUM INTO` or the like is in another mode. Inside the queue.
  func enterWALMode() throws(LedgerError) {
    guard walFiles == nil else { return }
    do throws(SQLiteError) {
      try reader.connection.execute("PRAGMA journal_mode = WAL")
      // The WAL is made with the first read.
      _ = try reader.connection.integer("PRAGMA user_version")
    } catch { throw LedgerError(error, directory.path) }
    openWAL()
  }

  /// Turns to the WAL and the index that stand at their names: those that are open were removed, and somebody has appended
  /// through others. Inside the queue.
  /// - Throws: `damaged` when what was appended is there neither.
  func followWAL(_ notes: QueueNotes) throws(LedgerError) {
    if WALFiles(directory) != walFiles { try reopen() }
    hasFallenBehind = false
    guard case .missing(let events) = try Continuity.of(reader, notes, place),
      events.cause == .damage
    else { return }
    // The index was made of the WAL before others appended to that, through one that was removed: made anew, of all of it.
    unsafe unlink(directory.index)
    try reopen()
  }

  /// Nothing is appended to a WAL that has lost what its index tells of: nobody would find it there. Somebody has emptied or
  /// cut it, or written over it; or put another in the place of the one that others have open. Inside the queue.
  /// - Throws: `damaged` when what was appended is not there any more; `walTakenAway` when somebody else may have it.
  func refuseHollowWAL(_ notes: QueueNotes) throws(LedgerError) {
    guard isWALHollow else { return }
    guard notes.walFiles.map({ $0.wal == walFiles?.wal }) ?? true else {
      throw .walTakenAway(path: directory.path)
    }
    // Made anew, it tells of what is left.
    unsafe unlink(directory.index)
    do throws(LedgerError) { try reopen() } catch {
      // Its tables stood nowhere else.
      guard case .damaged = error else { throw error }
      throw Continuity.Emptiness.unmade.error(notes, directory) ?? error
    }
    // Where this process has the database open elsewhere, SQLite has kept the index.
    guard !isWALHollow else { throw .walTakenAway(path: directory.path) }
    if let walFiles { files.queue.file.note(walFiles) }
    try refuseOlder()
  }

  private var isWALHollow: Bool {
    guard let index = reader.connection.walIndex, index.pages > 0 else { return false }
    return files.flush?.lacks(index) ?? false
  }

  func reopen() throws(LedgerError) {
    statements = nil
    do throws(SQLiteError) { try reader.reopen() } catch {
      throw LedgerError(error, directory.path)
    }
    statements = try Self.prepare(reader, directory)
    openWAL()
  }
}
