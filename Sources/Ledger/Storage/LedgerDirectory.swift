internal import CLinux
internal import Glibc
internal import Linux

/// The directory of one ledger, and the names of what is in it. Mode 0700, its files 0600.
package struct LedgerDirectory: Hashable, Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var database: String { "\(path)/ledger.db" }
  var wal: String { "\(path)/ledger.db-wal" }
  var index: String { "\(path)/ledger.db-shm" }
  var queue: String { "\(path)/ledger.lock" }
  package var bell: String { "\(path)/ledger.bell" }
  package var projections: String { "\(path)/projections.db" }
  /// Where runs keep what they could not append yet.
  var spool: String { "\(path)/spool" }
  package var runDirectory: String { "\(path)/run" }
  /// Where named listeners keep their positions.
  package var checkpoints: String { "\(path)/checkpoints" }
  package func runFile(_ instance: InstanceID) -> String { "\(runDirectory)/\(instance)" }

  /// How long SQLite waits for its own locks. The queue keeps taro's writers apart, so this is about recovery
  /// after a crash and about foreign programs. A turn in the queue has a patience of its own.
  package static let busyMilliseconds: Int32 = 10_000

  /// Asked before the database is opened and not after that has failed, when somebody else may just have made it.
  var hasDatabase: Bool { access(database, F_OK) == 0 || errno != ENOENT }

  /// Opening a FIFO would wait for its other end, for ever.
  func refuseSpecialDatabase() throws(LedgerError) { _ = try databaseBytes() }

  /// How long the database is; 0 when it cannot be asked.
  /// - Throws: `unsafe` when it is no file at all: opening a FIFO would wait for its other end, for ever.
  func databaseBytes() throws(LedgerError) -> Int64 {
    var info = stat()
    guard stat(database, &info) == 0 else { return 0 }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .unsafe(
        path: path, reason: "ledger.db is no regular file",
        remedy: "move it away: the next run makes a ledger")
    }
    return Int64(info.st_size)
  }

  /// Makes sure that the directory is there and is ours alone.
  func prepare() throws(LedgerError) {
    if try !isSafe() {
      try make()
      guard try isSafe() else {
        throw .notWritable(
          path: path, reason: "it cannot be made, or is a symbolic link to what is not there")
      }
    }
    try make(runDirectory)
  }

  /// False when it does not exist. A directory that somebody else owns or can write could be used to make taro
  /// write where it should not, or to forge a record.
  func isSafe() throws(LedgerError) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0 else {
      guard errno == ENOENT else { throw LedgerError(SystemCallError("stat", path), path) }
      return false
    }
    guard info.st_mode & S_IFMT == S_IFDIR else {
      throw .unsafe(
        path: path, reason: "it is no directory",
        remedy: "name a directory with --ledger or TARO_LEDGER")
    }
    guard info.st_uid == geteuid() else {
      throw .unsafe(
        path: path, reason: "it belongs to \(Users.name(of: info.st_uid))",
        remedy: "run taro as that user, or name another directory with --ledger or TARO_LEDGER")
    }
    guard info.st_mode & 0o022 == 0 else {
      throw .unsafe(
        path: path, reason: "others can write it (mode \(String(info.st_mode & 0o7777, radix: 8)))",
        remedy: "run: chmod 700 \(path)")
    }
    return true
  }

  private func make() throws(LedgerError) {
    var prefix = ""
    for component in path.split(separator: "/") {
      prefix += (prefix.isEmpty && !path.hasPrefix("/") ? "" : "/") + component
      try make(prefix)
    }
    // The name of the directory is to survive a power cut as well as what is in it.
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    let root = path.hasPrefix("/") ? "/" : "./"
    // One that may be written and not read cannot be synced; that is no reason to have no ledger.
    try? Self.sync(root + parent)
  }

  /// Puts the names in a directory on disk.
  static func sync(_ directory: String) throws(SystemCallError) {
    let folder = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
    guard fsync(folder.fd) == 0 else { throw SystemCallError("fsync", directory) }
  }

  func make(_ directory: String) throws(LedgerError) {
    if mkdir(directory, 0o700) == 0 {
      // A umask may have taken from us what we need.
      chmod(directory, 0o700)
    } else if errno != EEXIST {
      throw LedgerError(SystemCallError("mkdir", directory), path)
    }
  }

  /// Opens a file of ours, made with mode 0600 when it is missing.
  func openPrivate(_ file: String) throws(LedgerError) -> Descriptor {
    do throws(SystemCallError) {
      if access(file, F_OK) == 0 { return try Descriptor.open(file, O_RDWR) }
      let descriptor = try Descriptor.open(file, O_RDWR | O_CREAT, mode: 0o600)
      fchmod(descriptor.fd, 0o600)
      return descriptor
    } catch { throw LedgerError(error, path) }
  }

  func refuseNetworkFileSystem() throws(LedgerError) {
    var type = 0
    guard clinux_file_system_type(path, &type) == 0 else { return }
    let networks: [Int: String] = [
      0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2",
      0x0102_1997: "9P", 0x00c3_6400: "Ceph", 0x5346_414f: "AFS", 0x0bd0_0bd0: "Lustre",
    ]
    guard let name = networks[type] else { return }
    throw .networkFileSystem(path: path, type: name)
  }
}
