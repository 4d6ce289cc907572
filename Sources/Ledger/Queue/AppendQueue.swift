internal import Events
internal import Glibc
internal import Linux

/// The queue of all who append to one ledger: the kernel's flock on ledger.lock. Each transaction and each checkpoint
/// is inside it, for SQLite before 3.51.3 can lose a commit that meets a checkpoint of the same WAL
/// (sqlite.org/wal.html#walresetbug). Who cannot enter it writes nothing. A process that dies inside has left it.
struct AppendQueue: ~Copyable {
  private(set) var file: QueueFile
  /// The number of checkpoints at the end of this one's last turn; nil when it has had none with this file.
  private var checkpointsSeen: UInt64?
  /// The notes of the others at the time when this one entered; none before that.
  private(set) var notes = QueueNotes.none

  /// The queue's directory, which may get another name.
  var directory: LedgerDirectory { file.directory }

  /// - Throws: `unsafe` when the ledger's files can be reached past this queue.
  init(_ directory: LedgerDirectory) throws(LedgerError) {
    try Self.refuseOtherWays(directory)
    file = try QueueFile(making: directory)
    checkpointsSeen = nil
  }

  /// Enters, waiting for those who came before.
  /// - Parameter isLedger: whether a directory has the ledger of this queue: asked of the one where the lock file is, when
  ///   that is no longer at its name.
  /// - Returns: what is left of the milliseconds.
  /// - Throws: `queueTimedOut`, `noQueue` where the file system has no such locks, or `inputOutput` where what the others
  ///   say cannot be read: nothing is written then.
  @discardableResult
  mutating func enter(
    milliseconds: Int, ofMoved isLedger: (LedgerDirectory) -> Bool = { _ in false }
  ) throws(LedgerError) -> Int {
    let deadline = MonotonicTime.now + Int64(milliseconds) * 1000
    var left = milliseconds
    repeat {
      switch file.lock(milliseconds: left) {
      case .locked:
        if file.isAtItsName || followMove(isLedger) {
          try readNotes()
          return max(0, Int((deadline - MonotonicTime.now) / 1000))
        }
        // It was removed or replaced while we waited: by now others queue at another file.
        file.unlock()
        file = try QueueFile(making: directory)
        checkpointsSeen = nil
      case .timedOut: break
      case .failed(let errno):
        throw .noQueue(
          path: directory.path,
          reason: SystemCallError("flock", directory.queue, errno).description)
      }
      left = Int((deadline - MonotonicTime.now) / 1000)
    } while left > 0
    throw .queueTimedOut(path: directory.path, milliseconds: milliseconds)
  }

  /// Follows the ledger's directory to its new name. Returns true when it has one.
  private mutating func followMove(_ isLedger: (LedgerDirectory) -> Bool) -> Bool {
    guard let moved = file.directoryNow(), isLedger(moved) else { return false }
    file.directory = moved
    return file.isAtItsName
  }

  func leave() { file.unlock() }

  private mutating func readNotes() throws(LedgerError) {
    do throws(LedgerError) { notes = try file.read() } catch {
      leave()
      throw error
    }
  }

  /// Tells whether somebody has checkpointed the WAL since the last turn, or may have. Asked inside, once a turn.
  mutating func wasCheckpointed(_ notes: QueueNotes) -> Bool {
    defer { checkpointsSeen = notes.checkpoints }
    return notes.checkpoints != checkpointsSeen
  }

  /// Tells the others of a checkpoint. Inside, where nobody else counts.
  mutating func countCheckpoint() {
    notes.checkpoints &+= 1
    file.note(checkpoints: notes.checkpoints)
    checkpointsSeen = notes.checkpoints
  }

  /// A database with two names has two queues, and, by its hard links, two WALs (sqlite.org/howtocorrupt.html, 2.5).
  private static func refuseOtherWays(_ directory: LedgerDirectory) throws(LedgerError) {
    var info = stat()
    guard unsafe lstat(directory.database, &info) == 0 else { return }
    guard info.st_mode & S_IFMT != S_IFLNK else {
      throw .unsafe(path: directory.path, .databaseIsLink)
    }
    try directory.refuseSpecialDatabase()
    guard info.st_nlink == 1 else {
      throw .unsafe(path: directory.path, .databaseHasNames(Int(info.st_nlink)))
    }
  }
}
