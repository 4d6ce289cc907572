package import Events
internal import Glibc
package import Linux

/// `run/<instance>`, a FIFO that is there as long as the instance's runner: what tells others that it is alive, and
/// their bell.
///
/// Byte 0 is locked by the runner for its whole life; the kernel drops the lock with the process, whatever ended it.
/// Byte 1 is locked, shared, by each follower. A write rings: "look at the ledger". It is a FIFO because a FIFO can be
/// polled without an inotify instance, of which a user has 128.
package struct RunFile: ~Copyable, Sendable {
  private let descriptor: Descriptor
  private let instance: InstanceID
  private let path: String
  package var fd: Int32 { descriptor.fd }

  /// Makes and locks the file. The `created` event is appended after this, so that a live instance always has its
  /// lock.
  package init(_ instance: InstanceID, in directory: LedgerDirectory) throws(SystemCallError) {
    let path = directory.runFile(instance)
    // It gets its name when it is locked: nobody ever sees it free and takes its runner for gone.
    let unnamed = "\(directory.runDirectory)/.\(instance)"
    try Self.makeFIFO(unnamed, in: directory)
    defer { unsafe unlink(unnamed) }
    // A umask may have taken from us what we need.
    unsafe chmod(unnamed, 0o600)
    // Read and write: opening waits for no other end, and no end of file comes when a ringer goes.
    let descriptor = try Descriptor.open(unnamed, O_RDWR | O_NONBLOCK)
    guard ByteLock.tryAcquire(descriptor.fd, byte: 0, .exclusive) else {
      throw SystemCallError("lock", path)
    }
    guard unsafe link(unnamed, path) == 0 else { throw SystemCallError("link", path) }
    self.descriptor = descriptor
    self.instance = instance
    self.path = path
  }

  private static func makeFIFO(
    _ path: String, in directory: LedgerDirectory
  ) throws(SystemCallError) {
    if unsafe mkfifo(path, 0o600) == 0 { return }
    // Somebody has tidied the directory away since it was opened.
    guard errno == ENOENT, unsafe mkdir(directory.runDirectory, 0o700) == 0,
      unsafe mkfifo(path, 0o600) == 0
    else { throw SystemCallError("mkfifo", path) }
  }

  /// True while somebody follows the instance's output.
  package var isFollowed: Bool { ByteLock.isHeld(descriptor.fd, byte: 1) }

  /// A ring has arrived that is not forgotten.
  package var hasRung: Bool { Poll.wait(descriptor.fd, for: .readable, milliseconds: 0) }

  /// Forgets the rings that have arrived.
  package func clearRings() {
    unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      while case .bytes = unsafe RawIO.read(descriptor.fd, into: buffer) {}
    }
  }

  /// While this is wanted a ring lets this process go on when it is stopped (SIGCONT).
  package func continuesStopped(_ isWanted: Bool) {
    SelfStop.goOnWhenReadable(descriptor.fd, isWanted)
  }

  /// True when somebody has removed the file: nobody rings there any more but past its name.
  package var hasLostName: Bool {
    var info = stat()
    return unsafe fstat(descriptor.fd, &info) == 0 && info.st_nlink == 0
  }

  /// Removes the file, after the terminal event is on disk.
  package consuming func remove() {
    // The ledger's directory may have got another name meanwhile.
    guard unsafe unlink(path) != 0, errno == ENOENT,
      let folder = RunFiles.folder(of: descriptor.fd, instance)
    else { return }
    unsafe unlink("\(folder)/\(instance)")
  }
}

/// Run files as others than their runners use them.
package enum RunFiles {
  package enum Life: Sendable {
    case alive
    /// No process holds the lock, and none ever will again.
    case gone
    /// The file may not be opened by this user.
    case unknown
  }

  package static func life(of instance: InstanceID, in directory: LedgerDirectory) -> Life {
    do throws(SystemCallError) {
      let file = try Descriptor.open(directory.runFile(instance), O_RDONLY | O_NONBLOCK)
      return ByteLock.isHeld(file.fd, byte: 0) ? .alive : .gone
    } catch {
      return error.errno == .noEntry ? .gone : .unknown
    }
  }

  /// Tells the runner to look at the ledger; nothing happens when there is none.
  /// - Returns: what has kept it from being told, three times.
  @discardableResult
  package static func ring(
    _ instance: InstanceID, in directory: LedgerDirectory
  ) -> SystemCallError? {
    var failure: SystemCallError?
    for _ in 0..<3 {
      do throws(SystemCallError) {
        // Read and write: this can neither wait for a dead runner nor get SIGPIPE from one that is just going.
        let file = try Descriptor.open(directory.runFile(instance), O_RDWR | O_NONBLOCK)
        var byte: UInt8 = 0
        // A full FIFO has rung already.
        if unsafe write(file.fd, &byte, 1) == 1 || errno == EAGAIN { return nil }
        throw SystemCallError("write", directory.runFile(instance))
      } catch {
        if error.errno == .noEntry { return nil }
        failure = error
      }
    }
    return failure
  }

  /// Tells all runners.
  static func ringAll(in directory: LedgerDirectory) {
    for name in DirectoryListing.names(in: directory.runDirectory) {
      if let instance = InstanceID(name) { ring(instance, in: directory) }
    }
  }

  package static func remove(_ instance: InstanceID, in directory: LedgerDirectory) {
    unsafe unlink(directory.runFile(instance))
  }
}

/// A follower's mark on a live instance: while it is held, the runner flushes output after 10 ms.
package struct FollowMark: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// Takes the mark; nil when the instance is not live.
  package init?(_ instance: InstanceID, in directory: LedgerDirectory) {
    guard let file = try? Descriptor.open(directory.runFile(instance), O_RDONLY | O_NONBLOCK),
      ByteLock.isHeld(file.fd, byte: 0), ByteLock.tryAcquire(file.fd, byte: 1, .shared)
    else { return nil }
    descriptor = file
  }
}
