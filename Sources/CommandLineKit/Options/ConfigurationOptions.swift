package import ArgumentParser
package import Settings

/// Options of every command that say which configuration holds.
package struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: [.customShort("C"), .customLong("config")],
    help: ArgumentHelp("Use this configuration file.", valueName: "file"), completion: .file())
  package var file: String?

  @Flag(
    name: [.customLong("def-config"), .customLong("dc", withSingleDash: true)],
    help: "Use no file but the built-in configuration: the defaults, with the log on.")
  package var isPackaged = false

  @Flag(
    name: [.customLong("min-config"), .customLong("mc", withSingleDash: true)],
    help: "Use no file, and everything off.")
  package var isMinimal = false

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Another value for a key; may be repeated.", valueName: "key=value"),
    completion: .settings)
  package var settings: [String] = []

  package init() {}

  /// Wrong use of the options; what is in a file is another matter.
  package func validate() throws {
    if file?.isEmpty == true { throw ValidationError("-C is empty: name a file, or leave it out.") }
    if [file != nil, isPackaged, isMinimal].count(where: { $0 }) > 1 {
      throw ValidationError("-C, --def-config and --min-config exclude each other: give one.")
    }
    guard !settings.isEmpty else { return }
    do {
      var ignored = Configuration()
      try ConfigurationSetting.apply(settings, to: &ignored)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  package var choice: ConfigurationChoice {
    if let file { return .file(file) }
    return isPackaged ? .packaged : isMinimal ? .minimal : .lookup
  }

  /// Says on stderr which files are passed over.
  package func load() throws(ConfigurationError) -> Configuration {
    let loaded = try loaded()
    SkippedFiles.say(loaded.skipped)
    return loaded.configuration
  }

  package func loaded() throws(ConfigurationError) -> LoadedConfiguration {
    var loaded = try LoadedConfiguration(choice)
    if !settings.isEmpty { try ConfigurationSetting.apply(settings, to: &loaded.configuration) }
    return loaded
  }
}

package enum SkippedFiles {
  package static func say(_ files: [SkippedFile]) {
    for file in files { StandardError.say("\(file)") }
  }
}
