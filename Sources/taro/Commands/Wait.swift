internal import ArgumentParser
internal import Ledger
internal import Linux
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
    help: ArgumentHelp("These states; by default any change.", valueName: "state"))
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
    for name in states where RunState(name: name) == nil {
      let known = RunState.allCases.map { $0.rawValue.lowercased() }.joined(separator: " ")
      throw ValidationError("-s \(name): there is no such state; the states are: \(known)")
    }
  }

  func run() throws {
    var patterns = patterns
    var wanted = Set(states.compactMap(RunState.init(name:)))
    if let first = patterns.first.flatMap({ RunState(name: $0.text) }) {
      wanted.insert(first)
      patterns.removeFirst()
    }
    let view = try ledger.viewMakingLedger()
    // Before anything is looked up: what happens meanwhile is seen by the watch.
    var watch = EventWatch(
      view, after: try view.reader.head().seq, timeout: try timeoutMicroseconds())
    var waiting = Waiting(patterns, wanted, left: count)
    let output = StandardOutput(flushesLines: true)
    let lines = EventLine(format: .text, palette: color.palette)

    try waiting.resolveNames(view)
    if countsPast {
      for event in try waiting.countPast(view) { output.write(lines.line(event)) }
    }
    while !waiting.isDone {
      guard !waiting.isHopeless else {
        throw Failure(waiting.describeHopelessness)
      }
      guard !watch.isOver else {
        throw Failure("timed out after \(timeout ?? "")", code: Failure.timedOutCode)
      }
      for event in try watch.next() where waiting.take(event) {
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

/// What `wait` still waits for.
private struct Waiting {
  private let patterns: [Pattern]
  private let states: Set<RunState>
  private var left: Int
  /// Instances that patterns name; once all have ended, nothing more can happen. Nil while a pattern is about jobs,
  /// which may always run again.
  private var named: [InstanceID: (name: String, state: RunState)]?

  init(_ patterns: [Pattern], _ states: Set<RunState>, left: Int) {
    self.patterns = patterns
    self.states = states
    self.left = left
  }

  var isDone: Bool { left == 0 }

  var isHopeless: Bool { named?.values.allSatisfy { $0.state.isTerminal } ?? false }

  var describeHopelessness: String {
    let endings = (named ?? [:]).values.map {
      "\(PrintableText.escaped($0.name)) has ended as \($0.state.rawValue)"
    }
    return endings.sorted().joined(separator: ", ")
  }

  mutating func resolveNames(_ view: LedgerView) throws {
    guard patterns.areExact else { return }
    var named: [InstanceID: (name: String, state: RunState)] = [:]
    for pattern in patterns {
      guard let record = try? view.instance(named: pattern.text),
        pattern.namesInstance(job: record.job, instance: record.instance)
      else { return }
      named[record.instance] = (record.name, record.state)
    }
    self.named = named
  }

  /// Counts instances that are in a wanted state; gives the events that brought them there.
  mutating func countPast(_ view: LedgerView) throws -> [Event] {
    var records = try view.projections.live().filter(isInState)
    let patterns = patterns
    let states = states
    let enough = left
    try view.projections.forEachEnded(.newestFirst) { record in
      if patterns.matches(record), states.isEmpty || states.contains(record.state) {
        records.append(record)
      }
      return records.count < enough
    }
    var events: [Event] = []
    for record in records.prefix(left) {
      guard let seq = record.transitions.last?.seq,
        let event = try view.reader.events(after: seq - 1, limit: 1).first
      else { continue }
      events.append(event)
    }
    left -= min(left, records.count)
    return events
  }

  private func isInState(_ record: InstanceRecord) -> Bool {
    patterns.matches(record) && (states.isEmpty || states.contains(record.state))
  }

  /// True when the event counts.
  mutating func take(_ event: Event) -> Bool {
    guard let state = event.kind.state, let instance = event.instance else { return false }
    named?[instance]?.state = state
    guard patterns.matches(job: event.job ?? "", instance: instance),
      states.isEmpty || states.contains(state)
    else { return false }
    left -= 1
    return true
  }
}
