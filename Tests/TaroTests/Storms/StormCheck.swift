internal import Events
import Glibc
import Ledger
import TestSupport

/// Compares what a ledger says of a storm with what those who were in it have said. Every sentence that it finds is a
/// broken promise.
struct StormCheck {
  private let storm: Storm
  private let events: [Event]
  private let reader: LedgerReader
  private var instances: [InstanceID: [Event]] = [:]
  private var byTag: [String: InstanceID] = [:]
  private(set) var problems: [String] = []

  static func problems(of storm: Storm) throws -> [String] {
    var check = try StormCheck(storm)
    check.checkOrder()
    for (instance, events) in check.instances { check.checkInstance(instance, events) }
    for runner in storm.runners { try check.check(runner) }
    check.checkPlaces()
    for listener in storm.listeners where listener.since != nil { try check.check(listener) }
    try check.checkAuditors()
    for wait in storm.waits { try check.check(wait) }
    for other in storm.others { try check.check(other) }
    if let seq = try storm.taro.firstBrokenLink() { check.add("the chain breaks at \(seq)") }
    return check.problems
  }

  private init(_ storm: Storm) throws {
    self.storm = storm
    reader = try LedgerReader(storm.taro.ledger)
    events = try reader.events(after: 0, limit: .max)
    for event in events {
      guard let instance = event.instance else { continue }
      instances[instance, default: []].append(event)
      guard event.kind == .state(.created) else { continue }
      for param in Created(event.json).params where param.key == "run" {
        guard let tag = param.value.string else { continue }
        if let other = byTag.updateValue(instance, forKey: tag) {
          add("\(tag) is there twice: \(other) and \(instance)")
        }
      }
    }
  }

  private mutating func add(_ problem: String) { problems.append(problem) }

  // MARK: Each instance

  private mutating func checkOrder() {
    let misfit = events.enumerated().first { $0.element.seq != Seq($0.offset + 1) }
    if let misfit { add("after seq \(misfit.offset) comes \(misfit.element.seq)") }
  }

  /// From its creation to one terminal event, which is the last; by steps that are possible, in the order of time.
  private mutating func checkInstance(_ instance: InstanceID, _ events: [Event]) {
    if events.map(\.n) != (1...Int64(events.count)).map(Optional.some) {
      add("\(instance) has the positions \(events.map { $0.n ?? 0 })")
    }
    for (one, next) in zip(events, events.dropFirst())
    where next.mono < one.mono || next.at < one.at {
      add("\(instance) goes back in time at \(next.seq): \(next.kind.name)")
    }
    var state: InstanceState?
    for next in events.compactMap(\.kind.state) {
      if !InstanceState.isPossible(from: state, to: next) {
        add("\(instance) went from \(state?.rawValue ?? "NONE") to \(next.rawValue)")
      }
      state = next
    }
    let terminals = events.filter(\.kind.isTerminal).count
    if terminals != 1 || events.last?.kind.isTerminal != true {
      add(
        "\(instance) has \(terminals) terminal events, and its last is \(events.last?.kind.name ?? "")"
      )
    }
  }

  // MARK: Each run

  private mutating func check(_ runner: StormRunner) throws {
    let printed = try runner.process.stdout()
    let said = try runner.process.stderr()
    // The job's passed through, and nothing of taro's.
    if said.contains("taro: ") { add("\(runner.tag) says: \(said)") }
    guard let instance = byTag[runner.tag], let last = instances[instance]?.last else {
      if !runner.process.wasKilled { add("\(runner.tag) has ended and is not recorded") }
      return
    }
    let (out, err) = try (output(of: instance, .stdout), output(of: instance, .stderr))
    guard let state = last.kind.state,
      let code = Self.code(runner.process, state, Ending(last.json))
    else {
      // Its runner was killed: what is recorded is how it began.
      if !printed.starts(with: out) { add("\(runner.tag) has not printed what is recorded") }
      return
    }
    let ending = Ending(last.json)
    if let wanted = Self.code(state, ending), wanted != code {
      add("\(runner.tag) ended with \(code), and recorded is \(state.rawValue) with \(wanted)")
    }
    if state == .lost || state == .error { add("\(runner.tag) was not killed: \(state.rawValue)") }
    if out != printed || err != Array(said.utf8) {
      add(
        "\(runner.tag) printed \(printed.count) and \(said.utf8.count) bytes, recorded are "
          + "\(out.count) and \(err.count), or others")
    }
    guard let totals = ending.output else { return }
    if totals.stdoutBytes != Int64(out.count) || totals.stderrBytes != Int64(err.count) {
      add("\(runner.tag) counts \(totals.stdoutBytes) and \(totals.stderrBytes) bytes")
    }
    // Who was neither stopped nor killed has done what it was asked to.
    guard state == .completed || state == .failed, ending.signal == nil, code == runner.code
    else { return }
    if let expected = runner.expectedOutput, expected != out || runner.expectedErrors != said {
      add("\(runner.tag) completed, but some of its output is missing")
    }
  }

  /// A runner dies of the signal that has killed its job.
  private static func code(_ process: StormProcess, _ state: InstanceState, _ ending: Ending)
    -> Int32?
  {
    guard process.wasKilled, let recorded = code(state, ending), state != .lost else {
      return process.code
    }
    return process.signal.map { 128 + $0 } == recorded ? recorded : nil
  }

  private func output(of instance: InstanceID, _ stream: OutputStream) throws -> [UInt8] {
    try reader.output(of: instance, limit: .max).flatMap { $0.chunk?.bytes(of: stream) ?? [] }
  }

  /// The exit code that belongs to how a run ended; nil for what has none.
  private static func code(_ state: InstanceState, _ ending: Ending) -> Int32? {
    let signals = ["KILL": SIGKILL, "TERM": SIGTERM, "PIPE": SIGPIPE, "INT": SIGINT]
    switch state.group {
    case .notExecuted:
      guard state == .cancelled else { return 0 }
      let signal = ending.reason.flatMap { reason in signals.first { reason == "signal \($0.key)" }
      }
      return signal.map { 128 + $0.value } ?? 1
    case .completed, .notCompleted, .failure:
      if state == .interrupted, ending.reason == "timeout" { return 124 }
      return ending.exitCode.map { Int32($0) }
        ?? ending.signal.flatMap { signals[$0] }.map { 128 + $0 }
    case .beforeExecution, .waiting, .executing: return nil
    }
  }

  /// No slot is held twice: by what the jobs have seen, and by what is recorded.
  private mutating func checkPlaces() {
    if let met = try? Files.text("\(storm.taro.work)/overlaps") { add("jobs have met: \(met)") }
    for (gate, places) in [(StormRunner.Gate.slot, StormRunner.places), (.alone, 1)] {
      let spans = storm.runners.filter { $0.gate == gate }.compactMap { runner in
        byTag[runner.tag].flatMap { instances[$0] }.flatMap(Self.span)
      }.sorted { $0.lowerBound < $1.lowerBound }
      for span in spans {
        let beside = spans.filter { $0.contains(span.lowerBound) }.count
        if beside > places { add("\(beside) of \(gate) ran at \(span.lowerBound.microseconds)") }
      }
    }
  }

  /// From its start to its end; nil when it never ran.
  private static func span(_ events: [Event]) -> Range<BootTime>? {
    guard let start = events.first(where: { $0.kind == .state(.running) })?.mono,
      let end = events.last?.mono, start < end
    else { return nil }
    return start..<end
  }

  // MARK: Those who look on

  private mutating func check(_ listener: StormListener) throws {
    let lines = try listener.process.lines()
    checkLines(listener.process.name, lines, after: listener.since ?? 0)
    expect(listener.process, codes: [0])
  }

  /// What is printed is the ledger from one position on, without a gap.
  private mutating func checkLines(_ name: String, _ lines: [String], after since: Seq) {
    let wanted = events.dropFirst(Int(since.number)).prefix(lines.count)
    guard lines.count > wanted.count || lines != wanted.map(EventLine.text) else { return }
    let same = zip(lines, wanted).prefix { $0 == EventLine.text($1) }.count
    add("\(name), from \(since) on, is wrong from line \(same + 1) of \(lines.count) on")
  }

  /// One after the other they have seen everything; what was just being given out when one was killed comes again.
  private mutating func checkAuditors() throws {
    var given = Seq.start
    var mayRepeat = false
    for auditor in storm.listeners where auditor.since == nil {
      let (name, lines) = (auditor.process.name, try auditor.process.lines())
      expect(auditor.process, codes: [0])
      let repeats = mayRepeat
      mayRepeat = auditor.process.wasKilled || mayRepeat && lines.isEmpty
      guard let line = lines.first else { continue }
      let first = try JSON(parsing: line)["seq"]?.seq ?? .start
      if first > given + 1 || first <= given && !repeats {
        add("\(name) begins with \(first), and \(given) was given out")
      }
      checkLines(name, lines, after: first - Int64(1))
      given = max(given, first + -1 + Int64(lines.count))
    }
    if let last = storm.listeners.last, last.since == nil, last.process.code != nil,
      given != events.last?.seq
    {
      add("the checkpoint's listeners have seen \(given) of \(events.count) events")
    }
  }

  /// It has printed the changes that it waits for, in order and from its start on, and ended when they were enough.
  private mutating func check(_ wait: StormWait) throws {
    let name = wait.process.name
    let matching = events.filter { wait.isFor($0) && $0.seq > wait.before }
    let printed = try wait.process.lines()
    let names = matching.map { event in
      "\(event.job ?? "")@\(event.instance?.text ?? "") -> \(event.kind.state?.rawValue ?? "")"
    }
    let first = wait.watching.flatMap { head in matching.firstIndex { $0.seq > head } }
    let latest = first ?? matching.count
    let fits = (0...latest).contains { start in
      let wanted = names[start...].prefix(printed.count)
      return wanted.count == printed.count
        && zip(printed, wanted).allSatisfy { line, name in
          // The reason may follow.
          line.hasSuffix(" \(name)") || line.contains(" \(name) (")
        }
    }
    if !fits { add("\(name) printed \(printed), and what happened is \(names)") }
    switch wait.process.code {
    case 0 where printed.count != wait.count:
      add("\(name) ended with 0 after \(printed.count) of \(wait.count)")
    case 143 where printed.count >= wait.count: add("\(name) did not end with what it waited for")
    default: expect(wait.process, codes: [0, 143])
    }
  }

  private mutating func check(_ other: StormProcess) throws {
    // 1: nothing matched, yet or any more.
    expect(other, codes: [0, 1])
    if let result = other.result, result.code == 0, other.name.hasPrefix("ps") {
      for line in try other.lines() where (try? JSON(parsing: line)) == nil {
        add("\(other.name) printed \(line)")
      }
    }
  }

  private mutating func expect(_ process: StormProcess, codes: Set<Int32>) {
    let said = (try? process.stderr()) ?? ""
    switch process.result?.code {
    case nil: break
    case .some(let code) where codes.contains(code) && (code != 0 || said.isEmpty): break
    case .some(let code): add("\(process.name) ended with \(code), saying: \(said)")
    }
  }
}
