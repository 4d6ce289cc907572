internal import Glibc

/// A part of a path that somebody but root and this user has a hand in.
package struct Distrust: Error, Equatable, Sendable, CustomStringConvertible {
  package let path: String
  /// A sentence about `path` that begins with "it" or "others".
  package let reason: String

  package init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "\(path): \(reason)" }

  /// As a reason for not using `subject`, which is at `path` or below it.
  package func reason(for subject: String) -> String {
    path == subject ? reason : "on the way to it is \(path): \(reason)"
  }
}

/// Finds who can exchange what a path leads to. Where only root and this user can, what was found there stays what it
/// was between looking and using it, and nobody else has put it there.
package enum PathTrust {
  package enum Rule: Sendable {
    /// Neither a group nor others write.
    case strict
    /// Groups may write: /var/log belongs to one on some systems.
    case groupsMayWrite
  }

  /// Looks at every directory and link that the path leads through, and not at what it leads to: that is for `fstat`,
  /// when it is open. One lstat(2) for each.
  /// - Returns: nil where only root and `user` can exchange what is there, or nothing is there.
  package static func distrust(
    onTheWayTo path: String, user: UInt32 = geteuid(), _ rule: Rule = .strict
  ) -> Distrust? {
    let whole = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    // The next one last.
    var ahead = parts(whole)
    var directory = "/"
    var links = 0
    while true {
      if let distrust = distrust(ofDirectory: directory, user, rule) { return distrust }
      guard let part = ahead.popLast() else { return nil }
      if part == ".." {
        let parents = parts(directory).dropFirst()
        directory = "/" + parents.reversed().joined(separator: "/")
        continue
      }
      let next = directory == "/" ? "/\(part)" : "\(directory)/\(part)"
      var info = stat()
      guard unsafe lstat(next, &info) == 0 else { return nil }
      switch info.st_mode & S_IFMT {
      case S_IFLNK:
        guard isTrusted(owner: info.st_uid, user) else {
          return Distrust(next, "it is a link that belongs to \(Users.name(of: info.st_uid))")
        }
        links += 1
        // Whoever opens it is told so by the kernel.
        guard links <= 40, let target = Host.linkTarget(Array(next.utf8)) else { return nil }
        let text = String(decoding: target, as: UTF8.self)
        if text.hasPrefix("/") { directory = "/" }
        ahead += parts(text)
      case S_IFDIR where !ahead.isEmpty: directory = next
      default: return nil
      }
    }
  }

  /// The same of what is open, by its owner and mode.
  package static func distrust(
    _ fd: Int32, openedAt path: String, user: UInt32 = geteuid()
  ) -> Distrust? {
    var info = stat()
    guard unsafe fstat(fd, &info) == 0 else { return Distrust(path, Errno.current.message) }
    return distrust(info, path, user, .strict)
  }

  /// The same of a directory in which anybody's file would be taken for the user's: the sticky bit does not help.
  package static func distrust(directory path: String, user: UInt32 = geteuid()) -> Distrust? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return Distrust(path, Errno.current.message) }
    return distrust(info, path, user, .strict)
  }

  /// The same of a file that is going to be used by its name, and of the way to it: where there is nothing to say, nobody
  /// else can exchange it any more.
  package static func distrust(file path: String, user: UInt32 = geteuid()) -> Distrust? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return Distrust(path, Errno.current.message) }
    return distrust(info, path, user, .strict) ?? distrust(onTheWayTo: path, user: user)
  }

  /// The same of what cannot be opened or is not to be, and of the way to it. A link counts as what it is.
  package static func distrust(unopened path: String, user: UInt32 = geteuid()) -> Distrust? {
    var info = stat()
    if unsafe lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFLNK,
      let distrust = distrust(info, path, user, .strict)
    {
      return distrust
    }
    return distrust(onTheWayTo: path, user: user)
  }

  private static func distrust(
    _ info: stat, _ path: String, _ user: UInt32, _ rule: Rule
  ) -> Distrust? {
    guard isTrusted(owner: info.st_uid, user) else {
      return Distrust(path, "it belongs to \(Users.name(of: info.st_uid))")
    }
    // /dev/null is an empty file to many.
    let isDevice = info.st_mode & S_IFMT == S_IFCHR
    let writesGroup =
      rule == .strict && info.st_mode & 0o020 != 0
      && !(user != 0 && Users.isOnlyMember(user, ofGroup: info.st_gid))
    guard isDevice || (info.st_mode & 0o002 == 0 && !writesGroup) else {
      return Distrust(
        path, "others can write it (mode \(String(info.st_mode & 0o7777, radix: 8)))")
    }
    return nil
  }

  /// In a directory with the sticky bit only its owner and the owner of an entry exchange that.
  private static func distrust(
    ofDirectory path: String, _ user: UInt32, _ rule: Rule
  ) -> Distrust? {
    var info = stat()
    guard unsafe lstat(path, &info) == 0 else { return nil }
    if info.st_mode & 0o1000 != 0 { info.st_mode &= ~0o022 }
    return distrust(info, path, user, rule)
  }

  private static func isTrusted(owner: UInt32, _ user: UInt32) -> Bool {
    owner == 0 || owner == user || (owner == overflowUser && isInUserNamespace)
  }

  /// The user that the kernel names where an owner has no number in this user namespace: the host's root, mostly.
  private static let overflowUser: UInt32 = 65534

  private static var isInUserNamespace: Bool {
    guard let map = RawIO.contents(of: "/proc/self/uid_map") else { return false }
    return map.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
      .map { String(decoding: $0, as: UTF8.self) } != ["0", "0", "4294967295"]
  }

  /// Reversed, without dots.
  private static func parts(_ path: String) -> [String] {
    path.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
  }
}
