internal import CLinux
internal import Digests
internal import Events
internal import Glibc
internal import Linux

/// The file of a database, however it is named: its inode and its birth time (nanoseconds since 1970; 0 where the file
/// system does not know).
package struct LedgerFile: Equatable, Sendable {
  package let inode: UInt64
  package let madeAt: Int64

  /// Compares what is known on both sides: a time that one side does not know tells nothing.
  package func isSame(as other: LedgerFile) -> Bool {
    inode == other.inode && (madeAt == 0 || other.madeAt == 0 || madeAt == other.madeAt)
  }
}

/// The file and the session of which a head is noted.
package struct NotedPlace: Equatable, Sendable {
  package let file: LedgerFile
  /// One boot of one machine with one file system mounted: within it, what was written is read again, on disk or not.
  /// 0 where the boot is not known (no /proc), which is no session.
  package let session: UInt64

  /// Asks for the file now; nil when there is no database.
  package init?(_ directory: LedgerDirectory) {
    var info = stat()
    guard unsafe stat(directory.database, &info) == 0 else { return nil }
    let madeAt = unsafe clinux_birth_time(directory.database)
    file = LedgerFile(inode: UInt64(info.st_ino), madeAt: madeAt)
    session = Self.session(device: info.st_dev)
  }

  package init(file: LedgerFile, session: UInt64) {
    self.file = file
    self.session = session
  }

  /// - Parameter device: a disk that is pulled out loses what only memory had, and its snapshot is a moment of it, without
  ///   a boot in between.
  private static func session(device: dev_t) -> UInt64 {
    let boot = Host.bootID()
    guard !boot.isEmpty else { return 0 }
    var bytes = Array(boot.utf8)
    unsafe withUnsafeBytes(of: UInt64(device).bigEndian) { unsafe bytes.append(contentsOf: $0) }
    let number = Digest(of: bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    return max(number, 1)
  }
}
