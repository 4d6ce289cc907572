internal import CLinux
internal import Glibc

/// An open file descriptor, closed when its owner ends. Always close-on-exec: what taro opens never
/// reaches a job.
package struct Descriptor: ~Copyable, Sendable {
  package let fd: Int32

  package init(owning fd: Int32) { self.fd = fd }

  deinit { _ = Glibc.close(fd) }

  /// Gives the descriptor to somebody who closes it.
  package consuming func release() -> Int32 {
    let fd = fd
    discard self
    return fd
  }

  package static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemCallError) -> Descriptor {
    while true {
      let fd = unsafe clinux_open(path, flags | O_CLOEXEC, mode)
      if fd >= 0 { return Descriptor(owning: fd) }
      guard errno == EINTR else { throw SystemCallError("open", path) }
    }
  }

  /// Opens a plain file, and never waits: opening a FIFO would, for its other end, and so would reading it.
  /// - Throws: EISDIR for a directory, ENXIO for whatever else is no plain file.
  package static func openRegular(
    _ path: String, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemCallError) -> Descriptor {
    let file = try open(path, flags | O_NONBLOCK | O_NOCTTY, mode: mode)
    var info = stat()
    guard unsafe fstat(file.fd, &info) == 0 else { throw SystemCallError("fstat", path) }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw SystemCallError(
        "open", path, Errno(info.st_mode & S_IFMT == S_IFDIR ? EISDIR : ENXIO))
    }
    return file
  }

  /// Another descriptor for the same open file.
  package static func duplicate(_ fd: Int32) throws(SystemCallError) -> Descriptor {
    let copy = clinux_fcntl(fd, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemCallError("fcntl") }
    return Descriptor(owning: copy)
  }

  /// A file without a name in the directory for temporary files (TMPDIR, else /tmp), gone with its descriptor.
  package static func unnamedFile() throws(SystemCallError) -> Descriptor {
    let directory = Environment.value("TMPDIR") ?? "/tmp"
    let fd = unsafe clinux_unnamed_file(directory)
    guard fd >= 0 else { throw SystemCallError("open", directory) }
    return Descriptor(owning: fd)
  }

  /// /dev/null for writing; where there is none, say in a chroot, a socket that does the same with up to 200 KiB in one
  /// write.
  package static func discarding() throws(SystemCallError) -> Descriptor {
    let fd = openDiscarding()
    guard fd >= 0 else { throw SystemCallError("open", "/dev/null") }
    return Descriptor(owning: fd)
  }

  fileprivate static func openDiscarding() -> Int32 {
    let null = unsafe clinux_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
    return null >= 0 ? null : clinux_discarding_socket()
  }

  /// Opens something that has ended already when it is read.
  package static func empty() throws(SystemCallError) -> Descriptor {
    if let null = try? open("/dev/null", O_RDONLY) { return null }
    return readEnd(try pipe())
  }

  private static func readEnd(_ pipe: consuming Pipe) -> Descriptor { pipe.read }

  /// A pipe: what is written to `write` is read from `read`. Both ends block.
  package static func pipe() throws(SystemCallError) -> Pipe {
    var ends: [Int32] = [-1, -1]
    guard unsafe clinux_pipe(&ends) == 0 else { throw SystemCallError("pipe2") }
    return Pipe(read: Descriptor(owning: ends[0]), write: Descriptor(owning: ends[1]))
  }

  @frozen package struct Pipe: ~Copyable {
    package var read: Descriptor
    package var write: Descriptor
    package init(read: consuming Descriptor, write: consuming Descriptor) {
      self.read = read
      self.write = write
    }
  }
}

/// The outcome of one call of read(2) or write(2).
package enum Transfer: Equatable, Sendable {
  case bytes(Int)
  /// End of file; never for a write.
  case end
  /// The descriptor is non-blocking and has nothing to give or no room.
  case wouldBlock
  case failed(Errno)
}

package enum RawIO {
  package static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = unsafe Glibc.read(fd, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(.current)
      }
    }
  }

  package static func write(_ fd: Int32, _ buffer: UnsafeRawBufferPointer) -> Transfer {
    while true {
      let count = unsafe Glibc.write(fd, buffer.baseAddress, buffer.count)
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(.current)
      }
    }
  }

  /// Writes all of it, waiting where the descriptor is non-blocking.
  package static func writeAll(_ fd: Int32, _ buffer: UnsafeRawBufferPointer)
    throws(SystemCallError)
  {
    var rest = unsafe buffer
    while unsafe !rest.isEmpty {
      switch unsafe write(fd, rest) {
      case .bytes(let count): unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[count...])
      case .wouldBlock: _ = Poll.wait(fd, for: .writable, milliseconds: -1)
      case .failed(let errno): throw SystemCallError("write", nil, errno)
      case .end: return
      }
    }
  }

  package static func writeAll(_ fd: Int32, _ text: String) throws(SystemCallError) {
    var text = text
    var failure: SystemCallError?
    text.withUTF8 { bytes in
      do throws(SystemCallError) {
        try unsafe writeAll(fd, UnsafeRawBufferPointer(bytes))
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes all of it from that position of a file on.
  package static func writeAll(
    _ fd: Int32, _ buffer: UnsafeRawBufferPointer, at position: Int64
  ) throws(SystemCallError) {
    var position = position
    var rest = unsafe buffer
    while unsafe !rest.isEmpty {
      let count = unsafe pwrite(fd, rest.baseAddress, rest.count, off_t(position))
      guard count >= 0 || errno == EINTR else { throw SystemCallError("write") }
      guard count > 0 else { continue }
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[count...])
      position += Int64(count)
    }
  }

  /// The whole of a small file, such as one in /proc, or nil when it cannot be read.
  package static func contents(of path: String, limit: Int = 1 << 20) -> [UInt8]? {
    guard let file = try? Descriptor.open(path, O_RDONLY) else { return nil }
    return try? readAll(file.fd, limit: limit)
  }

  /// Reads everything from here to the end; past `limit` bytes it stops soon.
  package static func readAll(_ fd: Int32, limit: Int) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let transfer = unsafe buffer.withUnsafeMutableBytes { unsafe read(fd, into: $0) }
      switch transfer {
      case .bytes(let count): bytes.append(contentsOf: buffer[..<count])
      case .end: return bytes
      case .wouldBlock: throw SystemCallError("read", nil, Errno(EAGAIN))
      case .failed(let errno): throw SystemCallError("read", nil, errno)
      }
    }
    return bytes
  }

  /// Up to so many bytes from that position on; none at the end of the file.
  package static func read(
    _ fd: Int32, _ count: Int, at position: Int64
  ) throws(SystemCallError) -> [UInt8] {
    var failure: SystemCallError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var result: Int
      repeat {
        result = unsafe pread(fd, buffer.baseAddress, buffer.count, off_t(position))
      } while result < 0 && errno == EINTR
      if result < 0 { failure = SystemCallError("read") }
      filled = max(0, result)
    }
    if let failure { throw failure }
    return bytes
  }

  package static func setNonBlocking(_ fd: Int32) {
    let flags = clinux_fcntl(fd, F_GETFL, 0)
    _ = clinux_fcntl(fd, F_SETFL, flags | O_NONBLOCK)
  }

  /// Reserves descriptors 0 to 2 where the caller has closed them, so that no file of taro's lands
  /// there and is taken for the job's stdin, stdout or stderr. The job still sees them closed.
  package static func reserveStandardDescriptors() {
    for fd: Int32 in 0...2 where clinux_fcntl(fd, F_GETFD, 0) < 0 {
      _ = Descriptor.openDiscarding()
    }
  }
}
