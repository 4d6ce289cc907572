internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation

struct Expectations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expectations",
    abstract: "Show what is expected of jobs, and when each is due.",
    discussion: """
        taro expectations
        taro expectations 'backup*' -f jsonl
      """)

  @Argument(
    help: ArgumentHelp("Only jobs that match.", valueName: "pattern"), completion: .expectedJobs)
  var patterns: [Pattern] = []

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let now = WallTime.now
    let view = try ledger.view()
    _ = try view?.asked(patterns)
    let documents =
      try view?.expectations(now: now) { job in
        patterns.isEmpty || patterns.contains { $0.matches(job: job) }
      } ?? []
    let table = Table(
      ExpectationText.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "expectations", to: StandardOutput(), table: table,
      document: \ExpectationDocument.json)
    for document in documents { listing.append(document) }
    listing.finish()
  }
}
