internal import Glibc
internal import Linux

/// Finds the files of the configuration: `taro.yaml`, `hostinfo`.
///
/// The first of these directories that has the file: the current one, $XDG_CONFIG_HOME/taro, each of
/// $XDG_CONFIG_DIRS/taro, /etc/taro. A file in the current directory counts only when file and directory belong to the
/// user or root and nobody else can write them: it can name programs to run, and who changes into a directory has
/// not agreed to its owner's.
package struct ConfigurationLookup: Sendable {
  private let surroundings: Surroundings

  package init(_ surroundings: Surroundings = .current) { self.surroundings = surroundings }

  package struct Found: Sendable {
    package var file: ConfigurationFile?
    /// Why the file in the current directory, which is there, was passed over.
    package var skipped: String?
  }

  /// One open(2) for each directory where the file is not.
  package func find(_ name: String) throws(ConfigurationError) -> Found {
    var found = Found()
    let local: Descriptor?
    do throws(ConfigurationError) { local = try openIfThere(name) } catch {
      // Who cannot write here cannot take anybody's configuration away with a file that does not open either.
      guard let reason = Self.distrustUnopened(name, of: surroundings.uid) else { throw error }
      local = nil
      found.skipped = "./\(name) is not used: \(reason)"
    }
    if let local {
      let path = Surroundings.join(surroundings.currentDirectory(), name)
      guard let reason = Self.distrust(local, of: surroundings.uid) else {
        found.file = try ConfigurationFile(path, local)
        return found
      }
      found.skipped = "./\(name) is not used: \(reason)"
    }
    for directory in directories {
      let path = Surroundings.join(directory, name)
      guard let descriptor = try openIfThere(path) else { continue }
      found.file = try ConfigurationFile(path, descriptor)
      return found
    }
    return found
  }

  /// A file that was named; it is trusted wherever it is.
  package func file(_ path: String) throws(ConfigurationError) -> ConfigurationFile {
    guard let path = surroundings.expandingHome(path) else {
      throw ConfigurationError(path, "there is no home directory")
    }
    guard Surroundings.isUsable(path: path) else {
      throw ConfigurationError(
        path, "the name is not UTF-8; a link to the file may have one that is")
    }
    guard let descriptor = try openIfThere(path) else {
      throw ConfigurationError(path, "there is no such file")
    }
    return try ConfigurationFile(path, descriptor)
  }

  /// Where it is looked for after the current directory.
  package var directories: [String] {
    var directories: [String] = []
    if let own = userDirectory { directories.append(own) }
    let shared = surroundings.environment("XDG_CONFIG_DIRS") ?? "/etc/xdg"
    for directory in shared.split(separator: ":") where directory.hasPrefix("/") {
      directories.append(Surroundings.join(String(directory), "taro"))
    }
    directories.append("/etc/taro")
    return directories
  }

  /// Where `taro config create` puts a file; nil without a home directory.
  package var userDirectory: String? {
    surroundings.directory("XDG_CONFIG_HOME", below: ".config").map {
      Surroundings.join($0, "taro")
    }
  }

  /// Nil where there is none, or where nobody may look.
  private func openIfThere(_ path: String) throws(ConfigurationError) -> Descriptor? {
    do throws(SystemCallError) {
      // Not blocking: a pipe of that name would keep a job from starting.
      return try Descriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    } catch {
      var info = stat()
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      if error.errno == .accessDenied, stat(path, &info) != 0 { return nil }
      throw ConfigurationError(path, "it cannot be opened: \(error.errno.message)")
    }
  }

  private static func distrust(_ file: borrowing Descriptor, of user: UInt32) -> String? {
    let remedy = "-C uses a file wherever it is"
    var info = stat()
    guard fstat(file.fd, &info) == 0 else { return Errno.current.message }
    if let reason = distrust(info, of: user) { return "\(reason); \(remedy)" }
    guard stat(".", &info) == 0 else { return Errno.current.message }
    return distrust(info, of: user).map { "in its directory, \($0); \(remedy)" }
  }

  private static func distrustUnopened(_ path: String, of user: UInt32) -> String? {
    var info = stat()
    // Without following it: a link leads where its owner wants.
    if lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFLNK,
      let reason = distrust(info, of: user)
    {
      return reason
    }
    if info.st_mode & S_IFMT == S_IFLNK, info.st_uid != user, info.st_uid != 0 {
      return "it belongs to \(Users.name(of: info.st_uid))"
    }
    guard stat(".", &info) == 0 else { return Errno.current.message }
    return distrust(info, of: user).map { "in its directory, \($0)" }
  }

  private static func distrust(_ info: stat, of user: UInt32) -> String? {
    guard info.st_uid == user || info.st_uid == 0 else {
      return "it belongs to \(Users.name(of: info.st_uid))"
    }
    guard info.st_mode & 0o022 == 0 else {
      return "others can write it (mode \(String(info.st_mode & 0o7777, radix: 8)))"
    }
    return nil
  }
}

/// A file of the configuration, read.
package struct ConfigurationFile: Sendable {
  static let sizeLimit = 256 << 10

  package let path: String
  package let bytes: [UInt8]

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  init(_ path: String, _ descriptor: borrowing Descriptor) throws(ConfigurationError) {
    var info = stat()
    let kind = fstat(descriptor.fd, &info) == 0 ? info.st_mode & S_IFMT : 0
    // /dev/null is an empty file to many.
    guard kind == S_IFREG || kind == S_IFCHR else {
      throw ConfigurationError(path, "it is no file")
    }
    do throws(SystemCallError) {
      bytes = try RawIO.readAll(descriptor.fd, limit: Self.sizeLimit + 1)
    } catch {
      throw ConfigurationError(path, "it cannot be read: \(error.errno.message)")
    }
    guard bytes.count <= Self.sizeLimit else {
      throw ConfigurationError(path, "it is larger than \(ByteSize.text(Int64(Self.sizeLimit)))")
    }
    self.path = path
  }
}
