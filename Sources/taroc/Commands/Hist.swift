internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation
internal import Settings

struct Hist: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hist",
    abstract: "Show what has run on each host.",
    discussion: """
        taroc hist -n 20             the newest 20 of all hosts
        taroc hist -L -g web
        taroc hist backup -f jsonl --failed

      With -n all rows are in one order, which begins when all hosts have answered; without it each host's are in \
      theirs, and shown as they come. Times are this host's.
      """,
    aliases: ["history"])

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @OptionGroup var history: HistoryOptions

  @Flag(
    name: [.customShort("L"), .customLong("last")],
    help: "The newest run of each job on each host only.")
  var isLastOfEachJob = false

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")], parsing: .unconditional,
    help: ArgumentHelp("Show so many of all and no more.", valueName: "n"))
  var limit: Int?

  @Option(name: .shortAndLong, help: "By created, finished or time (how long it ran).")
  var sort = Asking.HistoryOrder.created

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

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var color: ColorOption

  func validate() throws {
    if let limit, !(1...100_000).contains(limit) {
      throw ValidationError("-n \(limit): has to be from 1 to 100000.")
    }
  }

  func run() throws {
    let asking = try moment.of(
      .ended(
        history.asked(patterns), lastOfEachJob: isLastOfEachJob, limit: limit, order: sort,
        isAscending: isAscending))
    let columns = try table.columns(
      of: InstanceTable.ended(now: .now), hidden: InstanceTable.hidden(showsParams: showsParams))
    var listing = FleetListing.instances(columns)
    listing.first = limit.map { (limit: $0, isBefore: isBefore) }
    try listing.show(
      fleet.targets(), asking, format, color: color, width: table.terminalColumns,
      noPager: hasNoPager)
  }

  private func isBefore(_ one: InstanceDocument, _ other: InstanceDocument) -> Bool {
    func keys(_ instance: InstanceDocument) -> (Int64, Int64) {
      let created = instance.createdAt.microseconds
      return switch sort {
      case .created: (created, 0)
      case .finished: (instance.endedAt?.microseconds ?? 0, created)
      case .time: (instance.run ?? -1, created)
      }
    }
    return isAscending ? keys(one) < keys(other) : keys(other) < keys(one)
  }
}

extension Asking.HistoryOrder: ExpressibleByArgument {}

extension HistoryOptions {
  /// Times as this host has them: the others may be in another zone.
  func asked(_ patterns: [String]) throws(SettingError) -> Asking.History {
    let filter = try filter(now: .now)
    var history = Asking.History()
    history.patterns = patterns
    history.states = InstanceState.allCases.filter(filter.states.contains)
    history.reason = filter.reason
    history.since = filter.since
    history.until = filter.until
    history.longerThan = filter.longerThan
    (history.params, history.user) = (filter.params, filter.user)
    (history.executionGroup, history.exitCodes) = (filter.executionGroup, filter.exitCodes)
    return history
  }
}
