internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct Hist: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hist",
    abstract: "Show what has run, newest first.",
    discussion: """
        taro hist -n 20
        taro hist -L                 the newest run of each job
        taro hist backup -f jsonl
        taro hist -S "2h ago" --failed
        taro hist -T -s time -n 5    today's five longest runs

      -L and -n count what the other options leave. MISSED is a run that taro expect says was due, and that did not \
      begin; the table shows it among the runs unless they are picked by state, reason or time. With -L it shows when \
      jobs that are expected are due next.
      """,
    aliases: ["history"])

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @OptionGroup var history: HistoryOptions

  @Flag(name: [.customShort("L"), .customLong("last")], help: "The newest run of each job only.")
  var isLastOfEachJob = false

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")], parsing: .unconditional,
    help: ArgumentHelp("Show so many and no more.", valueName: "n"))
  var limit: Int?

  @Option(name: .shortAndLong, help: "By created, finished or time (how long it ran).")
  var sort = InstanceQuery.Order.created

  @Flag(
    name: [.customShort("a"), .customLong("asc"), .customLong("ascending")],
    help: "Oldest, or fastest, first.")
  var isAscending = false

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @Flag(name: .customLong("show-params"), help: "Show the parameters given with --param.")
  var showsParams = false

  @Flag(name: [.customShort("P"), .customLong("no-pager")], help: "Do not start a pager.")
  var hasNoPager = false

  @OptionGroup var watch: WatchedTable
  @OptionGroup var asOf: MomentOption
  @OptionGroup var table: TableOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("-n \(limit): has to be 1 or more.") }
  }

  func run() throws { try watch.show(show) }

  private func show() throws {
    let view = try asOf.view(ledger)
    try ledger.refuseMissing(view)
    let moment = view?.moment ?? .now
    let query = try query(try view?.asked(patterns) ?? patterns, now: moment.wall)
    let palette = color.palette
    let (output, pager) = Pager.open(noPager: hasNoPager || watch.isOn || format != .table)
    var listing = try HistoryListing(
      format, query, to: output, palette: palette, table, showsParams: showsParams, view)
    try view?.projections.forEach(query) { record in
      let instance = InstanceDocument(record, at: moment)
      // The table holds its first rows back, and shows nothing of what may be large.
      return listing.append(format == .table ? instance.lean : instance)
    }
    listing.finish()
    pager.finish()
    guard listing.isEmpty else { return }
    try ledger.explainEmpty(view, format, "nothing that has run matches")
  }

  private func query(
    _ patterns: [Pattern], now: WallTime
  ) throws(SettingError) -> InstanceQuery {
    var query = try InstanceQuery(patterns, history.filter(now: now))
    query.isLastOfEachJob = isLastOfEachJob
    query.order = sort
    query.isAscending = isAscending
    query.limit = limit ?? watch.rows
    return query
  }
}

extension InstanceQuery.Order: ExpressibleByArgument {}
