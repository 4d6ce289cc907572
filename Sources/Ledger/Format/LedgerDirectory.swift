internal import CLinux
package import Events
internal import Glibc
package import Linux

/// The directory of one ledger, and the names of what is in it. Mode 0700, its files 0600.
package struct LedgerDirectory: Hashable, Sendable {
  package let path: String
  /// Somebody who knows has said that no other host has its file system.
  package var isLocal = false
  /// It is the one of a user without a home directory, in one that whoever installs taro makes.
  package var isOfHomeless = false

  package init(_ path: String) { self.path = path }

  package var database: String { "\(path)/ledger.db" }
  package var wal: String { "\(path)/ledger.db-wal" }
  package var index: String { "\(path)/ledger.db-shm" }
  package var queue: String { "\(path)/ledger.lock" }
  package var bell: String { "\(path)/ledger.bell" }
  package var projections: String { "\(path)/projections.db" }
  /// The place where runners keep what they could not append yet.
  package var spool: String { "\(path)/\(Self.spoolName)" }
  package static let spoolName = "spool"
  package var runDirectory: String { "\(path)/run" }
  /// The place where named listeners keep their positions.
  package var checkpoints: String { "\(path)/checkpoints" }
  package func runFile(_ instance: InstanceID) -> String { "\(runDirectory)/\(instance)" }

  /// The time that SQLite waits for its own locks. The queue keeps taro's writers apart, so this is about recovery
  /// after a crash and about foreign programs. A turn in the queue has a patience of its own.
  package static let busyMilliseconds: Int32 = 10_000

  /// Asked before the database is opened and not after that has failed, when somebody else may just have made it.
  package var hasDatabase: Bool { unsafe access(database, F_OK) == 0 || errno != ENOENT }

  /// Opening a FIFO would wait for its other end, for ever.
  package func refuseSpecialDatabase() throws(LedgerError) {
    _ = try databaseBytes()
    var info = stat()
    guard unsafe lstat("\(database)-journal", &info) != 0 || info.st_mode & S_IFMT == S_IFREG else {
      throw .unsafe(path: path, .journalIsSpecial)
    }
  }

  /// Returns the length of the database; 0 when it cannot be asked.
  /// - Throws: `unsafe` when it is no file at all: opening a FIFO would wait for its other end, for ever.
  package func databaseBytes() throws(LedgerError) -> Int64 {
    var info = stat()
    guard unsafe stat(database, &info) == 0 else { return 0 }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .unsafe(path: path, .databaseIsSpecial)
    }
    return Int64(info.st_size)
  }

  /// Makes sure that the directory is there and is ours alone, but for a group that its owner lets read.
  /// - Returns: whether there is such a group; then its files have to be given to it when they are there.
  @discardableResult
  package func prepare() throws(LedgerError) -> Bool {
    var mode = try safeMode()
    if mode == nil {
      try make()
      mode = try safeMode()
      guard mode != nil else {
        throw .notWritable(
          path: path, reason: "it cannot be made, or is a symbolic link to what is not there")
      }
    }
    try make(runDirectory)
    return mode.map(Self.isReadByGroup) ?? false
  }

  /// False when it does not exist. A directory that somebody else owns or can write could be used to make taro
  /// write where it should not, or to forge a record; so could one that he can put another in the place of. One system
  /// call for it and each directory above it.
  package func isSafe() throws(LedgerError) -> Bool { try safeMode() != nil }

  /// The same for who reads and nothing more: another user's may be read by a group to which its owner gives it on purpose.
  package func isSafeToRead() throws(LedgerError) -> Bool {
    guard let info = try information(), info.st_uid != geteuid(),
      Self.isReadByGroup(info.st_mode), unsafe access(path, R_OK | X_OK) == 0
    else { return try isSafe() }
    try refuseWay(of: info.st_uid)
    for file in [queue, database] where unsafe access(file, R_OK) != 0 && errno == EACCES {
      throw .unsafe(path: path, .isNotYetShared(owner: Users.name(of: info.st_uid)))
    }
    return true
  }

  /// Returns nil where there is none.
  private func safeMode() throws(LedgerError) -> mode_t? {
    guard let info = try information() else {
      try refuseWay(of: geteuid())
      return nil
    }
    guard info.st_mode & S_IFMT == S_IFDIR else {
      throw .unsafe(path: path, .isNoDirectory)
    }
    // First: whose it is explains what is wrong with the way to it.
    guard info.st_uid == geteuid() else {
      let owner = Users.name(of: info.st_uid)
      throw .unsafe(path: path, isOfHomeless ? .isTaken(owner: owner) : .isForeign(owner: owner))
    }
    try refuseWay(of: info.st_uid)
    guard info.st_mode & 0o022 == 0 else {
      let mode = String(info.st_mode & 0o7777, radix: 8)
      throw .unsafe(path: path, .isWritable(mode: mode))
    }
    return info.st_mode
  }

  private func information() throws(LedgerError) -> stat? {
    var info = stat()
    if unsafe stat(path, &info) == 0 { return info }
    guard errno == ENOENT else { throw LedgerError(SystemCallError("stat", path), path) }
    return nil
  }

  private func refuseWay(of user: UInt32) throws(LedgerError) {
    if let distrust = PathTrust.distrust(onTheWayTo: path, user: user) {
      throw .unsafe(path: path, .replaceable("\(distrust)"))
    }
  }

  /// True when the directory is there and only this user can put anything into it.
  package var isOurs: Bool { (try? isSafe()) ?? false }

  private func make() throws(LedgerError) {
    if isOfHomeless { return try makeOfHomeless() }
    var prefix = ""
    for component in path.split(separator: "/") {
      prefix += (prefix.isEmpty && !path.hasPrefix("/") ? "" : "/") + component
      try make(prefix)
    }
    if geteuid() == 0, path == Self.ofRoot { Self.prepareForHomeless() }
    // The name of the directory is to survive a power cut as well as what is in it.
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    let root = path.hasPrefix("/") ? "/" : "./"
    // One that may be written and not read cannot be synced; that is no reason to have no ledger.
    try? Self.sync(root + parent)
  }

  private static let ofRoot = "/var/lib/taro"

  /// Prepares, in root's first run on a host, what users need who have no home directory: where taro is one file that
  /// somebody has copied, nobody has installed it. They make one directory each there, and cannot take another's away.
  private static func prepareForHomeless() {
    let shared = "\(ofRoot)-users"
    if unsafe mkdir(shared, 0o700) == 0 { unsafe chmod(shared, 0o1733) }
  }

  private func makeOfHomeless() throws(LedgerError) {
    let parent = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    if unsafe mkdir(path, 0o700) == 0 {
      unsafe chmod(path, 0o700)
      try? Self.sync(parent)
    } else if errno == ENOENT || errno == EACCES {
      throw .unsafe(
        path: path, .isUnprepared(parent: parent, user: Users.name(of: geteuid())))
    } else if errno != EEXIST {
      throw LedgerError(SystemCallError("mkdir", path), path)
    }
  }

  /// Puts the names in a directory on disk.
  package static func sync(_ directory: String) throws(SystemCallError) {
    let folder = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
    guard fsync(folder.fd) == 0 else { throw SystemCallError("fsync", directory) }
  }

  package func make(_ directory: String) throws(LedgerError) {
    if unsafe mkdir(directory, 0o700) == 0 {
      // A umask may have taken from us what we need.
      unsafe chmod(directory, 0o700)
    } else if errno != EEXIST {
      throw LedgerError(SystemCallError("mkdir", directory), path)
    }
  }

  /// Opens a file of ours, made with mode 0600 when it is missing.
  package func openPrivate(_ file: String) throws(LedgerError) -> Descriptor {
    do throws(SystemCallError) {
      if unsafe access(file, F_OK) == 0 { return try Descriptor.openRegular(file, O_RDWR) }
      let descriptor = try Descriptor.openRegular(file, O_RDWR | O_CREAT, mode: 0o600)
      fchmod(descriptor.fd, 0o600)
      return descriptor
    } catch { throw LedgerError(error, path) }
  }
}
