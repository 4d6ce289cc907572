internal import ArgumentParser

struct Taros: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "taros",
    abstract: "Serve the ledger over HTTP.",
    discussion: """
      Without a command it starts: taros is taros start.

        taros --port 8080
        taros token add ops --scope control
      """,
    version: "0.1.0",
    subcommands: [Start.self, TokenCommand.self], defaultSubcommand: Start.self)
}
