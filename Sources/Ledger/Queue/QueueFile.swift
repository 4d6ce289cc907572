package import Events
internal import Glibc
internal import Linux

/// ledger.lock: its `flock` is the append queue, and its bytes are what those who append tell each other. Nobody else
/// opens it, and nobody else knows where in it what stands.
///
/// What is noted inside the queue is one writer's at a time. Outside, the mark of a failed flush is one write that needs
/// no other; and the last event on disk is compared and written under a byte lock of its own. Who reads without the
/// queue may meet a write in the middle: so what does not fit its checksum is read again.
package struct QueueFile: ~Copyable {
  /// The file's directory, which may get another name.
  var directory: LedgerDirectory
  private let file: Descriptor
  private let identity: FileIdentity?

  /// Opens it, and makes it when it is missing.
  /// - Throws: `unsafe` where it is no file; why it cannot be opened.
  init(making directory: LedgerDirectory) throws(LedgerError) {
    try Self.refuseSpecial(directory)
    self.init(directory, try directory.openPrivate(directory.queue))
  }

  /// Opens it to note something; nil where it is not there, or cannot be written.
  init?(existing directory: LedgerDirectory) {
    guard let file = try? Descriptor.openRegular(directory.queue, O_RDWR) else { return nil }
    self.init(directory, file)
  }

  private init(_ directory: LedgerDirectory, _ file: consuming Descriptor) {
    self.directory = directory
    identity = FileIdentity(of: file.fd)
    self.file = file
  }

  private static func refuseSpecial(_ directory: LedgerDirectory) throws(LedgerError) {
    var info = stat()
    guard unsafe lstat(directory.queue, &info) != 0 || info.st_mode & S_IFMT == S_IFREG else {
      throw .unsafe(path: directory.path, .queueIsSpecial)
    }
  }

  private static func unreadable(
    _ error: SystemCallError, _ directory: LedgerDirectory
  ) -> LedgerError {
    .inputOutput(
      path: directory.path,
      reason: "ledger.lock cannot be read, which says what has to be in the ledger: \(error)")
  }

  // MARK: The queue

  /// Waits for those who came before.
  func lock(milliseconds: Int) -> FileLock.Outcome {
    FileLock.acquire(file.fd, milliseconds: milliseconds)
  }

  func unlock() { FileLock.release(file.fd) }

  /// False when it was removed, or another stands at its name: others queue there.
  var isAtItsName: Bool { identity != nil && FileIdentity(directory.queue) == identity }

  /// The directory where it is now; nil when it was removed, or has got a name of its own.
  func directoryNow() -> LedgerDirectory? { LedgerDirectory(ofQueue: file.fd) }

  // MARK: Reading

  /// The number of readings, a millisecond apart, until what does not fit is believed.
  private static let readings = 3

  /// Reads the others' notes, as of now. One system call.
  /// - Throws: `inputOutput` where it cannot be read: that is not to be taken for one in which nothing was ever noted.
  func read() throws(LedgerError) -> QueueNotes { try Self.read(file.fd, directory) }

  private static func read(
    _ fd: Int32, _ directory: LedgerDirectory
  ) throws(LedgerError) -> QueueNotes {
    var notes = try readOnce(fd, directory)
    for _ in 1..<readings where !notes.damaged.isEmpty {
      _ = Poll.wait(-1, for: .readable, milliseconds: 1)
      notes = try readOnce(fd, directory)
    }
    // An earlier version that has noted others since has left the checksum as it was.
    if notes.damaged.contains(.walFiles), notes.walFiles == WALFiles(directory) {
      notes.damaged.remove(.walFiles)
    }
    return notes
  }

  private static func readOnce(
    _ fd: Int32, _ directory: LedgerDirectory
  ) throws(LedgerError) -> QueueNotes {
    do throws(SystemCallError) {
      return QueueLayout.notes(try RawIO.read(fd, QueueLayout.Offset.end, at: 0))
    } catch { throw unreadable(error, directory) }
  }

  /// For who only reads: nothing where there is no such file. Three system calls.
  package static func read(_ directory: LedgerDirectory) throws(LedgerError) -> QueueNotes {
    let file: Descriptor
    do throws(SystemCallError) {
      file = try Descriptor.openRegular(directory.queue, O_RDONLY)
    } catch {
      guard error.errno != .noEntry, error.errno != .notDirectory else { return .none }
      throw unreadable(error, directory)
    }
    return try read(file.fd, directory)
  }

  // MARK: Noting, inside the queue

  /// After the commit: whoever finds this noted finds the event too.
  func note(_ head: ChainPosition, of place: NotedPlace) {
    write(QueueLayout.head(head, place), at: QueueLayout.Offset.head)
  }

  /// Before anything is appended through them: who has others open looks for these.
  func note(_ files: WALFiles) {
    write(QueueLayout.walFiles(files), at: QueueLayout.Offset.walFiles)
  }

  /// After a checkpoint.
  func note(checkpoints: UInt64) {
    unsafe withUnsafeBytes(of: checkpoints) {
      unsafe write(Array($0), at: QueueLayout.Offset.checkpoints)
    }
  }

  /// The heads that were noted are of another ledger than the one to come. Before there is an event.
  func forgetHeads() {
    write(QueueLayout.head(nil, nil), at: QueueLayout.Offset.head)
    forgetDurableHead()
  }

  /// Forgets the head that was on disk once: it is not what is there now.
  func forgetDurableHead() {
    alone { _ in
      write(QueueLayout.durableHead(nil, of: nil), at: QueueLayout.Offset.durableHead)
    }
  }

  /// On disk when it returns: said before the ledger loses its name. Nil: there is another, and a person has been told;
  /// should that be forgotten, it is told once more.
  func noteSealing(_ name: String?) {
    write(QueueLayout.sealing(name), at: QueueLayout.Offset.sealing)
    if name != nil { _ = fdatasync(file.fd) }
  }

  /// Says that somebody lives who puts the ledger aside, or has done so and will say it: the kernel forgets it with the
  /// process.
  /// - Returns: false when another does.
  func claimSealing() -> Bool {
    ByteLock.tryAcquire(file.fd, byte: QueueLayout.Lock.sealing, .exclusive)
  }

  func disclaimSealing() { ByteLock.release(file.fd, byte: QueueLayout.Lock.sealing) }

  // MARK: Noting, outside too

  /// The kernel tells one process once that a flush has failed: to all others, and from then on, what was lost counts as
  /// written (fsync(2)). A failure is told outside too. A checkpoint that withdraws it in the same moment has made it
  /// good: what was to be flushed had been committed before.
  func noteFlush(hasFailed: Bool) {
    write(QueueLayout.bytes(hasFailedFlush: hasFailed), at: QueueLayout.Offset.failedFlush)
  }

  /// Says that all events up to this one are on disk, unless somebody has said more. Many flush at once, outside, and who
  /// flushed less may come later, or when the ledger has been put aside: comparing and writing is one step for all.
  /// - Parameter notes: read a moment ago.
  func noteDurable(_ head: ChainPosition, of place: NotedPlace, _ notes: QueueNotes) {
    guard notes.lacksDurable(head, place) else { return }
    alone { isAlone in
      // Where it cannot be read, the note is left to the next who flushes.
      guard isAlone, let now = try? read(), now.lacksDurable(head, place) else { return }
      write(QueueLayout.durableHead(head, of: place.file), at: QueueLayout.Offset.durableHead)
    }
  }

  /// Holds the lock of a byte, which the kernel drops with its process, while it runs `body`: two system calls. One that
  /// was stopped just there is not waited for: what is on disk stays there, and only the note of it is left to the next.
  private func alone(_ body: (_ isAlone: Bool) -> Void) {
    let byte = QueueLayout.Lock.durableHead
    var isAlone = ByteLock.tryAcquire(file.fd, byte: byte, .exclusive)
    for _ in 0..<20 where !isAlone {
      _ = Poll.wait(-1, for: .readable, milliseconds: 1)
      isAlone = ByteLock.tryAcquire(file.fd, byte: byte, .exclusive)
    }
    body(isAlone)
    if isAlone { ByteLock.release(file.fd, byte: byte) }
  }

  private func write(_ bytes: [UInt8], at offset: Int) {
    _ = unsafe pwrite(file.fd, bytes, bytes.count, off_t(offset))
  }

  // MARK: Without a queue

  /// Tells whoever only asks whether somebody lives who is putting the ledger aside.
  static func isBeingSealed(_ directory: LedgerDirectory) -> Bool {
    guard let file = try? Descriptor.openRegular(directory.queue, O_RDONLY) else { return false }
    return ByteLock.isHeld(file.fd, byte: QueueLayout.Lock.sealing)
  }

  /// Begins retention where nobody has begun it by himself within that interval (microseconds). A time to come, from a
  /// clock that was wrong, counts for nothing; so one that was changed makes retention come early or an interval late, and
  /// needs no checksum. Beside the lock: of two who look at the same moment both may begin, and do no harm.
  /// - Returns: false as well where there is no ledger. Three or four system calls.
  package static func beginRetention(
    _ directory: LedgerDirectory, every interval: Int64, now: WallTime
  ) -> Bool {
    guard let queue = QueueFile(existing: directory) else { return false }
    var last: Int64 = 0
    let offset = off_t(QueueLayout.Offset.retention)
    _ = unsafe pread(queue.file.fd, &last, 8, offset)
    guard last < 0 || last > now.microseconds || now.microseconds &- last >= interval else {
      return false
    }
    var begun = now.microseconds
    return unsafe pwrite(queue.file.fd, &begun, 8, offset) == 8
  }
}
