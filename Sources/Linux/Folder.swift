internal import CLinux
internal import Glibc

/// An open directory. What is in it is named from there on, never by a path again: whoever exchanges names above it
/// does not change which directory is meant.
package struct Folder: ~Copyable, Sendable {
  /// The users that a directory may belong to.
  package enum Owner: Sendable {
    /// This user's, and others do not write it.
    case user
    /// The same, and others do not even look into it.
    case userAlone
    /// Root's, who alone makes names there.
    case root
    /// Anybody's: only what is in it counts.
    case anybody
  }

  /// The reason why the directory is not used.
  package enum Refusal: Error, Sendable, CustomStringConvertible {
    case failed(SystemCallError)
    case distrusted(Distrust)

    package var description: String {
      switch self {
      case .failed(let error): error.description
      case .distrusted(let distrust): distrust.description
      }
    }
  }

  /// Nothing is called so.
  package static func isMissing(_ path: String) -> Bool {
    unsafe access(path, F_OK) != 0 && errno == ENOENT
  }

  private let descriptor: Descriptor
  package let path: String

  /// - Parameter followsLink: else it is refused where its own name is a symbolic link.
  package init(_ path: String, _ owner: Owner, followsLink: Bool = false) throws(Refusal) {
    try self.init(
      path, name: path, in: AT_FDCWD, clinux_path_only | (followsLink ? 0 : O_NOFOLLOW), owner)
  }

  private init(
    _ path: String, name: String, in directory: Int32, _ flags: Int32, _ owner: Owner
  ) throws(Refusal) {
    let opened = try Self.open(path, name, directory, flags)
    var info = stat()
    guard unsafe fstat(opened.fd, &info) == 0 else { throw .failed(SystemCallError("fstat", path)) }
    if let distrust = Self.distrust(info, path, owner) { throw .distrusted(distrust) }
    descriptor = opened
    self.path = path
  }

  private static func open(
    _ path: String, _ name: String, _ directory: Int32, _ flags: Int32
  ) throws(Refusal) -> Descriptor {
    let fd = unsafe clinux_openat(directory, name, flags | O_DIRECTORY | O_CLOEXEC, 0)
    if fd >= 0 { return Descriptor(owning: fd) }
    let error = SystemCallError("open", path)
    throw linkOwner(path, name, directory, error.errno).map { .distrusted($0) } ?? .failed(error)
  }

  /// ENOTDIR alone would not say that it is a link, nor whose.
  private static func linkOwner(
    _ path: String, _ name: String, _ directory: Int32, _ errno: Errno
  ) -> Distrust? {
    var info = stat()
    guard errno == .notDirectory || errno == Errno(ELOOP),
      unsafe fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0
    else { return nil }
    let kind = info.st_mode & S_IFMT == S_IFLNK ? "a link" : "no directory"
    return Distrust(path, "it is \(kind) that belongs to \(Users.name(of: info.st_uid))")
  }

  private static func distrust(_ info: stat, _ path: String, _ owner: Owner) -> Distrust? {
    let user = geteuid()
    switch owner {
    case .anybody: return nil
    case .root:
      guard info.st_uid != 0 else { break }
      return Distrust(path, "it belongs to \(Users.name(of: info.st_uid))")
    case .user, .userAlone:
      guard info.st_uid != user else { break }
      return Distrust(path, "it belongs to \(Users.name(of: info.st_uid))")
    }
    guard info.st_mode & (owner == .userAlone ? 0o077 : 0o022) == 0 else {
      return Distrust(
        path, "it is open to others (mode \(String(info.st_mode & 0o7777, radix: 8)))")
    }
    return nil
  }

  /// The directory of that name in it, which is no link.
  package func folder(_ name: String, _ owner: Owner) throws(Refusal) -> Folder {
    try Folder("\(path)/\(name)", name: name, in: descriptor.fd, O_RDONLY | O_NOFOLLOW, owner)
  }

  /// The same, made with mode 0700 where it is missing.
  package func makingFolder(_ name: String, _ owner: Owner) throws(Refusal) -> Folder {
    do throws(Refusal) { return try folder(name, owner) } catch {
      guard case .failed(let error) = error, error.errno == .noEntry else { throw error }
    }
    if unsafe mkdirat(descriptor.fd, name, 0o700) == 0 {
      // A umask may have taken from us what we need to open it. It is ours, so nobody else exchanges it, not in /tmp
      // either.
      unsafe fchmodat(descriptor.fd, name, 0o700, 0)
    } else if errno != EEXIST {
      throw .failed(SystemCallError("mkdir", "\(path)/\(name)"))
    }
    // Another may have made it at the same moment; opening tells whether it is ours.
    return try folder(name, owner)
  }

  /// Opens a file in it, which is no link.
  package func open(
    _ name: String, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemCallError) -> Descriptor {
    let fd = unsafe clinux_openat(descriptor.fd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode)
    guard fd >= 0 else { throw SystemCallError("open", "\(path)/\(name)") }
    return Descriptor(owning: fd)
  }

  /// A file without a name, which `give` names.
  package func openNameless() throws(SystemCallError) -> Descriptor {
    let fd = unsafe clinux_openat(descriptor.fd, ".", O_RDWR | clinux_tmpfile | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw SystemCallError("open", path) }
    return Descriptor(owning: fd)
  }

  package func give(_ name: String, to fd: Int32) throws(SystemCallError) {
    guard unsafe clinux_give_name(fd, descriptor.fd, name) == 0 else {
      throw SystemCallError("link", "\(path)/\(name)")
    }
  }

  package func rename(_ name: String, to other: String) throws(SystemCallError) {
    guard unsafe renameat(descriptor.fd, name, descriptor.fd, other) == 0 else {
      throw SystemCallError("rename", "\(path)/\(other)")
    }
  }

  /// Replaces nothing.
  /// - Throws: EEXIST where something has that name.
  package func rename(_ name: String, toFree other: String) throws(SystemCallError) {
    guard unsafe clinux_rename_to_free(descriptor.fd, name, other) == 0 else {
      throw SystemCallError("rename", "\(path)/\(other)")
    }
  }

  package func remove(_ name: String) { unsafe unlinkat(descriptor.fd, name, 0) }

  /// Tells whether the name in the directory is that of what is open there.
  package func names(_ name: String, _ fd: Int32) -> Bool {
    var (opened, named) = (stat(), stat())
    return unsafe fstat(fd, &opened) == 0
      && fstatat(descriptor.fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  /// The names in it, sorted; none where they cannot be read.
  package var names: [String] {
    let fd = unsafe clinux_openat(descriptor.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard fd >= 0 else { return [] }
    guard let stream = unsafe fdopendir(fd) else {
      close(fd)
      return []
    }
    defer { unsafe closedir(stream) }
    return unsafe DirectoryListing.names(stream)
  }

  /// Puts the names in it on disk.
  package func sync() throws(SystemCallError) {
    guard fsync(descriptor.fd) == 0 else { throw SystemCallError("fsync", path) }
  }
}
