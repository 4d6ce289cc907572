internal import ArgumentParser
internal import CommandLineKit

/// ``LedgerOption`` for a command to which -C means something else: there the file has its long name alone.
struct LongLedgerOption: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp("The directory of the ledger.", valueName: "dir"), completion: .directory)
  var path: String?

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("Use this configuration file.", valueName: "file"), completion: .file())
  var file: String?

  @Flag(
    name: [.customLong("def-config"), .customLong("dc", withSingleDash: true)],
    help: "Use no file but the built-in configuration: the defaults, with the log on.")
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

  func validate() throws { try option.configuration.validate() }

  var option: LedgerOption {
    var configuration = ConfigurationOptions()
    configuration.file = file
    configuration.isPackaged = isPackaged
    configuration.isMinimal = isMinimal
    configuration.settings = settings
    var option = LedgerOption()
    option.path = path
    option.configuration = configuration
    return option
  }
}
