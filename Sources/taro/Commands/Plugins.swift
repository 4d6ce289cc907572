internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Presentation
internal import Projections
internal import Runner
internal import Settings

struct Plugins: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins",
    abstract: "Show the plugins that are told what happens to runs, and try one.",
    discussion: """
      A plugin is an executable taro-plugin-NAME, named under plugins: in the configuration.

        taro plugins
        taro plugins test mail
      """,
    subcommands: [PluginsList.self, PluginsTest.self], defaultSubcommand: PluginsList.self)
}

struct PluginsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show which plugins are configured and where they are.")

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let settings = try ledger.configuration.load().plugins
    let plugins = settings.names.map { Plugin($0, settings) }
    let output = StandardOutput()
    let table = Table(
      Self.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(format, "plugins", to: output, table: table, document: Self.json)
    for plugin in plugins { listing.append(plugin) }
    listing.finish()
    guard plugins.isEmpty, format == .table else { return }
    output.write(Self.hint(settings))
    output.flush()
  }

  private static let columns = [
    TableColumn<Plugin>("PLUGIN", maximumWidth: 30) { $0.name },
    TableColumn<Plugin>("PATH", maximumWidth: 60) {
      $0.path ?? ($0.refusal == nil ? "not found" : "not used: others can change it")
    },
    TableColumn<Plugin>("FOUND IN", maximumWidth: 20) { $0.place?.rawValue ?? "" },
    TableColumn<Plugin>("SETTINGS", maximumWidth: 60) {
      $0.settings == .object([]) ? "" : $0.settings.text
    },
  ]

  private static func hint(_ settings: PluginSettings) -> PrintableText {
    var text: PrintableText =
      "\nNone is named under plugins: in the configuration. They are looked for in\n"
    for (place, path) in Plugin.places(settings) where place != .path { text += "  \(path)\n" }
    return text + "  PATH\n"
  }

  private static func json(_ plugin: Plugin) -> JSON {
    .object([
      .init("name", .string(plugin.name)),
      .init("path", plugin.path.map { .string($0) } ?? .null),
      .init("found_in", plugin.place.map { .string($0.rawValue) } ?? .null),
      .init("settings", plugin.settings),
    ])
  }
}

struct PluginsTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Tell a plugin of a sample run that fails.",
    discussion: """
      The plugin does what it would do: mail is sent. Its own settings are used; what it says on stderr is shown.

        taro plugins test mail

      0 it has taken every event, 1 it has failed.
      """)

  @Argument(help: ArgumentHelp("The plugin's name.", valueName: "name"))
  var name: String

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let configuration = try ledger.configuration.load()
    let plugin = Plugin(name, configuration.plugins)
    guard let path = plugin.path else {
      if let refusal = plugin.refusal { throw Failure(PrintableText.escaped(refusal)) }
      throw Failure(
        "there is no executable \(Plugin.prefix)\(PrintableText.escaped(name)); taro plugins tells where it is looked for"
      )
    }
    let directory = try ledger.directory(configuration)
    let code = try SampleRun.notify(
      plugin, path: path, ledger: directory, timeout: configuration.plugins.timeout)
    guard code == 0 else {
      throw Failure("plugin \(PrintableText.escaped(name)) has failed: exit code \(code)")
    }
    let output = StandardOutput()
    output.write("plugin \(name) has taken every event\n")
    output.flush()
  }
}
