internal import ArgumentParser
internal import CommandLineKit
internal import Ledger
internal import Operations
internal import Server
internal import Settings

/// Options that say which configuration and which ledger, of every command.
struct ServerOptions: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp("The directory of the ledger.", valueName: "dir"), completion: .directory)
  var ledger: String?

  @Option(
    name: [.customShort("C"), .customLong("config")],
    help: ArgumentHelp("Use this configuration file.", valueName: "file"), completion: .file())
  var file: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Another value for a key; may be repeated.", valueName: "key=value"),
    completion: .settings(of: ServerConfiguration.self))
  var settings: [String] = []

  func validate() throws {
    if file?.isEmpty == true { throw ValidationError("-C is empty: name a file, or leave it out.") }
    var ignored = ServerConfiguration()
    do { try ConfigurationSetting.apply(settings, to: &ignored) } catch {
      throw ValidationError("\(error)")
    }
  }

  /// Says on stderr which files are passed over.
  func configuration() throws(ConfigurationError) -> ServerConfiguration {
    let loaded = try loaded()
    SkippedFiles.say(loaded.skipped)
    return loaded.configuration
  }

  func loaded() throws(ConfigurationError) -> Loaded<ServerConfiguration> {
    var loaded = try Loaded<ServerConfiguration>(file.map { .file($0) } ?? .lookup)
    try ConfigurationSetting.apply(settings, to: &loaded.configuration)
    return loaded
  }

  func directory(_ configuration: ServerConfiguration) throws(SettingError) -> LedgerDirectory {
    try LedgerDirectory(
      option: ledger, configured: configuration.ledgerDirectory,
      fileSystem: configuration.ledgerFileSystem)
  }

  func tokens() throws -> TokenFile { TokenFile(try directory(try configuration())) }
}
