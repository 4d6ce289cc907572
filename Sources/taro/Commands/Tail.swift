internal import ArgumentParser
internal import Ledger
internal import Linux
internal import Projections

struct Tail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Print the last lines of what jobs have printed, and go on with -f.",
    discussion: """
      Of all live instances that match; of the newest run of each job that matches when none is live.

        taro tail backup
        taro tail -n 100 --stderr backup
        taro tail -f                 everything, as it is printed, until Ctrl-C

      With -f and names without wildcards it ends when these runs have ended.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: [.customShort("n"), .customLong("lines")],
    help: ArgumentHelp("So many lines of each.", valueName: "n"))
  var lines = 10

  @Flag(name: .shortAndLong, help: "Go on as more is printed.")
  var follow = false

  @OptionGroup var streams: StreamOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if lines < 0 { throw ValidationError("-n \(lines): has to be 0 or more.") }
  }

  func run() throws {
    if follow { FollowSignals.endQuietly() }
    guard let view = try follow ? ledger.viewMakingLedger() : ledger.view() else {
      throw nothingMatched
    }
    // Before the instances are asked for: what comes later is seen by the live tail.
    var watch = EventWatch(view, after: try view.reader.head().seq)
    let records = try chosen(view)
    let isExact = patterns.areExact
    guard !records.isEmpty || follow else { throw nothingMatched }
    let printer = TailPrinter(
      palette: color.palette, showsHeaders: records.count > 1 || (follow && !isExact))
    var followed = try records.map { record in
      var followed = FollowedInstance(record, view, streams.only)
      try followed.printLastLines(lines, printer)
      return followed
    }
    printer.output.flush()
    if follow {
      try follow(&watch, &followed, view, printer)
    } else {
      printer.endLastLine()
    }
    try OutputDamage.report(printer.damaged)
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty ? "nothing has been run yet" : "no instance matches \(names); see taro hist")
  }

  private func chosen(_ view: LedgerView) throws -> [InstanceRecord] {
    let live = try view.projections.live().filter(patterns.matches)
    guard live.isEmpty else { return live }
    let newest = try view.projections.newestOfEachJob()
    guard !patterns.isEmpty else { return newest.reversed() }
    var records: [InstanceRecord] = []
    for pattern in patterns {
      // One instance that is named is meant, newest of its job or not.
      let matching = pattern.isGlob ? newest.filter(pattern.matches) : try named(pattern, view)
      for record in matching where !records.contains(record) { records.append(record) }
    }
    return records
  }

  private func named(_ pattern: Pattern, _ view: LedgerView) throws -> [InstanceRecord] {
    do {
      return [try view.instance(named: pattern.text)]
    } catch LedgerView.NameError.nothing {
      return []
    }
  }

  private func follow(
    _ watch: inout EventWatch, _ followed: inout [FollowedInstance], _ view: LedgerView,
    _ printer: TailPrinter
  ) throws {
    if followed.isEmpty {
      try? RawIO.writeAll(2, "taro: nothing of that name yet; waiting for its first run\n")
    }
    let isExact = patterns.areExact
    let namesInstance = patterns.contains { pattern in
      followed.contains { pattern.namesInstance(job: $0.job, instance: $0.instance) }
    }
    // A job that is not running now: its next run is meant.
    var waitsForNextRun = isExact && !namesInstance && followed.allSatisfy(\.hasEnded)
    while true {
      if isExact, !waitsForNextRun, followed.allSatisfy(\.hasEnded) { return }
      let events = try watch.next()
      for event in events {
        if event.kind == .state(.created), let fresh = FollowedInstance(event, view, streams.only),
          patterns.matches(job: fresh.job, instance: fresh.instance), !isExact || waitsForNextRun
        {
          if !followed.contains(where: { $0.instance == fresh.instance }) {
            followed.append(fresh)
            waitsForNextRun = false
          }
        }
        guard let index = followed.firstIndex(where: { $0.instance == event.instance }) else {
          continue
        }
        try followed[index].take(event, printer)
      }
      // Who has ended is followed no more; the last ones say when to stop.
      if !isExact { followed.removeAll(where: \.hasEnded) }
      printer.output.flush()
    }
  }
}
