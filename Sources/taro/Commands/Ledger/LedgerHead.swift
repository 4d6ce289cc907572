internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Operations
internal import Presentation

struct LedgerHead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "head",
    abstract: "Print the last event's digest and position.",
    discussion: """
      Keep it somewhere else: with it, ledger verify --against proves later that nothing up to there was rewritten.

        taro ledger head | ssh vault 'cat >> heads'
      """)

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let reader = try LedgerReader(try ledger.directory())
    if let missing = reader.missing {
      LedgerNotices.say(.lostEvents(missing), of: reader.directory)
    }
    LedgerNotices.say(damagedNotes: reader.damagedNotes, of: reader.directory)
    let head = try reader.head()
    let output = StandardOutput()
    output.write("\(ChainPosition(seq: head.seq, digest: head.digest))\n")
    output.flush()
  }
}
