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
        taro tail -ft import         with the time at which each line was read

      Of several runs that are followed each line begins with the job's name. With -f and names without wildcards it ends when \
      these runs have ended; a job that is not running is waited for, and a try that fails (exec --retry) is followed by \
      the next one, which stderr says.
      """)

  @Argument(
    help: ArgumentHelp("Only instances that match.", valueName: "pattern"),
    completion: .liveInstances)
  var patterns: [Pattern] = []

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")], parsing: .unconditional,
    help: ArgumentHelp("So many lines of each.", valueName: "n"))
  var lines = 10

  @Flag(name: .shortAndLong, help: "Go on as more is printed.")
  var follow = false

  @OptionGroup var timestamps: TimestampOption
  @OptionGroup var streams: StreamOptions
  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if lines < 0 { throw ValidationError("-n \(lines): has to be 0 or more.") }
    if follow, asOf.text != nil {
      throw ValidationError(
        "-f goes on with what comes, and --as-of ends before it: give one of both.")
    }
  }

  func run() throws {
    if follow { FollowSignals.endQuietly() }
    guard let view = try follow ? ledger.viewMakingLedger() : asOf.view(ledger) else {
      throw nothingMatched
    }
    // The watch begins before the instances are asked for: the live tail sees what comes later.
    var watch = EventFollower(
      view, after: try view.reader.head().seq, maintain: LedgerOption.maintain,
      showsWhatMayGo: true,
      reader: (1, { StandardOutput.end(after: .brokenPipe) }), notify: FollowNotice.say)
    let selection = try FollowSelection(patterns, view)
    guard !selection.instances.isEmpty || follow else { throw nothingMatched }
    if !follow { _ = try view.asked(patterns) }
    let shown = selection.instances.count + (follow ? selection.awaited.count : 0)
    let printer = TailPrinter(
      palette: color.palette, showsHeaders: shown > 1,
      marks: .init(
        timestamps: timestamps.isOn, names: follow && (patterns.count > 1 || selection.isEndless)),
      isOfThePast: view.moment.isPast)
    var followed = FollowedOutputs(selection, in: view, stream: streams.only)
    for instance in selection.instances {
      guard var record = try view.projections.record(of: instance) else { continue }
      try show(record, from: .lastLines(lines), in: view, printer, &followed)
      while follow, let next = try followed.tryThatGoesOn(with: record) {
        if let tries = Tries(next) { printer.tell(tries) }
        try show(next, from: .offset(0), in: view, printer, &followed)
        record = next
      }
    }
    printer.output.flush()
    if follow {
      for pattern in selection.unknown {
        let name = PrintableText.escaped(pattern.text)
        StandardError.say("nothing has been run as \(name) yet; waiting for it")
      }
      while !followed.isOver {
        let events = try watch.next()
        for event in events {
          try followed.take(event, printer.print)
          if let next = followed.takeBegun() { printer.tell(next) }
        }
        printer.output.flush()
        if events.isEmpty { try followed.lookForRunners() }
      }
    }
    printer.endLastLine()
    try printer.gaps.end()
  }

  private func show(
    _ record: InstanceRecord, from start: OutputFollower.Start, in view: LedgerSession,
    _ printer: TailPrinter, _ followed: inout FollowedOutputs
  ) throws {
    var shown = try OutputFollower(
      record, in: view, stream: streams.only, from: start, follows: follow)
    printer.header(of: shown)
    let source = shown
    try shown.read(in: view) { printer.print(source, $0) }
    if record.outputRemovedAt != nil { printer.output.flush() }
    RemovedOutput.report(record)
    if follow { followed.add(shown) }
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty ? "nothing has been run yet" : "no instance matches \(names); see taro hist")
  }
}
