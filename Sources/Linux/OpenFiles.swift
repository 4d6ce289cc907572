internal import CLinux
internal import Glibc

/// An open file, as far as whoever writes into it has to know it.
package struct OpenFile: Equatable, Sendable {
  package enum Kind: Equatable, Sendable { case regular, pipe, characters, socket, other }

  package let kind: Kind
  package let device: UInt64
  package let inode: UInt64
  /// Permission bits, and whose they are.
  package let mode: UInt32
  package let uid: UInt32
  package let gid: UInt32
  /// fcntl(2), F_GETFL.
  package let flags: Int32

  /// Fails where no file of that number is open.
  package init?(_ fd: Int32) {
    var info = stat()
    let flags = clinux_fcntl(fd, F_GETFL, 0)
    guard flags >= 0, unsafe fstat(fd, &info) == 0 else { return nil }
    self.flags = flags
    kind =
      switch info.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFIFO: .pipe
      case S_IFCHR: .characters
      case S_IFSOCK: .socket
      default: .other
      }
    device = UInt64(info.st_dev)
    inode = UInt64(info.st_ino)
    mode = info.st_mode & 0o7777
    uid = info.st_uid
    gid = info.st_gid
  }

  package init(
    kind: Kind, device: UInt64, inode: UInt64, mode: UInt32 = 0o600, uid: UInt32 = 0,
    gid: UInt32 = 0, flags: Int32 = O_WRONLY
  ) {
    self.kind = kind
    self.device = device
    self.inode = inode
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.flags = flags
  }

  package var isWritable: Bool {
    // O_PATH opens nothing; its access mode looks like O_RDONLY.
    flags & O_ACCMODE != O_RDONLY
  }

  package var appends: Bool { flags & O_APPEND != 0 }

  package func isSameFile(as other: OpenFile) -> Bool {
    device == other.device && inode == other.inode
  }

  /// True when a descriptor is one that this process reserved because its caller had closed it
  /// (``RawIO/reserveStandardDescriptors()``), or is closed.
  package static func isClosed(_ fd: Int32) -> Bool {
    let flags = clinux_fcntl(fd, F_GETFD, 0)
    return flags < 0 || flags & FD_CLOEXEC != 0
  }

  /// Tells whether two descriptors are one open file (kcmp(2)); nil where the kernel does not tell.
  package static func areOne(_ one: Int32, _ other: Int32) -> Bool? {
    switch clinux_is_same_open_file(one, other) {
    case 1: true
    case 0: false
    default: nil
    }
  }

  /// Returns where the next byte is read or written; nil where there is no such place (a pipe).
  package static func position(_ fd: Int32) -> Int64? {
    let position = lseek(fd, 0, SEEK_CUR)
    return position < 0 ? nil : Int64(position)
  }
}

extension Descriptor.Pipe {
  /// Opened by its name (/dev/stdout, /proc/self/fd/1), the pipe is open to whoever may write the file in whose place it
  /// stands. Reading stays its owner's: who reads takes the bytes away.
  package func grantAccess(of file: OpenFile) {
    let mode = file.mode & 0o600 | file.mode & 0o022
    let own = (uid: geteuid(), gid: getegid())
    if file.uid != own.uid || (mode & 0o020 != 0 && file.gid != own.gid) {
      _ = fchown(write.fd, file.uid, file.gid)
    }
    if mode != 0o600 { _ = fchmod(write.fd, mode) }
  }
}

extension RawIO {
  /// Two pieces in one write, which nobody else's comes between in a regular file.
  package static func write(
    _ fd: Int32, _ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer
  ) -> Transfer {
    guard let first = one.baseAddress, unsafe !one.isEmpty else { return unsafe write(fd, other) }
    guard let second = other.baseAddress, unsafe !other.isEmpty else {
      return unsafe write(fd, one)
    }
    while true {
      let count = unsafe clinux_write_both(fd, first, one.count, second, other.count)
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(.current)
      }
    }
  }

  /// Returns the error of writes that failed, where a file system has kept it to itself (NFS, FUSE: close(2), NOTES);
  /// nil: nothing failed.
  package static func deferredError(_ fd: Int32) -> Errno? {
    let copy = clinux_fcntl(fd, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, close(copy) != 0, errno != EINTR else { return nil }
    return .current
  }
}

/// Larger pipes for who fills them, out of a budget that all processes of a user share (pipe(7), pipe-user-pages-soft):
/// once it is spent, each new pipe of that user has 8 KiB.
package enum PipeCapacity {
  package static let usual: Int32 = 64 << 10
  package static let large: Int32 = 256 << 10
  /// The number of probes that must succeed, so that as much is left for others: 128 pipes of the usual size.
  private static let probes = 8
  private static let probeSize: Int32 = 1 << 20

  /// Gives a pipe four times the usual room, if there is plenty left afterwards; else changes nothing.
  package static func grow(_ fd: Int32) {
    guard clinux_pipe_size(fd) < large, clinux_set_pipe_size(fd, large) >= 0 else { return }
    if !leavesRoom() { _ = clinux_set_pipe_size(fd, usual) }
  }

  /// Asked by taking it: nothing tells how much of the budget is spent. Given back at once.
  private static func leavesRoom() -> Bool {
    var ends: [Int32] = []
    defer { for fd in ends { close(fd) } }
    for _ in 0..<probes {
      var pipe: [Int32] = [-1, -1]
      guard unsafe clinux_pipe(&pipe) == 0 else { return false }
      ends += pipe
      guard clinux_set_pipe_size(pipe[1], probeSize) >= 0 else { return false }
    }
    return true
  }
}
