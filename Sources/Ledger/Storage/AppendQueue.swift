internal import Events
internal import Glibc
internal import Linux

/// The queue of all who append to one ledger: the kernel's flock on ledger.lock. Each transaction and each checkpoint
/// is inside it, for SQLite before 3.51.3 can lose a commit that meets a checkpoint of the same WAL
/// (sqlite.org/wal.html#walresetbug). Who cannot enter it writes nothing. A process that dies inside has left it.
struct AppendQueue: ~Copyable {
  /// Where the queue is: its directory may get another name.
  private(set) var directory: LedgerDirectory
  private var file: Descriptor
  private var identity: FileIdentity?
  /// The number of checkpoints at the end of this one's last turn; nil when it has had none with this file.
  private var checkpointsSeen: UInt64?
  /// What the others said when this one entered; none before that.
  private(set) var notes = QueueNotes.none

  /// - Throws: `unsafe` when the ledger's files can be reached past this queue.
  init(_ directory: LedgerDirectory) throws(LedgerError) {
    try Self.refuseOtherWays(directory)
    let file = try Self.open(directory)
    self.directory = directory
    identity = FileIdentity(of: file.fd)
    self.file = file
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
    let deadline = Clock.monotonicMicroseconds() + Int64(milliseconds) * 1000
    var left = milliseconds
    repeat {
      switch FileLock.acquire(file.fd, milliseconds: left) {
      case .locked where isAtItsName:
        try readNotes()
        return max(0, Int((deadline - Clock.monotonicMicroseconds()) / 1000))
      case .locked:
        if let moved = LedgerDirectory(ofQueue: file.fd), isLedger(moved) {
          directory = moved
          if isAtItsName {
            try readNotes()
            return max(0, Int((deadline - Clock.monotonicMicroseconds()) / 1000))
          }
        }
        // It was removed or replaced while we waited: by now others queue at another file.
        FileLock.release(file.fd)
        file = try Self.open(directory)
        identity = FileIdentity(of: file.fd)
        checkpointsSeen = nil
      case .timedOut: break
      case .failed(let errno):
        throw .noQueue(
          path: directory.path,
          reason: SystemCallError("flock", directory.queue, errno).description)
      }
      left = Int((deadline - Clock.monotonicMicroseconds()) / 1000)
    } while left > 0
    throw .queueTimedOut(path: directory.path, milliseconds: milliseconds)
  }

  func leave() { FileLock.release(file.fd) }

  private mutating func readNotes() throws(LedgerError) {
    do throws(LedgerError) { notes = try readNow() } catch {
      leave()
      throw error
    }
  }

  /// What the others say, as of now. Inside; outside what cannot be read counts as not said, and is found out at the next
  /// turn.
  func read() -> QueueNotes { (try? readNow()) ?? notes }

  /// The same, for who decides by what is not there.
  func readNow() throws(LedgerError) -> QueueNotes { try QueueNotes.read(file.fd, directory) }

  /// Whether somebody has checkpointed the WAL since the last turn, or may have. Asked inside, once a turn.
  mutating func wasCheckpointed(_ notes: QueueNotes) -> Bool {
    defer { checkpointsSeen = notes.checkpoints }
    return notes.checkpoints != checkpointsSeen
  }

  /// Tells the others of a checkpoint. Inside.
  mutating func countCheckpoint() {
    var count = read().checkpoints &+ 1
    _ = pwrite(file.fd, &count, 8, off_t(QueueNotes.Offset.checkpoints))
    checkpointsSeen = count
  }

  /// The kernel tells one process once that a flush has failed: to all others, and from then on, what was lost counts as
  /// written (fsync(2)). A failure is told outside too. A checkpoint that withdraws it in the same moment has made it
  /// good: what was to be flushed had been committed before.
  func noteFlush(hasFailed: Bool) {
    var mark: UInt8 = hasFailed ? 1 : 0
    _ = pwrite(file.fd, &mark, 1, off_t(QueueNotes.Offset.failedFlush))
  }

  /// Inside, after the commit: whoever finds this noted finds the event too.
  func noteHead(_ head: ChainPosition, of place: NotedPlace) {
    write(QueueNotes.bytes(head, place), at: QueueNotes.Offset.head)
  }

  /// Inside, before anything is appended through them: who has others open looks for these.
  func note(_ files: WALFiles) { write(QueueNotes.bytes(files), at: QueueNotes.Offset.walFiles) }

  /// The heads that were noted are of another ledger than the one to come. Inside, before there is an event.
  func forgetHeads() {
    write(QueueNotes.bytes(nil, nil), at: QueueNotes.Offset.head)
    forgetDurableHead()
  }

  /// What was on disk once is not what is there now. Inside.
  func forgetDurableHead() {
    alone { _ in write(QueueNotes.bytes(nil), at: QueueNotes.Offset.durableHead) }
  }

  /// Says that all events up to this one are on disk, unless somebody has said more. Many flush at once, outside, and who
  /// flushed less may come later, or when the ledger has been put aside: comparing and writing is one step for all.
  /// - Parameter notes: read a moment ago.
  func noteDurable(_ head: ChainPosition, of place: NotedPlace, _ notes: QueueNotes) {
    guard notes.lacksDurable(head, place) else { return }
    alone { isAlone in
      guard isAlone, read().lacksDurable(head, place) else { return }
      write(QueueNotes.bytes(head), at: QueueNotes.Offset.durableHead)
    }
  }

  /// Holds the lock of a byte, which the kernel drops with its process, while it runs `body`: two system calls. One that
  /// was stopped just there is not waited for: what is on disk stays there, and only the note of it is left to the next.
  private func alone(_ body: (_ isAlone: Bool) -> Void) {
    var isAlone = ByteLock.tryAcquire(file.fd, byte: QueueNotes.Offset.durableHead, .exclusive)
    for _ in 0..<20 where !isAlone {
      _ = Poll.wait(-1, for: .readable, milliseconds: 1)
      isAlone = ByteLock.tryAcquire(file.fd, byte: QueueNotes.Offset.durableHead, .exclusive)
    }
    body(isAlone)
    if isAlone { ByteLock.release(file.fd, byte: QueueNotes.Offset.durableHead) }
  }

  private func write(_ bytes: [UInt8], at offset: Int) {
    _ = pwrite(file.fd, bytes, bytes.count, off_t(offset))
  }

  /// Says that somebody lives who puts the ledger aside, or has done so and will say it: the kernel forgets it with the
  /// process. Inside.
  /// - Returns: false when another does.
  func claimSealing() -> Bool {
    ByteLock.tryAcquire(file.fd, byte: QueueNotes.Offset.sealing, .exclusive)
  }

  func disclaimSealing() { ByteLock.release(file.fd, byte: QueueNotes.Offset.sealing) }

  /// On disk when it returns: said before the ledger loses its name. Nil: there is another, and a person has been told;
  /// should that be forgotten, it is told once more. Inside.
  func noteSealing(_ name: String?) {
    var bytes = Array((name ?? "").utf8.prefix(QueueNotes.sealingLength))
    bytes += Array(repeating: 0, count: QueueNotes.sealingLength - bytes.count)
    write(bytes, at: QueueNotes.Offset.sealing)
    if name != nil { _ = fdatasync(file.fd) }
  }

  private var isAtItsName: Bool { identity != nil && FileIdentity(directory.queue) == identity }

  private static func open(_ directory: LedgerDirectory) throws(LedgerError) -> Descriptor {
    var info = stat()
    guard lstat(directory.queue, &info) != 0 || info.st_mode & S_IFMT == S_IFREG else {
      throw .unsafe(
        path: directory.path,
        reason: "ledger.lock is no regular file, so it cannot be the append queue",
        remedy: "move it away: the next taro makes it")
    }
    return try directory.openPrivate(directory.queue)
  }

  /// A database with two names has two queues, and, by its hard links, two WALs (sqlite.org/howtocorrupt.html, 2.5).
  private static func refuseOtherWays(_ directory: LedgerDirectory) throws(LedgerError) {
    var info = stat()
    guard lstat(directory.database, &info) == 0 else { return }
    guard info.st_mode & S_IFMT != S_IFLNK else {
      throw .unsafe(
        path: directory.path,
        reason: "ledger.db is a symbolic link, so others can write the file past this append queue",
        remedy: "name the directory that it is in, with --ledger or TARO_LEDGER")
    }
    try directory.refuseSpecialDatabase()
    guard info.st_nlink == 1 else {
      throw .unsafe(
        path: directory.path,
        reason: "ledger.db has \(info.st_nlink) names (hard links), and others can write the file "
          + "past this append queue",
        remedy: "remove the others; this finds them: find / -xdev -samefile \(directory.database)")
    }
  }
}
