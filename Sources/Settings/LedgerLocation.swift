internal import Glibc
internal import Linux

/// Which directory holds the ledger.
package enum LedgerLocation {
  /// The absolute path of the ledger's directory, which need not exist yet: the option, else
  /// $TARO_LEDGER, else for root /var/lib/taro, else $XDG_DATA_HOME/taro, else ~/.local/share/taro.
  ///
  /// Cron and systemd may give no HOME; the home directory is then the password database's.
  ///
  /// - Parameter option: the value of `--ledger`.
  /// - Throws: when no directory can be found, or a relative path has no current directory to start at.
  package static func resolve(option: String?) throws(SettingError) -> String {
    let uid = geteuid()
    return try resolve(
      option: option,
      surroundings: Surroundings(
        environment: { Environment.value($0) }, uid: uid,
        currentDirectory: { Host.currentDirectory() },
        homeDirectory: { Users.homeDirectory(of: uid) }))
  }

  /// What the choice depends on. Closures, because the usual case asks for none of it.
  struct Surroundings {
    var environment: (String) -> String?
    var uid: UInt32
    /// "" when it has been removed.
    var currentDirectory: () -> String
    /// The password database's.
    var homeDirectory: () -> String?
  }

  static func resolve(
    option: String?, surroundings: Surroundings
  ) throws(SettingError) -> String {
    if let option {
      return try absolute(option, setting: "--ledger", surroundings)
    }
    if let variable = surroundings.environment("TARO_LEDGER") {
      return try absolute(variable, setting: "$TARO_LEDGER", surroundings)
    }
    if surroundings.uid == 0 { return "/var/lib/taro" }
    // The XDG Base Directory Specification has relative values ignored.
    if let data = surroundings.environment("XDG_DATA_HOME"), data.hasPrefix("/") {
      return join(data, "taro")
    }
    if let home = surroundings.environment("HOME"), home.hasPrefix("/") {
      return join(home, ".local/share/taro")
    }
    if let home = surroundings.homeDirectory(), home.hasPrefix("/") {
      return join(home, ".local/share/taro")
    }
    throw SettingError(
      setting: "--ledger", text: "",
      reason: "HOME is not set and user \(surroundings.uid) has no home directory in /etc/passwd",
      remedy: "give a directory with --ledger DIR or TARO_LEDGER=DIR")
  }

  private static func absolute(
    _ path: String, setting: String, _ surroundings: Surroundings
  ) throws(SettingError) -> String {
    guard !path.isEmpty else {
      throw SettingError(
        setting: setting, text: path, reason: "it is empty", remedy: "give the path of a directory")
    }
    if path.hasPrefix("/") { return path }
    let current = surroundings.currentDirectory()
    // getcwd(3) answers "(unreachable)..." for a directory outside of the process's root.
    guard current.hasPrefix("/") else {
      throw SettingError(
        setting: setting, text: path, reason: "the current directory does not exist any more",
        remedy: "give an absolute path")
    }
    return join(current, path)
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }
}
