internal import Glibc
internal import Linux

/// The queue of all who append to one ledger: the kernel's flock on ledger.lock. Each transaction and each checkpoint
/// is inside it, for SQLite before 3.51.3 can lose a commit that meets a checkpoint of the same WAL
/// (sqlite.org/wal.html#walresetbug). Who cannot enter it writes nothing. A process that dies inside has left it.
struct AppendQueue: ~Copyable {
  private let directory: LedgerDirectory
  private var file: Descriptor
  /// The number of checkpoints at the end of this one's last turn; nil when it has had none with this file.
  private var checkpointsSeen: UInt64?

  /// - Throws: `unsafe` when the ledger's files can be reached past this queue.
  init(_ directory: LedgerDirectory) throws(LedgerError) {
    try Self.refuseOtherWays(directory)
    let file = try Self.open(directory)
    self.directory = directory
    self.file = file
    checkpointsSeen = nil
  }

  /// Enters, waiting for those who came before.
  /// - Returns: what is left of the milliseconds.
  /// - Throws: `queueTimedOut`, or `noQueue` where the file system has no such locks.
  @discardableResult
  mutating func enter(milliseconds: Int) throws(LedgerError) -> Int {
    let deadline = Clock.monotonicMicroseconds() + Int64(milliseconds) * 1000
    var left = milliseconds
    repeat {
      switch FileLock.acquire(file.fd, milliseconds: left) {
      case .locked where isAtItsName:
        return max(0, Int((deadline - Clock.monotonicMicroseconds()) / 1000))
      case .locked:
        // It was removed or replaced while we waited: by now others queue at another file.
        FileLock.release(file.fd)
        file = try Self.open(directory)
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

  /// Whether somebody has checkpointed the WAL since the last turn, or may have: the file holds the number of
  /// checkpoints. Asked inside, once a turn.
  mutating func wasCheckpointed() -> Bool {
    let count = checkpoints
    defer { checkpointsSeen = count }
    return count != checkpointsSeen
  }

  /// Tells the others of a checkpoint. Inside.
  mutating func countCheckpoint() {
    var count = checkpoints &+ 1
    _ = pwrite(file.fd, &count, 8, 0)
    checkpointsSeen = count
  }

  private var checkpoints: UInt64 {
    var count: UInt64 = 0
    _ = pread(file.fd, &count, 8, 0)
    return count
  }

  /// Whether a flush of the WAL has failed that no checkpoint has made good. The kernel tells one process once: to all
  /// others, and from then on, what was lost counts as written (fsync(2)).
  var hasFailedFlush: Bool {
    var mark: UInt8 = 0
    return pread(file.fd, &mark, 1, Self.flushOffset) == 1 && mark != 0
  }

  /// A failure is told outside too. A checkpoint that withdraws it in the same moment has made it good: what was to be
  /// flushed had been committed before.
  func noteFlush(hasFailed: Bool) {
    var mark: UInt8 = hasFailed ? 1 : 0
    _ = pwrite(file.fd, &mark, 1, Self.flushOffset)
  }

  private static let flushOffset: off_t = 16

  /// The last event that was appended by whoever knew of this queue; nil when nobody has said so. A copy of the ledger, or
  /// one that was put back, shows by not having it.
  var notedHead: ChainPosition? {
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.headLength) { buffer, count in
      count = max(0, pread(file.fd, buffer.baseAddress, buffer.count, Self.headOffset))
    }
    guard bytes.count == Self.headLength, let digest = Digest(Array(bytes[8...])) else {
      return nil
    }
    let seq = bytes[..<8].reduce(0) { $0 << 8 | Int64($1) }
    return seq > 0 ? ChainPosition(seq: seq, digest: digest) : nil
  }

  /// Nil: the ledger is a new one. Inside, after the commit.
  func noteHead(_ head: ChainPosition?) {
    var bytes: [UInt8] = []
    withUnsafeBytes(of: (head?.seq ?? 0).bigEndian) { bytes.append(contentsOf: $0) }
    bytes += head?.digest.bytes ?? Array(repeating: 0, count: 32)
    _ = pwrite(file.fd, bytes, bytes.count, Self.headOffset)
  }

  /// The file name of a ledger that is put aside and for which there is no other yet; nil when there is none, or nobody
  /// has said so.
  var notedSealing: String? {
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.sealingLength) { buffer, count in
      count = max(0, pread(file.fd, buffer.baseAddress, buffer.count, Self.sealingOffset))
    }
    let name = bytes.prefix { $0 != 0 }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }

  /// On disk when it returns: said before the ledger loses its name. Nil: there is another. Inside.
  func noteSealing(_ name: String?) {
    var bytes = Array((name ?? "").utf8.prefix(Self.sealingLength))
    bytes += Array(repeating: 0, count: Self.sealingLength - bytes.count)
    _ = pwrite(file.fd, bytes, bytes.count, Self.sealingOffset)
    _ = fdatasync(file.fd)
  }

  private static let sealingOffset: off_t = 128
  private static let sealingLength = 64

  /// Within one sector, so that a power cut leaves all of it or nothing.
  private static let headOffset: off_t = 64
  private static let headLength = 40

  private var isAtItsName: Bool {
    var (opened, named) = (stat(), stat())
    return fstat(file.fd, &opened) == 0 && lstat(directory.queue, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

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
