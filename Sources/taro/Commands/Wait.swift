internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Presentation

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
    name: .shortAndLong, parsing: .unconditional,
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
    let timeoutMicroseconds = try OptionValue.duration(timeout, "--timeout")
    var execution = try WaitExecution(
      try ledger.viewMakingLedger(), patterns, wanted, count: count, countsPast: countsPast,
      maintain: LedgerOption.maintain, timeout: timeoutMicroseconds,
      reader: (1, { StandardOutput.end(after: .brokenPipe) }), notify: FollowNotice.say)
    let output = StandardOutput(flushesLines: true)
    let lines = EventLine(format: .text, palette: color.palette)
    let outcome = try execution.run { output.write(lines.line($0)) }
    output.flush()
    switch outcome {
    case .reached: break
    case .timedOut: throw Failure("timed out after \(timeout ?? "")", code: Failure.timedOutCode)
    case .impossible(let endings):
      throw Failure(endings.map(Self.text).joined(separator: ", "))
    }
  }

  private static func text(_ ending: WaitCondition.Ending) -> String {
    let name = PrintableText.escaped(ending.name)
    guard let state = ending.state else { return "\(name) has ended, and was dropped by retention" }
    return "\(name) has ended as \(state.rawValue)"
  }
}
