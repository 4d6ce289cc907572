internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Presentation
internal import Runner
internal import Settings

struct Tell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell",
    abstract: "Have the plugins tell what has changed: failures, missed runs, recoveries.",
    discussion: """
      Each run that has plugins tells what has changed when it ends. This looks when no run does, for what did not \
      happen, was lost or goes on, and tries again what could not be told. Each change is told once, whoever looks; \
      without one nothing is printed. It belongs into cron, or into a systemd timer.

        taro tell
        * * * * * root /usr/local/bin/taro tell

      0 everything is told, 1 something could not be told and will be tried again, or a plugin is not found.
      """)

  @Option(
    help: ArgumentHelp("The time that each plugin has; 60s without.", valueName: "d"))
  var timeout: String?

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let timeout = try OptionValue.duration(timeout, "--timeout") ?? 60_000_000
    let configuration = try ledger.configuration.load()
    let names = configuration.plugins.names
    guard !names.isEmpty else {
      throw Failure("the configuration names no plugins, so nobody is told")
    }
    let directory = try ledger.directory(configuration)
    var failed = false
    for name in names {
      let plugin = Plugin(name, configuration.plugins)
      guard let path = plugin.path else {
        ErrorOutput.write(
          line: "taro: plugin \(EscapedText.of(name)): \(plugin.refusal ?? "is not found")")
        failed = true
        continue
      }
      let code = try PluginTrial.tell(plugin, path: path, ledger: directory, timeout: timeout)
      failed = failed || code != 0
    }
    if failed { throw ExitCode(1) }
  }
}
