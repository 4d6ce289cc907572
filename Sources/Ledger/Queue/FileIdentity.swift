internal import Glibc

/// Which file stands at a name.
package struct FileIdentity: Equatable, Sendable {
  private let device: dev_t
  private let inode: ino_t

  /// Nil when there is none.
  package init?(_ path: String) {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    device = info.st_dev
    inode = info.st_ino
  }

  /// Of an open file.
  package init?(of fd: Int32) {
    var info = stat()
    guard fstat(fd, &info) == 0 else { return nil }
    device = info.st_dev
    inode = info.st_ino
  }
}
