internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Ps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps",
    abstract: "Show what is running, or waits to run.",
    discussion: """
        taro ps
        taro ps 'backup*' -f json

      LOST (still running) is a run whose taro was killed while its command goes on: nobody records what it does, \
      taro stop reaches it. LOST (still there, paused) is one that is stopped: taro resume lets it go on. MISSED is a run \
      that taro expect says was due, and that has not begun.
      """)

  @Argument(
    help: ArgumentHelp("Only instances that match.", valueName: "pattern"),
    completion: .liveInstances)
  var patterns: [Pattern] = []

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @Flag(name: .customLong("show-params"), help: "Show the parameters given with --param.")
  var showsParams = false

  @OptionGroup var watch: WatchedTable
  @OptionGroup var asOf: MomentOption
  @OptionGroup var table: TableOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws { try watch.show(show) }

  private func show() throws {
    let view = try asOf.view(ledger)
    try ledger.refuseMissing(view)
    let moment = view?.moment ?? .now
    let patterns = try view?.asked(patterns) ?? patterns
    let columns = try self.table.columns(
      of: HistoryTable.columns(
        InstanceTable.live(drawsBars: Terminal.isTerminal(1), now: moment.wall), now: moment.wall),
      hidden: InstanceTable.hidden(showsParams: showsParams))
    let live = try view.map { view throws(LedgerError) in
      LiveQueues(try LiveInstances(view.projections))
    }
    let breaches = try view.flatMap { format == .table ? try BreachHistory($0.reader) : nil }
    let table = Table(
      columns, terminalColumns: self.table.terminalColumns, palette: color.palette,
      rowTone: HistoryTable.rowTone)
    var listing = Listing(format, "instances", to: StandardOutput(), table: table) { row in
      // Only tables have other rows.
      guard case .run(let instance, _) = row else { return .null }
      return instance.json
    }
    func show(_ record: InstanceRecord) {
      let instance = InstanceDocument(record, at: moment, among: live)
      // The table holds its first rows back, and shows nothing of what may be large.
      listing.append(
        .run(format == .table ? instance.lean : instance, breaches?.of(instance.instance) ?? []))
    }
    try view?.projections.forEach(InstanceQuery(.live, patterns, isAscending: true)) {
      show($0)
      return true
    }
    try view?.projections.forEach(InstanceQuery(.leftBehind, patterns, isAscending: true)) {
      if $0.leftBehind?.isRunning ?? false { show($0) }
      return true
    }
    if let view, format == .table {
      for missing in try MissingRuns.now(view, patterns, now: moment.wall) {
        listing.append(.missing(job: missing.job, missing.breach))
      }
    }
    listing.finish()
    guard listing.isEmpty else { return }
    try ledger.explainEmpty(
      view, format,
      patterns.isEmpty
        ? "nothing is running; taro hist shows what has run"
        : "nothing that matches is running; taro hist shows what has run")
  }
}
