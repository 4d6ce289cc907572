internal import ArgumentParser
internal import Ledger
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
    name: [.customShort("n", allowingJoined: true), .customLong("lines")],
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
    let limit = limit ?? .max
    guard !isLastOfEachJob else {
      let newest = try newestOfEachJob(projections)
      for record in (isAscending ? newest.reversed() : newest).prefix(limit) {
        listing.append(record)
      }
      return
    }
    var left = limit
    let job = try onlyJob(projections)
    try projections.forEachEnded(job: job, isAscending ? .oldestFirst : .newestFirst) { record in
      guard patterns.matches(record) else { return true }
      listing.append(record)
      left -= 1
      return left > 0
    }
  }

  private func newestOfEachJob(_ projections: ProjectionStore) throws -> [InstanceRecord] {
    var seenJobs: Set<String> = []
    var newest: [InstanceRecord] = []
    let job = try onlyJob(projections)
    try projections.forEachEnded(job: job, .newestFirst) { record in
      if patterns.matches(record), seenJobs.insert(record.job).inserted { newest.append(record) }
      return job == nil || newest.isEmpty
    }
    return newest
  }

  /// The job that alone can match, and is found by index: the one that is named exactly, unless the name begins an
  /// instance id too.
  private func onlyJob(_ projections: ProjectionStore) throws -> String? {
    guard patterns.count == 1, let pattern = patterns.first, !pattern.isGlob,
      try projections.newest(ofJob: pattern.text) != nil
    else { return nil }
    let isPrefix =
      try InstanceID.isPrefix(pattern.text)
      && !projections.instances(withPrefix: pattern.text, limit: 1).isEmpty
    return isPrefix ? nil : pattern.text
  }
}
