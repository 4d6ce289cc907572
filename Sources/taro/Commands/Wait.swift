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
      from now on, and of an instance that is named also the state that it is in; with --past of all.

        taro wait completed && echo done
        taro wait backup -s failed,interrupted,lost
        taro wait $(taro exec --detach ./make.sh) -s ended --exit-code

      A state is a name, or a group: failure, not_executed, executing, ...; ended is any end. taro help states tells them \
      all.

      0 reached, 1 it cannot happen any more (the named instance has ended otherwise), 124 timed out; with --exit-code \
      the job's own.
      """)

  @Argument(
    help: ArgumentHelp(
      "Only instances that match. A first one that is a state's name means that state.",
      valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: ArgumentHelp(
      "These states, with commas or blanks between them; by default any change.", valueName: "state"
    ),
    completion: .states)
  var states: [String] = []

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("Until it has happened so often.", valueName: "n"))
  var count = 1

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("Give up after this time: 90s, 10m, 1h30m.", valueName: "time"))
  var timeout: String?

  @Flag(name: .customLong("past"), help: "An instance that is in the state already counts.")
  var countsPast = false

  @Flag(
    name: .customLong("exit-code"),
    help: "End as the last run that counted has ended: with its exit code, 128+N for a signal.")
  var endsAsRun = false

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  /// The states and patterns that were asked for: behind `-s` too there may stand a pattern.
  private struct Wish {
    var states: Set<InstanceState> = []
    var patterns: [Pattern] = []
  }

  private func wish() throws(ValidationError) -> Wish {
    var wish = Wish()
    for (index, text) in states.enumerated() {
      for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
        if let states = StateWords.states(word) {
          wish.states.formUnion(states)
        } else if index > 0, text == word, StateWords.nearest(to: word) == nil {
          wish.patterns.append(Pattern(word))
        } else {
          throw Self.unknown(word, "-s ")
        }
      }
    }
    wish.patterns += patterns
    if states.isEmpty, let first = wish.patterns.first.flatMap({ StateWords.states($0.text) }) {
      wish.states = first
      wish.patterns.removeFirst()
    }
    return wish
  }

  private static func unknown(_ word: String, _ option: String) -> ValidationError {
    if let meant = StateWords.nearest(to: word) {
      return ValidationError("\(option)\(word): there is no such state; did you mean \(meant)?")
    }
    let known = InstanceState.allCases.map { $0.rawValue.lowercased() } + StateWords.others
    return ValidationError(
      "\(option)\(word): there is no such state; the states are: \(known.joined(separator: " "))")
  }

  func validate() throws {
    if count < 1 { throw ValidationError("-c \(count): has to be 1 or more.") }
    let states = try wish().states
    if endsAsRun, states.isEmpty || !states.allSatisfy(\.isTerminal) {
      throw ValidationError(
        "--exit-code wants an end to wait for: -s ended, or states that a run can end in.")
    }
  }

  func run() throws {
    let wish = try wish()
    let timeoutMicroseconds = try OptionValue.duration(timeout, "--timeout")
    let view = try ledger.viewMakingLedger()
    try check(wish.patterns, view)
    var execution = try WaitExecution(
      view, wish.patterns, wish.states, count: count, countsPast: countsPast,
      maintain: LedgerOption.maintain, timeout: timeoutMicroseconds,
      reader: (1, { StandardOutput.end(after: .brokenPipe) }), notify: FollowNotice.say)
    let output = StandardOutput(flushesLines: true)
    let lines = EventLine(format: .text, palette: color.palette)
    var last: Event?
    let outcome = try execution.run {
      output.write(lines.line($0))
      last = $0
    }
    output.flush()
    switch outcome {
    case .reached: if endsAsRun, let last { throw ExitCode(Self.exitCode(last)) }
    case .timedOut: throw Failure("timed out after \(timeout ?? "")", code: Failure.timedOutCode)
    case .impossible(let endings):
      throw Failure(endings.map(Self.text).joined(separator: ", "))
    }
  }

  /// A name that is nearly a state's, and no job's, is a slip: it would be waited for for ever.
  private func check(_ patterns: [Pattern], _ view: LedgerSession) throws {
    for pattern in patterns where !pattern.isGlob {
      do { _ = try view.known([pattern]) } catch LedgerSession.NameError.nothing {
        if let meant = StateWords.nearest(to: pattern.text) {
          throw Failure.usage(
            "\(PrintableText.escaped(pattern.text)): there is no such job, and no such state; did you mean \(meant)?"
          )
        }
        StandardError.say(
          "nothing has been run as \(PrintableText.escaped(pattern.text)) yet; waiting for it")
      }
    }
  }

  /// 1 for a failure that has none, as when its runner was killed.
  private static func exitCode(_ event: Event) -> Int32 {
    let ending = Ending(event.json)
    if let code = ending.exitCode { return Int32(clamping: code) }
    if let signal = ending.signal.flatMap(Signals.parse) { return 128 + signal }
    return event.kind.state?.group == .failure ? 1 : 0
  }

  private static func text(_ ending: WaitCondition.Ending) -> String {
    let name = PrintableText.escaped(ending.name)
    guard let state = ending.state else { return "\(name) has ended, and was dropped by retention" }
    return "\(name) has ended as \(state.rawValue)"
  }
}
