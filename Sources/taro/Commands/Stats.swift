internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show how each job has fared.",
    discussion: """
        taro stats
        taro stats 'backup*' -S "7d ago"
        taro stats -f jsonl

      Takes the options of hist. MEDIAN and P95 are of the newest 10,000 runs of a job, LAST RUNS are the newest 20, \
      oldest first, the higher the longer. FAILED and STREAK leave out what was not executed.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var asOf: MomentOption
  @OptionGroup var table: TableOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let view = try asOf.view(ledger)
    let now = (view?.moment ?? .now).wall
    let query = try InstanceQuery(patterns, history.filter(now: now))
    let all = StatisticsTable.columns(
      isUTF8: Locale.isUTF8(environment: ProcessEnvironment.value), now: now)
    let table = Table(
      try self.table.columns(of: all), terminalColumns: self.table.terminalColumns,
      palette: color.palette)
    var listing = Listing(
      format, "jobs", to: StandardOutput(), table: table, document: \StatisticsDocument.json)
    try view?.projections.forEachStatistics(query) {
      listing.append(StatisticsDocument($0))
    }
    listing.finish()
  }
}
