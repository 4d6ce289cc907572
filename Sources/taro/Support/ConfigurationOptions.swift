internal import ArgumentParser
internal import CommandLineKit
internal import Presentation
internal import Settings

/// Which configuration holds: options of every command.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: [.customShort("C"), .customLong("config")],
    help: ArgumentHelp("Use this configuration file.", valueName: "file"), completion: .file())
  var file: String?

  @Flag(
    name: [.customLong("def-config"), .customLong("dc", withSingleDash: true)],
    help: "Use no file but the built-in configuration, the one that config create writes.")
  var isPackaged = false

  @Flag(
    name: [.customLong("min-config"), .customLong("mc", withSingleDash: true)],
    help: "Use no file, and everything off.")
  var isMinimal = false

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Another value for a key; may be repeated.", valueName: "key=value"),
    completion: .settings)
  var settings: [String] = []

  /// Wrong use of the options; what is in a file is another matter.
  func validate() throws {
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

  var choice: ConfigurationChoice {
    if let file { return .file(file) }
    return isPackaged ? .packaged : isMinimal ? .minimal : .lookup
  }

  /// Says on stderr which files are passed over.
  func load() throws(ConfigurationError) -> Configuration {
    let loaded = try loaded()
    SkippedFiles.say(loaded.skipped)
    return loaded.configuration
  }

  func loaded() throws(ConfigurationError) -> LoadedConfiguration {
    var loaded = try LoadedConfiguration(choice)
    if !settings.isEmpty { try ConfigurationSetting.apply(settings, to: &loaded.configuration) }
    return loaded
  }
}

extension ConfigurationOptions {
  /// The file that counts, read and not understood; an error when there is none.
  func usedFile() throws -> ConfigurationFile {
    let lookup = ConfigurationLookup()
    if let file { return try lookup.file(file) }
    guard choice == .lookup else { throw Failure("the built-in configuration is no file") }
    let found = try lookup.find(LoadedConfiguration.fileName)
    SkippedFiles.say(found.skipped)
    guard let used = found.file else {
      let places = lookup.directories.map(PrintableText.escaped).joined(separator: ", ")
      throw Failure(
        "no \(LoadedConfiguration.fileName) in the current directory, \(places); "
          + "taro config create makes one")
    }
    return used
  }
}

enum SkippedFiles {
  static func say(_ files: [SkippedFile]) {
    for file in files { StandardError.say("\(file)") }
  }
}
