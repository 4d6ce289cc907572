internal import Glibc
internal import Linux
internal import SQLite

/// Flushes of the WAL, and checkpoints, bring on disk what was appended.
extension LedgerWriter {
  /// Checkpoints the WAL when this connection's last commit left it grown and nobody has checkpointed it since.
  ///
  /// Before a commit, so that the commit begins the WAL anew: that it was checkpointed is forgotten with the last
  /// connection, and the next one would read it all again. A failure leaves the WAL as it is, and the next writer tries
  /// again.
  func checkpointIfGrown(
    _ checkpointing: Checkpointing, _ notes: QueueNotes
  ) throws(LedgerError) {
    if checkpointing == .emptying { return try emptyWAL() }
    guard !files.queue.wasCheckpointed(notes),
      reader.connection.walPages * LedgerFormat.pageBytes > checkpointing.rawValue
    else { return }
    try refuseOlder()
    do throws(SQLiteError) { try reader.connection.checkpointPassively() } catch {
      // Of its flushes one may have failed.
      if error.kind == .inputOutput { files.queue.file.noteFlush(hasFailed: true) }
      return
    }
    files.queue.countCheckpoint()
  }

  /// Others wait for the queue: a reader is not waited for as they are.
  private func emptyWAL() throws(LedgerError) {
    try refuseOlder()
    reader.connection.waitForLocks(milliseconds: 100)
    defer { reader.connection.waitForLocks(milliseconds: Int32(clamping: queueMilliseconds)) }
    do throws(SQLiteError) { isWALEmpty = try reader.connection.checkpointEmptying() } catch {
      if error.kind == .inputOutput { files.queue.file.noteFlush(hasFailed: true) }
      throw LedgerError(error, directory.path)
    }
    files.queue.countCheckpoint()
  }

  /// A checkpoint writes once more, into the database, what a failed flush of the WAL may have lost for good.
  func writeThroughCheckpoint() throws(LedgerError) {
    try refuseOlder()
    try refuseLostFrames()
    let isWhole: Bool
    do throws(SQLiteError) { isWhole = try reader.connection.checkpointPassively() } catch {
      throw LedgerError(error, directory.path)
    }
    files.queue.countCheckpoint()
    guard isWhole else {
      throw .inputOutput(
        path: directory.path,
        reason: "a flush of ledger.db-wal has failed, and what it may have lost cannot be written "
          + "again while somebody reads an older state")
    }
    files.queue.file.noteFlush(hasFailed: false)
  }

  /// After a failed flush the kernel may have forgotten what it could not write: the WAL has what stood there before then,
  /// and SQLite, which does not look at a frame twice, would copy that into the database.
  private func refuseLostFrames() throws(LedgerError) {
    // One that was removed is not read by its name.
    guard let walFiles, WALFiles(directory) == walFiles else { return }
    // One frame more tells how many there are: its number is that of the last.
    do throws(SQLiteError) {
      try reader.connection.execute("PRAGMA user_version = \(LedgerFormat.version)")
    } catch { throw LedgerError(error, directory.path) }
    guard WALFrames(directory.wal)?.readable ?? 0 < reader.connection.walPages else { return }
    // Made anew, the index ends before the first that is not whole: what is missing then is missing for everybody.
    unsafe unlink(directory.index)
    try reopen()
    if let walFiles = self.walFiles { files.queue.file.note(walFiles) }
    try refuseOlder()
  }

  /// Brings what is in the WAL into the database, as far as no reader needs it: the next commit begins the WAL anew then.
  package func checkpoint() throws(LedgerError) {
    try files.queue.enter(milliseconds: queueMilliseconds)
    defer { files.queue.leave() }
    try reopenIfReplaced()
    do throws(SQLiteError) { try reader.connection.checkpointPassively() } catch {
      throw LedgerError(error, directory.path)
    }
    files.queue.countCheckpoint()
  }

  /// Puts on disk what was appended by turns that did not wait for it: flushes the WAL. A checkpoint that has happened in
  /// between has flushed it too.
  package func flush(queueMilliseconds: Int? = nil) throws(LedgerError) {
    let appended = expected
    let isAtItsName: Bool
    do throws(SystemCallError) {
      if files.flush == nil { openWAL() }
      isAtItsName = try files.flush?.run() ?? false
    } catch {
      files.queue.file.noteFlush(hasFailed: true)
      throw LedgerError(error, directory.path)
    }
    // The kernel may have told somebody else, in the meantime, that it has lost something.
    let notes = try files.queue.file.read()
    if !isAtItsName || notes.hasFailedFlush { try writeThrough(isAtItsName, queueMilliseconds) }
    // What was committed before the flush began, by whomever.
    if let appended, let place { files.queue.file.noteDurable(appended, of: place, notes) }
  }

  /// Puts what was appended into the database, where a flush of the WAL does not count: it has failed for somebody, or the
  /// WAL was removed, and this connection is the one that still has it.
  private func writeThrough(
    _ isAtItsName: Bool, _ queueMilliseconds: Int?
  ) throws(LedgerError) {
    try enterQueue(queueMilliseconds)
    defer { files.queue.leave() }
    try reopenIfReplaced()
    let notes = files.queue.notes
    if !notes.damaged.contains(.head) { expected = notes.head }
    guard isAtItsName || notes.walFiles == walFiles else {
      throw .walTakenAway(path: directory.path)
    }
    try writeThroughCheckpoint()
    guard !isAtItsName else { return }
    // All of it is in the database: an index that knows of the removed WAL is not to be found any more, nor a WAL that was
    // put in its place.
    unsafe unlink(directory.index)
    LedgerSealing.putWALAside(directory)
    try reopen()
    if let walFiles { files.queue.file.note(walFiles) }
  }
}
