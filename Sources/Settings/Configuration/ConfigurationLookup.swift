internal import Glibc
internal import Linux

/// Finds the files of the configuration: `taro.yaml`, `hostinfo`.
///
/// The first of these directories that has the file: the current one, $XDG_CONFIG_HOME/taro, each of
/// $XDG_CONFIG_DIRS/taro, /etc/taro. It counts only when nobody but the user and root could have put it there: it can
/// name programs to run, and neither who changes into a directory nor who keeps a variable (su, sudo -E) has agreed to
/// its owner's.
package struct ConfigurationLookup: Sendable {
  private let surroundings: UserEnvironment
  /// The names of the directories in those of the user's and the host's configuration, the first goes first.
  private let folders: [String]

  package init(_ surroundings: UserEnvironment = .current, folders: [String] = ["taro"]) {
    self.surroundings = surroundings
    self.folders = folders
  }

  package struct Found: Sendable {
    package var file: ConfigurationFile?
    package var skipped: [SkippedFile] = []
  }

  /// One open(2) for each directory where the file is not.
  package func find(_ name: String) throws(ConfigurationError) -> Found {
    var found = Found()
    if let file = try take("./\(name)", isLocal: true, &found) {
      found.file = file
      return found
    }
    for directory in directories {
      let path = UserEnvironment.join(directory, name)
      guard let file = try take(path, isLocal: false, &found) else { continue }
      found.file = file
      return found
    }
    return found
  }

  private func take(
    _ path: String, isLocal: Bool, _ found: inout Found
  ) throws(ConfigurationError) -> ConfigurationFile? {
    func skip(_ distrust: Distrust) {
      found.skipped.append(
        SkippedFile(path: path, isLocal: isLocal, reason: distrust.reason(for: path)))
    }
    let opened: Descriptor?
    do throws(ConfigurationError) { opened = try openIfThere(path) } catch {
      // Nobody takes another's configuration away with a file that does not open either.
      guard let distrust = distrustUnopened(path, isLocal) else { throw error }
      skip(distrust)
      return nil
    }
    guard let opened else { return nil }
    if let distrust = distrust(opened, path, isLocal) {
      skip(distrust)
      return nil
    }
    let shown =
      isLocal
      ? UserEnvironment.join(surroundings.currentDirectory(), String(path.dropFirst(2))) : path
    return try ConfigurationFile(shown, opened)
  }

  /// A file that was named; it is trusted wherever it is.
  package func file(_ path: String) throws(ConfigurationError) -> ConfigurationFile {
    guard let path = surroundings.expandingHome(path) else {
      throw ConfigurationError(path, "there is no home directory")
    }
    guard UserEnvironment.isUsable(path: path) else {
      throw ConfigurationError(
        path, "the name is not UTF-8; a link to the file may have one that is")
    }
    guard let descriptor = try openIfThere(path) else {
      throw ConfigurationError(path, "there is no such file")
    }
    return try ConfigurationFile(path, descriptor)
  }

  /// The directories where it is looked for after the current one.
  package var directories: [String] {
    var above: [String] = []
    if let own = surroundings.directory("XDG_CONFIG_HOME", below: ".config") { above.append(own) }
    let shared = surroundings.environment("XDG_CONFIG_DIRS") ?? "/etc/xdg"
    above += shared.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    above.append("/etc")
    return above.flatMap { directory in folders.map { UserEnvironment.join(directory, $0) } }
  }

  /// The directory in which `taro config create --system` puts a file.
  package static let hostDirectory = "/etc/taro"

  /// The directory in which `taro config create` puts a file; nil without a home directory.
  package var userDirectory: String? {
    surroundings.directory("XDG_CONFIG_HOME", below: ".config").map {
      UserEnvironment.join($0, "taro")
    }
  }

  /// Returns nil where there is no file, or where nobody may look.
  private func openIfThere(_ path: String) throws(ConfigurationError) -> Descriptor? {
    do throws(SystemCallError) {
      // Not blocking: a pipe of that name would keep a job from starting.
      return try Descriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    } catch {
      var info = stat()
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      if error.errno == .accessDenied, unsafe stat(path, &info) != 0 { return nil }
      throw ConfigurationError(path, "it cannot be opened: \(error.errno.message)")
    }
  }

  /// Asked of what is open, so that it is about what is going to be read.
  private func distrust(
    _ file: borrowing Descriptor, _ path: String, _ isLocal: Bool
  ) -> Distrust? {
    PathTrust.distrust(file.fd, openedAt: path, user: surroundings.uid)
      ?? distrustOfDirectory(path, isLocal)
  }

  private func distrustUnopened(_ path: String, _ isLocal: Bool) -> Distrust? {
    PathTrust.distrust(unopened: path, user: surroundings.uid)
      ?? distrustOfDirectory(path, isLocal)
  }

  /// The current directory stays what it is whatever becomes of its name, but everybody in /tmp is in /tmp.
  private func distrustOfDirectory(_ path: String, _ isLocal: Bool) -> Distrust? {
    guard isLocal else {
      return PathTrust.distrust(onTheWayTo: path, user: surroundings.uid)
    }
    return PathTrust.distrust(directory: ".", user: surroundings.uid)
  }
}

/// A file that is there and was passed over.
package struct SkippedFile: Sendable, CustomStringConvertible {
  package let path: String
  /// In the current directory, where anybody may have put it.
  package let isLocal: Bool
  package let reason: String

  package var description: String {
    let remedy =
      isLocal
      ? "-C uses a file wherever it is"
      : "change that, or name another directory with XDG_CONFIG_HOME; -C uses a file wherever it is"
    return "\(path) is not used: \(reason); \(remedy)"
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
    let kind = unsafe fstat(descriptor.fd, &info) == 0 ? info.st_mode & S_IFMT : 0
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
