internal import Events
import Ledger
import TestSupport

/// Makes up the history of many instances: all kinds and states, interleaved, with times that jump, and with kinds
/// that only a later taro knows.
struct Corpus {
  private struct Live {
    let instance: InstanceID
    let job: String
    var state: InstanceState
  }

  private static let jobs = ["backup", "a@b", "with blank", "täglich", "x", "echo *"]
  private var random: SeededGenerator
  private var live: [Live] = []
  /// What was asked of an instance last.
  private var asked: [InstanceID: (EventKind, ControlRequest)] = [:]
  private var at: WallTime = 1_700_000_000_000_000
  private var mono: BootTime = 5_000_000
  private var idsMade: UInt64 = 0
  private var eventsMade: Int64 = 0

  init(for purpose: String) { random = SeededGenerator(for: purpose) }

  /// Appends so many events, in turns of one to twenty.
  mutating func append(_ count: Int, to writer: LedgerWriter, turnsOf size: Int = 20) throws {
    var left = count
    while left > 0 {
      let events = (0..<min(left, 1 + random.below(size))).map { _ in nextEvent() }
      left -= events.count
      try writer.append(events)
    }
  }

  private mutating func nextEvent() -> NewEvent {
    // Somebody sets the clock now and then; the time since boot only goes on.
    at = at + (random.chance(2) ? -3_600_000_000 : Int64(random.below(2_000_000)))
    mono = mono + Int64(random.below(2_000_000))
    eventsMade += 1
    if random.chance(4) { return random.chance(50) ? removeHistory() : tellOfHost() }
    guard !live.isEmpty, !random.chance(12) else { return create() }
    let index = random.below(live.count)
    return random.chance(35) ? enterState(index) : tell(index)
  }

  private func tellOfHost() -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: nil, instance: nil, kind: .unknown("host_seen_tomorrow"),
      data: .object([JSON.Member("pattern", "x*")]))
  }

  private mutating func removeHistory() -> NewEvent {
    let patterns = ["backup", "t*", "x", "0000001*", "*@000000*0", "none"]
    let removed = HistoryRemoved(
      patterns: patterns.filter { _ in random.chance(30) },
      upTo: Seq(eventsMade - Int64(random.below(50))))
    return NewEvent(
      at: at, mono: mono, job: nil, instance: nil, kind: .historyRemoved, data: removed.json)
  }

  private mutating func create() -> NewEvent {
    let job = Self.jobs[random.below(Self.jobs.count)]
    let new = Live(instance: nextID(), job: job, state: .created)
    live.append(new)
    var created = Created()
    created.command = ["sh", "-c", "echo \"\(random.below(1000))\"\n"]
    created.user = "somebody"
    created.bypassesOutput = random.chance(20)
    created.isDryRun = random.chance(15)
    if random.chance(30) { created.params = [JSON.Member("tape", .string("\(random.below(9))"))] }
    if random.chance(60) { created.executionGroup = "tapes" }
    if random.chance(30) { launch(&created) }
    return event(new, .state(.created), created.json)
  }

  private mutating func launch(_ created: inout Created) {
    created.nice = 10
    created.timeout = Int64(random.below(9)) * 1_000_000
    created.killAfter = 500_000
    created.split = "always"
    created.env = [JSON.Member("HOME", "/h")]
    created.within = live.first?.instance
    created.rerunOf = "x@0000000100000000"
    created.retryOf = created.rerunOf
    created.attempt = 2
    created.gates.delay = 1_500_000
    created.gates.notBefore = at
    created.gates.latch = "mounted"
    created.gates.limit = Int64(random.below(3))
    if created.gates.limit == 1 {
      (created.gates.notWithin, created.gates.patience) = (86_400_000_000, 1_500_000)
    }
  }

  private mutating func waitCause() -> WaitCause {
    var cause = WaitCause()
    switch random.below(4) {
    case 0: cause.latch = "mounted"
    case 1: cause.until = at
    case 2: cause.after = live.map { "\($0.job)@\($0.instance)" }.suffix(2)
    default:
      cause.executionGroup = "tapes"
      cause.limit = Int64(1 + random.below(9))
      cause.aheadCount = 3
    }
    return cause
  }

  private mutating func nextID() -> InstanceID {
    idsMade += 1
    let text = String(idsMade, radix: 16)
    let id = String(repeating: "0", count: 8 - text.count) + text
    let tail = (0..<8).map { _ in "0123456789abcdefghjkmnpqrstvwxyz".randomElement(using: &random) }
    return InstanceID(id + String(tail.compactMap { $0 }))
      ?? InstanceID(createdAt: WallTime(idsMade * 1000))
  }

  private mutating func enterState(_ index: Int) -> NewEvent {
    let current = live[index]
    let possible = InstanceState.allCases.filter {
      InstanceState.isPossible(from: current.state, to: $0)
    }
    let next = possible[random.below(possible.count)]
    live[index].state = next
    guard next.isTerminal else {
      if next.group == .waiting { return event(current, .state(next), waitCause().json) }
      let running = Running(pid: Int64(random.below(4_000_000)), started: 17, pgid: 3)
      return event(current, .state(next), next == .running ? running.json : .object([]))
    }
    live.remove(at: index)
    return event(current, .state(next), ending(next).json)
  }

  private mutating func ending(_ state: InstanceState) -> Ending {
    var ending = Ending()
    if random.chance(50) {
      ending.exitCode = Int64(random.below(256))
    } else {
      ending.signal = "SEGV"
    }
    if random.chance(30) { ending.reason = "because of \(state.rawValue)" }
    if random.chance(60) { ending.status = "last words" }
    if random.chance(20) { ending.progress = Progress(done: 2, total: 2) }
    if state == .lost {
      ending.evidence = Ending.Evidence(
        lastSignOfLife: at, childRunning: random.chance(60), rebooted: false)
    }
    if random.chance(60) {
      let isKnown = random.chance(50)
      ending.usage = Ending.Usage(
        userMicroseconds: 12, systemMicroseconds: 34, maxRSSBytes: isKnown ? 4096 : nil,
        maxRSSBelowBytes: isKnown ? nil : 8192, blocksIn: 1, blocksOut: 2)
    }
    if random.chance(60) {
      var output = OutputTotals()
      output.stdoutBytes = Int64(random.below(1 << 30))
      output.lines = Int64(random.below(1000))
      output.droppedBytes = Int64(random.below(3))
      ending.output = output
    }
    return ending
  }

  /// Something that is no state.
  private mutating func tell(_ index: Int) -> NewEvent {
    let current = live[index]
    switch random.below(8) {
    case 0, 1: return output(current)
    case 2:
      let total = Double(random.below(4))
      let progress = [
        nil, Progress(done: 1), Progress(total: total), Progress(percent: 12.5),
        Progress(done: 1, total: total),
      ][random.below(5)]
      return event(
        current, .status, Status(text: "at \(mono.microseconds)", progress: progress).json)
    case 3:
      let kind = Warning.Kind.allCases[random.below(Warning.Kind.allCases.count)]
      let warning = Warning(
        kind: kind, text: "w\(random.below(2))", count: Int64(1 + random.below(5)),
        last: random.chance(50) ? "a line" : nil, unmatchedBytes: Int64(random.below(2)))
      return event(current, .warning, warning.json)
    case 4:
      var request = ControlRequest()
      request.by.user = "somebody"
      request.by.pid = Int64(random.below(3))
      request.by.reason = random.chance(50) ? "why not" : nil
      request.by.token = request.by.reason == nil ? "deploy" : nil
      request.by.address = request.by.token == nil ? nil : "192.0.2.7"
      let kind: EventKind = random.chance(50) ? .stopRequested : .interruptRequested
      asked[current.instance] = (kind, request)
      return event(current, kind, request.json)
    case 5:
      return event(current, .outputGap, OutputGap(bytes: Int64(random.below(99)), reason: "x").json)
    case 6: return event(current, random.chance(50) ? .paused : .resumed, .object([]))
    default:
      if random.chance(50), let (kind, request) = asked.removeValue(forKey: current.instance) {
        let undelivered = Undelivered(kind, request, error: "Operation not permitted")
        return event(current, .undelivered, undelivered.json)
      }
      return event(current, .unknown("seen_tomorrow"), .object([JSON.Member("text", "later")]))
    }
  }

  private mutating func output(_ current: Live) -> NewEvent {
    let bytes = Array("line \(mono.microseconds)\nand the beginning of".utf8)
    let stream: OutputStream = random.chance(50) ? .stdout : .stderr
    var totals = OutputTotals()
    totals.lines = 1
    switch stream {
    case .stdout: totals.stdoutBytes = Int64(bytes.count)
    case .stderr: totals.stderrBytes = Int64(bytes.count)
    }
    let encoded = bytes.withUnsafeBytes {
      EncodedOutput($0, runs: [OutputSegment(stream: stream, offset: 0, length: bytes.count)])
    }
    return event(current, .output, totals.json, encoded)
  }

  private func event(
    _ of: Live, _ kind: EventKind, _ data: JSON, _ output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: of.job, instance: of.instance, kind: kind, data: data,
      output: output)
  }
}
