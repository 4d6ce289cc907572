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

      Takes the options of hist. FASTEST, AVERAGE, MEDIAN, P95 and SLOWEST are of runs that completed, MEDIAN and P95 of \
      the newest 10,000 of a job. LAST RUNS are the newest 20, oldest first, the higher the longer. FAILED and STREAK \
      leave out what was not executed. Dry runs are counted in ENDED, apart, and nowhere else.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var watch: WatchedTable
  @OptionGroup var asOf: MomentOption
  @OptionGroup var table: TableOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws { try watch.show(show) }

  private func show() throws {
    let view = try asOf.view(ledger)
    try ledger.refuseMissing(view)
    let now = (view?.moment ?? .now).wall
    let patterns = try view?.asked(patterns) ?? patterns
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
    guard listing.isEmpty else { return }
    try ledger.explainEmpty(view, format, "nothing that has run matches")
  }
}
