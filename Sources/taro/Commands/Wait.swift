internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct Wait: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until something reaches a state.",
    discussion: """
      Prints a line for each change that counts, and ends after the first, or the N-th. Counts what happens \
      from now on; with --past also an instance that is in the state already.

        taro wait completed && echo done
        taro wait backup -s failed interrupted lost
        taro wait 06rvk3 --past -s completed -t 10m

      0 reached, 1 it cannot happen any more (the named instance has ended otherwise), 124 timed out.
      """)

  @Argument(
    help: ArgumentHelp(
      "Only instances that match. A first one that is a state's name means that state.",
      valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: ArgumentHelp("These states; by default any change.", valueName: "state"),
    completion: .states)
  var states: [String] = []

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Until it has happened so often.", valueName: "n"))
  var count = 1

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Give up after this time: 90s, 10m, 1h30m.", valueName: "time"))
  var timeout: String?

  @Flag(name: .customLong("past"), help: "An instance that is in the state already counts.")
  var countsPast = false

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if count < 1 { throw ValidationError("-c \(count): has to be 1 or more.") }
    for name in states where InstanceState(name: name) == nil {
      let known = InstanceState.allCases.map { $0.rawValue.lowercased() }.joined(separator: " ")
      throw ValidationError("-s \(name): there is no such state; the states are: \(known)")
    }
  }

  func run() throws {
    var patterns = patterns
    var wanted = Set(states.compactMap(InstanceState.init(name:)))
    if let first = patterns.first.flatMap({ InstanceState(name: $0.text) }) {
      wanted.insert(first)
      patterns.removeFirst()
    }
    let timeoutMicroseconds = try timeoutMicroseconds()
    let view = try ledger.viewMakingLedger()
    // What happens behind this position is seen by the watch, and by it alone.
    let start = try view.reader.head().seq
    var watch = EventFollower(
      view, after: start, maintain: LedgerOption.maintain, timeout: timeoutMicroseconds,
      notify: FollowNotice.say)
    var waiting = Waiting(patterns, wanted, left: count, from: start)
    let output = StandardOutput(flushesLines: true)
    let lines = EventLine(format: .text, palette: color.palette)

    try waiting.resolveNames(view)
    if countsPast {
      for event in watch.settled(try waiting.countPast(view)) { output.write(lines.line(event)) }
    }
    while !waiting.isDone {
      guard !waiting.isHopeless else {
        throw Failure(waiting.describeHopelessness)
      }
      guard !watch.isOver else {
        throw Failure("timed out after \(timeout ?? "")", code: Failure.timedOutCode)
      }
      let events = try watch.next()
      if !waiting.namesInstances { watch.notifyOfGap() }
      for event in events where waiting.take(event) {
        output.write(lines.line(event))
        if waiting.isDone { break }
      }
    }
    output.flush()
  }

  private func timeoutMicroseconds() throws(SettingError) -> Int64? {
    guard let timeout else { return nil }
    do throws(SettingError) { return try DurationText.microseconds(timeout) } catch {
      throw error.about("--timeout")
    }
  }
}
