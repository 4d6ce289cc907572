internal import ArgumentParser
internal import Projections

struct Hist: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hist",
    abstract: "Show what has run, newest first.",
    discussion: """
        taro hist -n 20
        taro hist -L                 the newest run of each job
        taro hist backup -f jsonl
      """,
    aliases: ["history"])

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: [.customShort("n"), .customLong("lines")],
    help: ArgumentHelp("Show so many and no more.", valueName: "n"))
  var limit: Int?

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @Flag(name: [.customShort("a"), .customLong("asc")], help: "Oldest first.")
  var isAscending = false

  @Flag(name: [.customShort("L"), .customLong("last")], help: "The newest run of each job only.")
  var isLastOfEachJob = false

  @Flag(name: .customLong("show-params"), help: "Show the parameters given with --param.")
  var showsParams = false

  @Flag(name: [.customShort("P"), .customLong("no-pager")], help: "Do not start a pager.")
  var hasNoPager = false

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("-n \(limit): has to be 1 or more.") }
  }

  func run() throws {
    let view = try ledger.view()
    let palette = color.palette
    let (output, pager) = Pager.open(noPager: hasNoPager || format != .table)
    let showsParams = showsParams
    var listing = InstanceListing(format, to: output, palette: palette) { _ in
      InstanceTable.ended(showsParams: showsParams)
    }
    if let view { try list(view.projections, into: &listing) }
    listing.finish()
    pager.finish()
  }

  private func list(
    _ projections: ProjectionStore, into listing: inout InstanceListing
  ) throws {
    var left = limit ?? .max
    var seenJobs: Set<String> = []
    let newestFirst = !isAscending || isLastOfEachJob
    var kept: [InstanceRecord] = []
    // One job named exactly is found by index.
    let job = patterns.count == 1 ? patterns.first.flatMap(exactJob(projections)) : nil
    try projections.forEachEnded(job: job, newestFirst ? .newestFirst : .oldestFirst) { record in
      guard patterns.matches(record) else { return true }
      if isLastOfEachJob {
        guard seenJobs.insert(record.job).inserted else { return true }
        kept.append(record)
      } else {
        listing.append(record)
      }
      left -= 1
      return left > 0
    }
    for record in isAscending ? kept.reversed() : kept { listing.append(record) }
  }

  private func exactJob(_ projections: ProjectionStore) -> (Pattern) -> String? {
    { pattern in
      guard !pattern.isGlob, let newest = try? projections.newest(ofJob: pattern.text) else {
        return nil
      }
      return newest.job
    }
  }
}
