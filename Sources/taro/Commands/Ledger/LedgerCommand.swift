internal import ArgumentParser

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Look after the ledger: check it, measure it, copy it, cut it, rescue it.",
    subcommands: [
      LedgerVerify.self, LedgerHead.self, LedgerInfo.self, LedgerRebuild.self, LedgerRecover.self,
      LedgerRetain.self, LedgerBackupCommand.self, LedgerCheckpoints.self,
    ])
}
