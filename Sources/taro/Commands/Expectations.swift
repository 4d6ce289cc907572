internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

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
    let entries = try view.map { try ExpectedJobs(reader: $0.reader).entries } ?? []
    let table = Table(
      ExpectationText.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "expectations", to: StandardOutput(), table: table,
      document: \ExpectationDocument.json)
    for entry in entries
    where patterns.isEmpty || patterns.contains(where: { $0.matches(job: entry.job) }) {
      let lastRun = try view?.projections.newest(ofJob: entry.job)?.createdAt
      listing.append(entry.document(lastRun: lastRun, now: now))
    }
    listing.finish()
  }
}
