package import Glibc
internal import Linux

/// Room that is held back in the ledger's directory, in a file of its own: on a full disk it is given up to what makes room,
/// or is needed more than anything else there (retention, the stop of an instance). Beside all locks: of two who give it up one
/// does, and that it is there is nobody's promise.
package enum LedgerReserve {
  /// The most that a checkpoint can need: as much as a WAL has grown to when a runner checkpoints it, 1 MiB and what
  /// its last turns have added.
  package static let bytes: off_t = 4 << 20
  /// The smallest room, in reserves, in which one is held back; where there is less, none is.
  private static let leastRoom: UInt = 8

  /// Holds it back where it is not, or not whole: who made it was killed. Where there is no room for it, or no such call,
  /// there is none.
  package static func make(in directory: LedgerDirectory) {
    var info = stat()
    let isThere = unsafe lstat(directory.reserve, &info) == 0
    guard !isThere || (info.st_mode & S_IFMT == S_IFREG && info.st_size < bytes),
      FreeSpace.bytes(in: directory.path) >= leastRoom * UInt(bytes),
      let file = try? Descriptor.openRegular(
        directory.reserve, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    else { return }
    fchmod(file.fd, 0o600)
    if posix_fallocate(file.fd, 0, bytes) != 0 { unsafe unlink(directory.reserve) }
  }

  /// Gives it up.
  /// - Returns: false when there is none.
  package static func release(in directory: LedgerDirectory) -> Bool {
    unsafe unlink(directory.reserve) == 0
  }
}

package enum FreeSpace {
  /// Returns the number of bytes that this user may still write there, as far as the file system says: a quota is not
  /// asked. 0 where it cannot be asked.
  package static func bytes(in path: String) -> UInt {
    var info = statvfs()
    guard unsafe statvfs(path, &info) == 0 else { return 0 }
    let blocks = geteuid() == 0 ? info.f_bfree : info.f_bavail
    return UInt(blocks) * UInt(info.f_frsize)
  }
}

extension LedgerDirectory {
  /// There or not.
  package var reserve: String { "\(path)/ledger.reserve" }
}
