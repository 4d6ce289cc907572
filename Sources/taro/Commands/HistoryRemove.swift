internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct HistoryRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history-remove",
    abstract: "Remove ended runs from the history.",
    discussion: """
      hist, stats and names do not find them any more. Their events stay in the ledger: show and output by the whole \
      instance id still work. What is live is never removed.

        taro history-remove 'test-*'
        taro history-remove --force 06rvk3hnkd17tm63

      0 removed, 1 nothing matched.
      """)

  @Argument(help: ArgumentHelp("Instances that match.", valueName: "pattern"))
  var patterns: [Pattern]

  @Flag(help: "Do not ask back.")
  var force = false

  @OptionGroup var ledger: LedgerOption

  func validate() throws { try JobPatterns.check(patterns.map(\.text)) }

  func run() throws {
    guard let session = try ledger.view() else { throw nothingMatched }
    let removal = try HistoryRemoval(patterns, in: session)
    if try removal.count() > 0 { _ = try session.asked(patterns) }
    let output = StandardOutput()
    for pattern in patterns {
      let runs = Self.runs(try removal.count(pattern))
      output.write("\(runs) found for \(pattern.text)\n")
    }
    let count = try removal.count()
    guard count > 0 else {
      output.flush()
      throw nothingMatched
    }
    if !force {
      try Confirmation.ask(
        "Do you want to remove \(count == 1 ? "it" : "them") from the history?", on: output,
        remedy: "use --force to remove these without asking")
    }
    try removal.carryOut(by: .thisProcess())
    output.write("\(Self.runs(count)) removed from the history\n")
    output.flush()
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure("nothing in the history matches \(names); taro hist shows what is there")
  }

  private static func runs(_ count: Int64) -> String {
    count == 1 ? "1 instance" : "\(count) instances"
  }
}
