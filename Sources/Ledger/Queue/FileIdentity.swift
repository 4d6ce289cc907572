internal import Glibc

/// A file, whatever its name: by it one sees that another stands at that name now.
package struct FileIdentity: Equatable, Sendable {
  private let device: dev_t
  private let inode: ino_t

  /// Asks which file stands at that name; nil when there is none.
  package init?(_ path: String) {
    var info = stat()
    guard unsafe lstat(path, &info) == 0 else { return nil }
    device = info.st_dev
    inode = info.st_ino
  }

  /// Asks which file is open there.
  package init?(of fd: Int32) {
    var info = stat()
    guard unsafe fstat(fd, &info) == 0 else { return nil }
    device = info.st_dev
    inode = info.st_ino
  }
}
