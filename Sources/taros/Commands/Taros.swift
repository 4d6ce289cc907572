internal import ArgumentParser

struct Taros: ParsableCommand {
  static let version = "0.1.0"
  /// The day of the version: the manual's date.
  static let versionDate = "2026-11-29"

  static let configuration = CommandConfiguration(
    commandName: "taros",
    abstract: "Serve the ledger over HTTP.",
    discussion: """
      Without a command it starts: taros is taros start.

        taros --port 8080
        taros token add ops --scope control

      taros --generate-completion-script SHELL prints what bash, zsh or fish completes commands with; \
      taros --generate-manual DIR writes the pages of the manual to DIR/man1 and DIR/man5.
      """,
    version: "taros \(version)",
    subcommands: [Start.self, TokenCommand.self], defaultSubcommand: Start.self)
}
