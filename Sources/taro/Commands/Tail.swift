internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Tail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Print the last lines of what jobs have printed, and go on with -f.",
    discussion: """
      Of the live instances that match; where none of a pattern is live, of the newest run of each job that \
      matches it.

        taro tail backup
        taro tail -n 100 --stderr backup
        taro tail -f                 everything, as it is printed, until Ctrl-C

      With -f and names without wildcards it ends when these runs have ended; a job that is not running is \
      waited for.
      """)

  @Argument(
    help: ArgumentHelp("Only instances that match.", valueName: "pattern"),
    completion: .liveInstances)
  var patterns: [Pattern] = []

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")],
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
    var watch = EventFollower(
      view, after: try view.reader.head().seq, maintain: LedgerOption.maintain,
      showsWhatMayGo: true,
      reader: (1, { StandardOutput.end(after: .brokenPipe) }), notify: FollowNotice.say)
    let choice = try TailChoice(patterns, view)
    guard !choice.instances.isEmpty || follow else { throw nothingMatched }
    let shown = choice.instances.count + (follow ? choice.awaited.count : 0)
    let printer = TailPrinter(
      palette: color.palette, showsHeaders: shown > 1 || (follow && choice.isEndless))
    // Of those that have ended nothing is kept: there may be a great many jobs.
    var followed: [FollowedInstance] = []
    for instance in choice.instances {
      guard let record = try view.projections.record(of: instance) else { continue }
      var shown = FollowedInstance(record, view, streams.only, follows: follow)
      try shown.printLastLines(lines, printer)
      if record.outputRemovedAt != nil { printer.output.flush() }
      RemovedOutput.report(record)
      if follow, !shown.hasEnded { followed.append(shown) }
    }
    printer.output.flush()
    if follow { try follow(&watch, &followed, choice, view, printer) }
    printer.endLastLine()
    try printer.gaps.end()
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty ? "nothing has been run yet" : "no instance matches \(names); see taro hist")
  }

  private func follow(
    _ watch: inout EventFollower, _ followed: inout [FollowedInstance], _ choice: TailChoice,
    _ view: LedgerSession, _ printer: TailPrinter
  ) throws {
    var awaited = choice.awaited
    for pattern in choice.unknown {
      let name = PrintableText.escaped(pattern.text)
      StandardError.say("nothing has been run as \(name) yet; waiting for it")
    }
    while choice.isEndless || !awaited.isEmpty || !followed.allSatisfy(\.hasEnded) {
      for event in try watch.next() {
        if var fresh = FollowedInstance(event, view, streams.only) {
          if let index = followed.firstIndex(where: { $0.instance == fresh.instance }) {
            // In a ledger that has taken the place of a damaged one it begins once more.
            if followed[index].ledgerID != fresh.ledgerID {
              fresh.hold(view.directory)
              followed[index] = fresh
            }
            continue
          }
          // It had ended before it was shown.
          if choice.instances.contains(fresh.instance) { continue }
          let isAwaited = awaited.contains { fresh.matches($0) }
          awaited.removeAll { fresh.matches($0) }
          if isAwaited || choice.takes(fresh) {
            fresh.hold(view.directory)
            followed.append(fresh)
          }
        }
        for instance in event.droppedInstances {
          followed.firstIndex { $0.instance == instance }.map { followed[$0].drop(printer) }
        }
        guard let index = followed.firstIndex(where: { $0.instance == event.instance }) else {
          continue
        }
        followed[index].goOn(in: view, with: event)
        try followed[index].take(event, printer)
      }
      // Who has ended is followed no more; with exact names the last one says when to stop.
      if choice.isEndless { followed.removeAll(where: \.hasEnded) }
      printer.output.flush()
    }
  }
}
