internal import Glibc
package import Linux
internal import SQLite

/// The files that stand at the names of WAL and index. SQLite opens them once for each process and goes on with them when
/// somebody has removed them: two that have not the same ones do not see each other's events, and write over them.
package struct WALFiles: Equatable {
  /// Inodes; a number is not given again while somebody has the file open.
  package let wal: UInt64
  package let index: UInt64

  package init(wal: UInt64, index: UInt64) {
    self.wal = wal
    self.index = index
  }

  /// Those at the names now; nil where there are not both, as in a ledger that is not in WAL mode.
  package init?(_ directory: LedgerDirectory) {
    var (wal, index) = (stat(), stat())
    guard unsafe lstat(directory.wal, &wal) == 0, unsafe lstat(directory.index, &index) == 0 else {
      return nil
    }
    self.init(wal: UInt64(wal.st_ino), index: UInt64(index.st_ino))
  }
}

/// A ledger's WAL, for who puts it on disk. The index is never opened: closing it would drop SQLite's locks (fcntl(2)).
package struct WALFlush: ~Copyable {
  private let file: Descriptor
  private let path: String
  private let inode: ino_t

  /// Opened before the commits that it is to flush: errors count from here (fsync(2)).
  package init(_ directory: LedgerDirectory) throws(SystemCallError) {
    // Reading suffices for fdatasync(2).
    let file = try Descriptor.openRegular(directory.wal, O_RDONLY)
    var info = stat()
    guard unsafe fstat(file.fd, &info) == 0 else { throw SystemCallError("fstat", directory.wal) }
    path = directory.wal
    inode = info.st_ino
    self.file = file
  }

  /// Tells whether the WAL cannot have all that its index tells of: it is another, or not as long as it has to be. Two system
  /// calls.
  func lacks(_ index: WALIndex) -> Bool {
    var info = stat()
    guard unsafe fstat(file.fd, &info) == 0, let salts = try? RawIO.read(file.fd, 8, at: 16) else {
      return false
    }
    return info.st_size < index.walBytes || salts != index.salts
  }

  /// Puts it on disk.
  /// - Returns: false when it has lost its name: nobody will find there what was put on disk.
  package func run() throws(SystemCallError) -> Bool {
    guard fdatasync(file.fd) == 0 else { throw SystemCallError("fdatasync", path) }
    var info = stat()
    guard unsafe lstat(path, &info) == 0 else {
      // Who cannot look has not seen that it is gone: what others have there would be put aside for it.
      guard errno == ENOENT else { throw SystemCallError("lstat", path) }
      return false
    }
    return info.st_ino == inode
  }
}
