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

  func reopen() throws(LedgerError) {
    statements = nil
    do throws(SQLiteError) { try reader.reopen() } catch {
      throw LedgerError(error, directory.path)
    }
    statements = try Self.prepare(reader, directory)
    openWAL()
  }
}
