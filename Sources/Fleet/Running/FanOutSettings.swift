internal import Glibc
internal import Linux

/// The number of hosts that are asked at once, and the time for it.
package struct FanOutSettings: Sendable {
  package var parallel = 64
  /// Microseconds from a host's start to the end of its answer; nil: it may take as long as it wants, but not to begin.
  package var timeout: Int64? = 30_000_000
  package var ssh = SSHCommand()
  /// The name that the program has on the far side, where the host file does not say another.
  package var program: String
  /// The host's own terminal may be used to ask for a password.
  package var mayAsk = false

  package init(program: String) { self.program = program }

  /// The time that an answer without an end may take to begin.
  static let patience: Int64 = 30_000_000
}

/// The directory in which the sockets of shared connections are.
package enum ConnectionSharing {
  /// The longest that leaves room for the names of sockets in it (unix(7): 108 bytes), which `ssh` makes longer for a
  /// moment.
  private static let longest = 74

  /// Makes the directory, this user's alone; nil where there is none to have: then no connection is shared.
  package static func directory() -> String? {
    let candidates = [
      Environment.value("XDG_RUNTIME_DIR").map { "\($0)/taroc" },
      Environment.value("HOME").map { "\($0)/.cache/taroc" },
    ]
    for case let path? in candidates where path.hasPrefix("/") && path.utf8.count <= longest {
      // What `ssh` would take for more than characters (ssh_config(5), TOKENS).
      guard !path.contains(where: { "%$\"' \\".contains($0) }) else { continue }
      try? WholeFile.makeDirectories(above: "\(path)/socket")
      if (try? Folder(path, .userAlone)) != nil { return path }
    }
    return nil
  }
}
