internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Rounds of processes that all work on one ledger while chance kills some of them: runners with gates, their jobs,
/// readers, listeners, waiters, and who stops and releases. Each round ends when all have ended.
final class Storm {
  let taro: TaroProgram
  private var random: SeededGenerator
  private(set) var runners: [StormRunner] = []
  private(set) var waits: [StormWait] = []
  private(set) var listeners: [StormListener] = []
  /// Readers, `stop`s and `release`s: those with which nothing may go wrong.
  private(set) var others: [StormProcess] = []
  /// Processes and process groups that were killed in the middle.
  private(set) var kills = 0
  private var round = 0
  private var auditor: StormProcess?

  init(_ taro: TaroProgram, _ random: SeededGenerator) throws {
    self.taro = taro
    self.random = random
    try taro.exec("first", "true")
  }

  /// Ten runners, those who look on, and about so many kills.
  func round(kills count: Int) throws {
    round += 1
    let (first, killed) = (runners.count, kills)
    if auditor == nil { try startAuditor() }
    let listener = try startListener()
    var steps = Array(repeating: Step.run, count: 10) + [.wait, .wait, .stop, .release]
    steps += Array(repeating: .read, count: 4) + Array(repeating: .kill, count: count)
    steps.shuffle(using: &random)
    for step in steps {
      try take(step, first)
      hesitate()
    }
    var attempts = 0
    while kills - killed < count, attempts < 3 * count {
      kill(first)
      hesitate()
      attempts += 1
    }
    try windUp(first, listener)
  }

  /// So many runs at the same moment.
  func crowd(_ count: Int) throws -> Int64 {
    let start = MonotonicTime.now
    for number in 0..<count {
      let process = try StormProcess(
        taro, "crowd\(number)",
        [
          "exec", "--id", "crowd\(number)", "--param", "run=crowd\(number)", "sh", "-c",
          "echo crowd\(number) 1; echo crowd\(number) again 1; echo crowd\(number) on stderr >&2;"
            + "exit \(number % 100)",
        ])
      runners.append(
        StormRunner(
          tag: "crowd\(number)", job: "crowd\(number)", gate: .none, lines: 1, noise: 0,
          code: Int32(number % 100), process: process))
    }
    let started = MonotonicTime.now - start
    for runner in runners { try runner.process.finish() }
    return started
  }

  /// The last listeners see the ledger's end.
  func finish() throws {
    if auditor == nil { try startAuditor() }
    if let auditor { try endListener(auditor) }
    auditor = nil
  }

  private enum Step { case run, wait, stop, release, read, kill }

  private func take(_ step: Step, _ first: Int) throws {
    switch step {
    case .run:
      let tag = "r\(round)-\(runners.count - first)"
      runners.append(try .random(taro, tag, latch: "latch\(round)", &random))
    case .wait: try startWait()
    case .stop:
      let pattern = ["r\(round)-\(random.below(10))", "r\(round)-*", "alone"][random.below(3)]
      let kind = [["--force"], ["--force", "--kill"], ["--force", "--interrupt"]][random.below(3)]
      try startOther(["stop"] + kind + [pattern])
    case .release: try startOther(["release", "latch\(round)"])
    case .read:
      let commands = [
        ["ps", "-f", "jsonl"], ["hist", "-f", "jsonl", "-n", "20"], ["tail", "r\(round)-*"],
        ["stats"], ["ledger", "verify", "-f", "json"], ["hist", "--failed"], ["tail", "-n", "3"],
      ]
      try startOther(commands[random.below(commands.count)])
    case .kill: kill(first)
    }
  }

  private func startOther(_ words: [String]) throws {
    others.append(try StormProcess(taro, "\(words[0])\(others.count)", words))
  }

  private func startWait() throws {
    let before = try head()
    let count = 1 + random.below(4)
    let prefix = "r\(round)-"
    let process = try StormProcess(
      taro, "wait\(waits.count)",
      ["wait", "\(prefix)*", "-c", "\(count)", "-s"] + StormWait.states.map(\.rawValue))
    var watching: Seq?
    do {
      try process.process.waitUntilWatching()
      watching = try head()
    } catch is NotWatching {}
    waits.append(
      StormWait(
        process: process, prefix: prefix, count: count, before: before, watching: watching))
  }

  private func startListener() throws -> StormProcess {
    let since = Seq(random.below(Int(try head().number) + 1))
    let process = try StormProcess(
      taro, "listen\(listeners.count)", ["listen", "--all", "-f", "jsonl", "--since", "\(since)"])
    listeners.append(StormListener(process: process, since: since))
    return process
  }

  private func startAuditor() throws {
    let process = try StormProcess(
      taro, "audit\(listeners.count)",
      ["listen", "--all", "-f", "jsonl", "--checkpoint", "audit"])
    listeners.append(StormListener(process: process, since: nil))
    auditor = process
  }

  private func head() throws -> Seq { try LedgerReader(taro.ledger).head().seq }

  /// Lets chance choose the moment.
  private func hesitate() {
    _ = Poll.wait(-1, for: .readable, milliseconds: Int32(random.below(10)))
  }

  /// Somebody of this round who has not ended yet: half of the time a runner.
  private func kill(_ first: Int) {
    let live = runners[first...].map(\.process).filter(\.isLive)
    let onlookers = (others + waits.map(\.process) + listeners.map(\.process)).suffix(12)
      .filter(\.isLive)
    let chosen = random.below(4)
    if chosen == 3 || live.isEmpty {
      if let victim = onlookers.randomElement(using: &random) { end(victim) }
    } else if let runner = live.randomElement(using: &random) {
      guard chosen == 2 else { return end(runner) }
      for job in runner.process.children.prefix(1) where Glibc.kill(-job, SIGKILL) == 0 {
        kills += 1
      }
    }
  }

  private func end(_ victim: StormProcess) {
    victim.process.signal(SIGKILL)
    kills += 1
  }

  private func windUp(_ first: Int, _ listener: StormProcess) throws {
    // A plain release closes a latch again, and comes first.
    for other in others where other.result == nil { try other.finish() }
    let release = try taro.run("release", "--hold-open", "latch\(round)")
    release.expect(code: 0, stderr: "")
    for runner in runners[first...] { try runner.process.finish() }
    // Closes what was killed, and nobody has waited for. What that has left behind ends by itself, and is listed until then.
    try eventually("nothing runs any more") {
      try taro.run("ps", "-f", "jsonl").expect(code: 0, stderr: "").text.isEmpty
    }
    try endListener(listener)
    for wait in waits where wait.process.result == nil { try end(wait) }
    guard let auditor else { return }
    if !auditor.isLive {
      try auditor.finish()
      self.auditor = nil
    } else if random.chance(30) {
      try endListener(auditor)
      self.auditor = nil
    }
  }

  /// Ended when it has seen the ledger's end.
  private func endListener(_ listener: StormProcess) throws {
    let head = try head()
    try eventually("\(listener.name) sees \(head)", seconds: 60) {
      try !listener.isLive || Self.seq(listener.lines().last) >= head
        // What it was given before it does not see again.
        || listener === auditor && Self.seq(try? Files.text(checkpoint)) >= head
    }
    listener.process.signal(SIGTERM)
    try listener.finish()
  }

  private var checkpoint: String { "\(taro.ledger.checkpoints)/audit" }

  /// The position that a JSON object names.
  private static func seq(_ text: String?) throws -> Seq {
    try text.flatMap { try JSON(parsing: $0)["seq"]?.seq } ?? .start
  }

  /// Ended when what it waits for does not come; when it has come, it ends by itself.
  private func end(_ wait: StormWait) throws {
    if let watching = wait.watching {
      let matching = try taro.events().filter { wait.isFor($0) && $0.seq > watching }
      if matching.count < wait.count { wait.process.process.signal(SIGTERM) }
    }
    try wait.process.finish()
  }
}

extension StormWait {
  func isFor(_ event: Event) -> Bool {
    guard let state = event.kind.state, let job = event.job else { return false }
    return Self.states.contains(state) && job.hasPrefix(prefix)
  }
}
