/// Which directory holds the ledger.
package enum LedgerLocation {
  /// The absolute path of the ledger's directory, which need not exist yet: the option, else $TARO_LEDGER, else
  /// the configuration's, else for root /var/lib/taro, else $XDG_DATA_HOME/taro, else ~/.local/share/taro.
  ///
  /// - Parameters:
  ///   - option: the value of `--ledger`.
  ///   - configured: `ledger.directory`.
  /// - Throws: when no directory can be found, or a relative path has no current directory to start at.
  package static func resolve(
    option: String?, configured: String?, surroundings: Surroundings = .current
  ) throws(SettingError) -> String {
    if let option {
      return try absolute(option, setting: "--ledger", surroundings)
    }
    if let variable = surroundings.environment("TARO_LEDGER") {
      return try absolute(variable, setting: "$TARO_LEDGER", surroundings)
    }
    if let configured { return try usable(configured, setting: "ledger.directory") }
    if surroundings.uid == 0 { return "/var/lib/taro" }
    if let data = surroundings.directory("XDG_DATA_HOME", below: ".local/share") {
      return try usable(
        Surroundings.join(data, "taro"), setting: "the directory of $XDG_DATA_HOME or $HOME,")
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
    if path.hasPrefix("/") { return try usable(path, setting: setting) }
    let current = surroundings.currentDirectory()
    // getcwd(3) answers "(unreachable)..." for a directory outside of the process's root.
    guard current.hasPrefix("/") else {
      throw SettingError(
        setting: setting, text: path, reason: "the current directory does not exist any more",
        remedy: "give an absolute path")
    }
    return try usable(Surroundings.join(current, path), setting: setting)
  }

  /// A directory of a similar name is not the one that was meant.
  private static func usable(_ path: String, setting: String) throws(SettingError) -> String {
    guard Surroundings.isUsable(path: path) else {
      throw SettingError(
        setting: setting, text: path,
        reason: "the name is not UTF-8, and a ledger's directory has to have one that is",
        remedy: "name another with --ledger or TARO_LEDGER, for instance a link to it")
    }
    return path
  }
}
