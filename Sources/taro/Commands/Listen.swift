internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Print what happens, as it happens.",
    discussion: """
      A line for each change of a state, and for what was not as taro expect says, until Ctrl-C.

        taro listen
        taro listen 'backup*' -f jsonl --since yesterday
        taro listen --all --since 0  everything in the ledger, and then what comes
        taro listen --all -f jsonl --checkpoint audit
                                     everything, and the next time what came since

      Ended by SIGINT or SIGTERM the exit code is 0, or 1 when retention has dropped events before they could be given \
      out: stderr says how many, and behind which.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(name: .shortAndLong, help: "text, or jsonl with every field of the event.")
  var format = EventFormat.text

  @Option(
    name: [.customShort("S"), .customLong("since")], parsing: .unconditional,
    help: ArgumentHelp(
      "Begin after this position of the ledger, or at this time, instead of now.",
      valueName: "seq|time"))
  var since: String?

  @Option(
    help: ArgumentHelp(
      "Begin where the listener of this name stopped, a new one at the ledger's beginning.",
      valueName: "name"))
  var checkpoint: String?

  @Flag(name: .customLong("all"), help: "Every event, not only changes of a state.")
  var isEverything = false

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    guard let checkpoint else { return }
    guard since == nil else {
      throw ValidationError("--checkpoint begins where that name stopped; leave out --since")
    }
    guard ListenerCheckpoint.isName(checkpoint) else {
      throw ValidationError(
        "--checkpoint \"\(PrintableText.escaped(checkpoint))\" is no name; use up to 100 letters, digits, "
          + "., _ and -, the first not a dot")
    }
  }

  func run() throws {
    FollowSignals.endQuietly()
    if let checkpoint { try listen(as: checkpoint) } else { try listen() }
  }

  private func listen() throws {
    let since = try since.map(Self.start)
    let view = try ledger.viewMakingLedger()
    let position =
      switch since {
      case .position(let seq): seq
      case .time(let time): try view.reader.position(before: time)
      case nil: try view.reader.head().seq
      }
    let dropped = try view.reader.droppedCount(after: position)
    if dropped > 0 { DroppedEvents.report(dropped, after: position) }
    try follow(view, after: position, dropped) { _ in }
  }

  private func listen(as name: String) throws {
    let view = try ledger.viewMakingLedger()
    var listening = try ListenerNaming.begin(name, in: view)
    let (start, dropped) = (listening.start.position, listening.droppedCount)
    // Events that were dropped while nobody listened under this name are missing, as those that are dropped while he
    // does. The exit code is set before they are reported: who has read the report may end this process.
    if dropped > 0, start > .start { FollowSignals.endWithFailure() }
    if dropped > 0 { DroppedEvents.report(dropped, after: start) }
    try follow(view, after: start, dropped) { last in
      try ListenerNaming.syncStandardOutput()
      try ListenerNaming.save(&listening, upTo: last, name)
    }
  }

  /// - Parameters:
  ///   - dropped: events behind the position that are told of already.
  ///   - given: told the last event when all up to there have been written to stdout or left out.
  private func follow(
    _ view: LedgerSession, after position: Seq, _ dropped: Int64, _ given: (Event) throws -> Void
  ) throws -> Never {
    var watch = EventFollower(
      view, after: position, maintain: LedgerOption.maintain, knownDropped: dropped,
      reader: (1, { StandardOutput.end(after: .brokenPipe) }), notify: FollowNotice.say)
    let output = StandardOutput()
    let lines = EventLine(format: format == .text ? .text : .jsonl, palette: color.palette)
    while true {
      let events = try watch.next()
      if watch.hasGap { FollowSignals.endWithFailure() }
      watch.notifyOfGap()
      for event in events where isWanted(event) { output.write(lines.line(event)) }
      output.flush()
      if let last = events.last { try given(last) }
    }
  }

  private enum Start {
    case position(Seq)
    case time(WallTime)
  }

  private static func start(_ text: String) throws(SettingError) -> Start {
    if let seq = Int64(text), seq >= 0 { return .position(Seq(seq)) }
    let time = try OptionValue.time(text, "--since", now: .now)
    return .time(time ?? .epoch)
  }

  private func isWanted(_ event: Event) -> Bool {
    guard isEverything || event.kind.state != nil || event.kind.isBreach else { return false }
    guard let instance = event.instance else {
      // Some are of a job, and of no instance.
      return patterns.isEmpty
        || event.job.map { job in patterns.contains { $0.matches(job: job) } } ?? false
    }
    return patterns.matches(job: event.job ?? "", instance: instance)
  }
}
