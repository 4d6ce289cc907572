internal import Events

/// The choice of the directory that holds the ledger.
package struct LedgerLocation: Equatable, Sendable {
  /// Absolute; it need not exist yet.
  package let path: String
  /// Below ``sharedDirectory``: nobody has said where, and the user has no home directory to write in.
  package var isOfHomeless = false

  /// The place of ledgers of users who have no home directory of their own, www-data and the like: each has one that is
  /// named by the user's number. It is root's, mode 1733, so that everybody can make one and nobody another's anew.
  package static let sharedDirectory = "/var/lib/taro-users"

  /// The option, else $TARO_LEDGER, else the configuration's, else for root /var/lib/taro, else $XDG_DATA_HOME/taro or
  /// ~/.local/share/taro where that is the user's to write, else the user's below ``sharedDirectory``.
  ///
  /// - Parameters:
  ///   - option: the value of `--ledger`.
  ///   - configured: `ledger.directory`.
  /// - Throws: when a relative path has no current directory to start at.
  package static func resolve(
    option: String?, configured: String?, surroundings: UserEnvironment = .current
  ) throws(SettingError) -> LedgerLocation {
    if let option {
      return LedgerLocation(path: try absolute(option, setting: "--ledger", surroundings))
    }
    if let variable = surroundings.environment(EnvironmentVariable.ledger.name) {
      return LedgerLocation(
        path: try absolute(variable, setting: "$\(EnvironmentVariable.ledger.name)", surroundings))
    }
    if let configured {
      return LedgerLocation(path: try usable(configured, setting: "ledger.directory"))
    }
    if surroundings.uid == 0 { return LedgerLocation(path: "/var/lib/taro") }
    if let data = surroundings.directory("XDG_DATA_HOME", below: ".local/share") {
      let path = try usable(
        UserEnvironment.join(data, "taro"), setting: "the directory of $XDG_DATA_HOME or $HOME,")
      if surroundings.isOwn(path) { return LedgerLocation(path: path) }
    }
    return LedgerLocation(
      path: "\(sharedDirectory)/\(surroundings.uid)", isOfHomeless: true)
  }

  private static func absolute(
    _ path: String, setting: String, _ surroundings: UserEnvironment
  ) throws(SettingError) -> String {
    guard !path.isEmpty else {
      throw SettingError(
        setting: setting, text: path, reason: "it is empty", remedy: "give the path of a directory")
    }
    if path.hasPrefix("/") { return try usable(path, setting: setting) }
    let current = surroundings.currentDirectory()
    // getcwd(3) answers "(unreachable)..." for a directory outside of the process's root.
    guard current.hasPrefix("/") else {
      throw SettingError(
        setting: setting, text: path, reason: "the current directory does not exist any more",
        remedy: "give an absolute path")
    }
    return try usable(UserEnvironment.join(current, path), setting: setting)
  }

  /// A directory of a similar name is not the one that was meant.
  private static func usable(_ path: String, setting: String) throws(SettingError) -> String {
    guard UserEnvironment.isUsable(path: path) else {
      throw SettingError(
        setting: setting, text: path,
        reason: "the name is not UTF-8, and a ledger's directory has to have one that is",
        remedy: "name another with --ledger or TARO_LEDGER, for instance a link to it")
    }
    return path
  }
}
