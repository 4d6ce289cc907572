internal import Glibc
internal import Linux

/// Facts that settings depend on besides their files. Closures, because the usual case asks for none of it.
package struct UserEnvironment: Sendable {
  package var environment: @Sendable (String) -> String?
  var uid: UInt32
  /// "" when it has been removed.
  var currentDirectory: @Sendable () -> String
  /// The password database's.
  var homeDirectory: @Sendable () -> String?
  /// Tells whether the user has the directory, or can make it below one of theirs.
  var isOwn: @Sendable (String) -> Bool = { _ in true }

  /// Those of this process.
  package static var current: UserEnvironment {
    let uid = geteuid()
    return UserEnvironment(
      environment: { Environment.value($0) }, uid: uid,
      currentDirectory: { Host.currentDirectory() },
      homeDirectory: { Users.homeDirectory(of: uid) }, isOwn: { isOwn($0, uid) })
  }

  /// One system call where it is there.
  private static func isOwn(_ path: String, _ uid: UInt32) -> Bool {
    var info = stat()
    if unsafe stat(path, &info) == 0 { return info.st_uid == uid }
    var parts = path.split(separator: "/")
    // What is missing is made; what may not be asked for is somebody else's.
    while errno == ENOENT, !parts.isEmpty {
      parts.removeLast()
      let above = "/" + parts.joined(separator: "/")
      guard unsafe stat(above, &info) == 0 else { continue }
      return unsafe info.st_uid == uid && faccessat(AT_FDCWD, above, W_OK | X_OK, AT_EACCESS) == 0
    }
    return false
  }

  /// Tells whether the path is one that this process can use. Where its bytes are not UTF-8 U+FFFD stands instead of
  /// them, and the path is another one.
  package static func isUsable(path: String) -> Bool {
    !path.unicodeScalars.contains("\u{fffd}")
  }

  /// Cron and systemd may give no HOME; the home directory is then the password database's.
  var home: String? {
    if let home = environment("HOME"), home.hasPrefix("/") { return home }
    guard let home = homeDirectory(), home.hasPrefix("/") else { return nil }
    return home
  }

  /// The directory of one of the XDG variables: its value, which is ignored when it is relative (XDG Base Directory
  /// Specification), else the one below the home directory; nil without either.
  package func directory(_ variable: String, below fallback: String) -> String? {
    if let value = environment(variable), value.hasPrefix("/") { return value }
    return home.map { Self.join($0, fallback) }
  }

  /// `~/x` below the home directory, other paths as they are; nil when there is no home directory.
  package func expandingHome(_ path: String) -> String? {
    guard path.hasPrefix("~/") else { return path }
    return home.map { Self.join($0, String(path.dropFirst(2))) }
  }

  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }
}
