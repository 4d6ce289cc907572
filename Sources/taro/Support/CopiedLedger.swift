internal import CommandLineKit
internal import Ledger

/// Says on stderr that a ledger is a copy: what it says of live runs is of the moment at which it was made.
enum CopiedLedger {
  static func report(_ directory: LedgerDirectory) {
    StandardError.say(
      "ledger \(directory.path) is a copy: questions leave it as it is, and who first writes it makes it a "
        + "ledger of its own")
  }
}
