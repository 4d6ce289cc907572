internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecGateTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func end(_ job: TaroProcess) throws {
    job.closeInput()
    try job.finish().expect(code: 0, stderr: "")
  }

  // MARK: No overlap

  @Test(arguments: ["-o", "--no-overlap"])
  func `beside another instance of its job it is skipped`(option: String) throws {
    let job = try taro.startJob("a")
    let other = try taro.instance("a")
    try taro.run("exec", option, "--id", "a", "echo", "ran").expect(code: 0, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .skipped)
    #expect(ending.reason == "a@\(other) is live")
    try taro.run("exec", option, "--id", "b", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try end(job)
    try taro.run("exec", option, "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
  }

  @Test func `a run that was told not to run gives the code that was wished for`() throws {
    let job = try taro.startJob("a")
    for options in [["-o", "--id", "a"], ["-d", "nothing"]] {
      try taro.runAll(["exec", "--skip-code", "75"] + options + ["echo"])
        .expect(code: 75, stdout: "", stderr: "")
    }
    try end(job)
    try taro.run("exec", "--skip-code", "75", "-o", "--id", "a", "sh", "-c", "exit 3")
      .expect(code: 3)
  }

  @Test func `of many that start at the same moment the first created runs`() throws {
    try taro.exec("first", "true")
    let processes = try (0..<20).map { _ in
      try taro.start("exec", "-o", "--id", "a", "sh", "-c", "read x; echo ran") {
        $0.stdin = .pipe
      }
    }
    var ended = 0
    _ = try taro.waitForEvent("nineteen are skipped") { event in
      if event.kind == .state(.skipped) { ended += 1 }
      return ended == 19
    }
    for process in processes { process.closeInput() }
    let results = try processes.map { try $0.finish().expect(code: 0, stderr: "") }
    #expect(results.filter { $0.text == "ran\n" }.count == 1)
    let created = try taro.events(ofJob: "a").filter { $0.kind == .state(.created) }
    #expect(created.count == 20)
    let running = try taro.events(ofJob: "a").filter { $0.kind == .state(.running) }
    #expect(running.map(\.instance) == [created.first?.instance])
  }

  // MARK: Serial, limits and groups

  @Test(arguments: ["-s", "--serial"])
  func `it waits for its predecessor`(option: String) throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting("a", option, command: ["sh", "-c", "echo ran; exit 5"])
    #expect(waiting.cause.executionGroup == "a")
    #expect(waiting.cause.limit == 1)
    #expect(waiting.cause.aheadCount == 1)
    #expect(waiting.cause.ahead == ["a@\(try taro.firstInstance(ofJob: "a"))"])
    try end(job)
    try waiting.process.finish().expect(code: 5, stdout: "ran\n", stderr: "")
    try expect(taro.states(of: waiting.instance), is: [.created, .waiting, .running, .failed])
  }

  @Test(arguments: ["-m", "--max-executions"])
  func `so many run at once, and the next waits`(option: String) throws {
    let jobs = try (0..<2).map { _ in try taro.startJob("a", options: [option, "2"]) }
    let waiting = try taro.startWaiting("a", option, "2")
    #expect(waiting.cause.aheadCount == 2)
    try end(jobs.at(1))
    try waiting.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
    try end(jobs.at(0))
  }

  @Test func `no limit is no gate`() throws {
    let job = try taro.startJob("a")
    try taro.run("exec", "-m", "0", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try end(job)
  }

  @Test(arguments: ["-g", "--execution-group"])
  func `jobs of a group count together`(option: String) throws {
    let job = try taro.startJob("a", options: [option, "g"])
    let waiting = try taro.startWaiting("b", "-s", option, "g")
    #expect(waiting.cause.executionGroup == "g")
    // Its own group has a place.
    try taro.run("exec", "-s", "--id", "b2", "echo", "ran").expect(code: 0, stdout: "ran\n")
    // Nor does it wait for itself.
    try taro.run("exec", "-g", "g", "--id", "c", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try end(job)
    try waiting.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test func `who asks for both is skipped rather than kept waiting`() throws {
    let job = try taro.startJob("a")
    try taro.run("exec", "-s", "-o", "--id", "a", "echo", "ran").expect(code: 0, stdout: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .skipped)
    try end(job)
    try taro.run("exec", "-s", "-o", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
  }

  @Test func `of those who wait the first created runs first`() throws {
    let job = try taro.startJob("a")
    let waiting = try (0..<5).map { try taro.startWaiting("w\($0)", "-s", "-g", "a") }
    try end(job)
    for run in waiting { try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "") }
    let running = try taro.events().filter { $0.kind == .state(.running) }.compactMap(\.instance)
    #expect(running.suffix(5) == waiting.map(\.instance).suffix(5))
  }

  /// One waits for the next: the end of a run is news to its successor alone.
  @Test func `the end of a run wakes nobody but the next`() throws {
    let job = try taro.startJob("a")
    let next = try taro.startWaiting(
      "next", "-s", "-g", "a", command: ["sh", "-c", "until test -e over; do sleep 0.05; done"])
    let others = try (0..<10).map { try taro.startWaiting("w\($0)", "-s", "-g", "a") }
    let pids = others.map(\.process.pid)
    var before: [Int] = []
    // And not only for a moment.
    try eventually("all sleep") {
      let last = before
      before = try pids.map(Self.switches)
      return before == last && pids.allSatisfy(Self.isAsleep)
    }
    try end(job)
    _ = try taro.waitForEvent("the next runs") {
      $0.instance == next.instance && $0.kind == .state(.running)
    }
    // One or two may have been late to sleep.
    let woken = zip(before, try pids.map(Self.switches)).count { $0 != $1 }
    #expect(woken <= 2)
    try Files.write([], to: "\(taro.work)/over")
    for run in [next] + others { try run.process.finish().expect(code: 0, stderr: "") }
  }

  /// How often a process has gone to sleep (proc(5), status).
  private static func switches(_ pid: Int32) throws -> Int {
    let line = try Files.lines("/proc/\(pid)/status").first { $0.hasPrefix("voluntary_ctxt") }
    return try #require(line?.split(separator: "\t").last.flatMap { Int($0) })
  }

  private static func isAsleep(_ pid: Int32) -> Bool {
    let call = RawIO.contents(of: "/proc/\(pid)/wchan") ?? []
    return String(decoding: call, as: UTF8.self).contains("poll")
  }

  @Test func `a run without gates does not look at who else runs`() throws {
    let job = try taro.startJob("a")
    let other = try taro.instance("a")
    try taro.run("exec", "true") {
      $0.wrapper = ["strace", "-qq", "-f", "-o", "trace", "-e", "trace=openat,open"]
    }.expect(code: 0, stderr: "")
    let opened = try Files.lines("\(taro.work)/trace")
    #expect(opened.contains { $0.contains("ledger.db") })
    #expect(!opened.contains { $0.contains("projections.db") })
    #expect(!opened.contains { $0.contains(other) })
    try end(job)
  }

  // MARK: Dependency

  @Test(arguments: ["-d", "--depends-on"])
  func `it runs only while what it depends on runs`(option: String) throws {
    let words = ["exec", option, "x*", option, "a", "--id", "b", "echo", "ran"]
    try taro.runAll(words).expect(code: 0, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "b"))
    #expect(state == .dependencyNotRunning)
    #expect(ending.reason == "no instance of x* or a is running")
    let job = try taro.startJob("a")
    try taro.runAll(words).expect(code: 0, stdout: "ran\n", stderr: "")
    try end(job)
    try taro.runAll(words).expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `what was killed is no dependency`() throws {
    let job = try taro.startJob("a")
    job.signal(SIGKILL)
    _ = try job.finish()
    job.closeInput()
    try taro.run("exec", "-d", "a", "echo", "ran").expect(code: 0, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .lost)
  }

  // MARK: After

  @Test func `it waits until others have ended, however they did`() throws {
    let jobs = try ["a1", "a2"].map { try taro.startJob($0) }
    let waiting = try taro.startWaiting("b", "--after", "a*", "--after", "nothing")
    #expect(waiting.cause.after.map { $0.prefix(3) } == ["a1@", "a2@"])
    try end(jobs.at(0))
    // What starts now is not waited for.
    let later = try taro.startJob("a3")
    try jobs.at(1).write("exit 4\n")
    try jobs.at(1).finish().expect(code: 4)
    try waiting.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
    try end(later)
  }

  @Test func `two that wait for each other do not both wait`() throws {
    let job = try taro.startJob("start")
    let first = try taro.startWaiting("a", "--after", "b", "--after", "start")
    let second = try taro.startWaiting("b", "--after", "a")
    try end(job)
    for run in [first, second] { try run.process.finish().expect(code: 0, stdout: "ran\n") }
  }

  @Test(arguments: [("exit 0", true), ("exit 4", false)])
  func `it runs only if others complete`(ending: String, runs: Bool) throws {
    let job = try taro.startJob("a")
    let name = "a@\(try taro.instance("a"))"
    let waiting = try taro.startWaiting("b", "--after-success", "a")
    try job.write("\(ending)\n")
    _ = try job.finish()
    try waiting.process.finish().expect(code: runs ? 0 : 1, stdout: runs ? "ran\n" : "", stderr: "")
    guard !runs else { return }
    let (state, reason) = try taro.ending(of: waiting.instance)
    #expect(state == .cancelled)
    #expect(reason == "after \(name)")
    // Those that have ended already count.
    try taro.run("exec", "--after-success", "a", "echo").expect(code: 1, stdout: "", stderr: "")
    try taro.exec("a", "true")
    try taro.run("exec", "--after-success", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
  }

  @Test func `a job may go on from its own last success`() throws {
    let words = ["exec", "--id", "a", "--after-success", "a", "--"]
    try taro.runAll(words + ["sh", "-c", "exit 3"]).expect(code: 3)
    try taro.runAll(words + ["echo", "ran"]).expect(code: 1, stdout: "", stderr: "")
  }

  @Test func `what fails while it waits for something else cancels it too`() throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting(
      "b", "--pending", "l", "--after-success", "a", until: .pending)
    try job.write("exit 4\n")
    try job.finish().expect(code: 4)
    try taro.run("release", "l").expect(code: 0)
    try waiting.process.finish().expect(code: 1, stdout: "", stderr: "")
    try expect(taro.ending(of: waiting.instance).state, is: .cancelled)
  }

  // MARK: Time

  @Test func `a delay passes before it runs`() throws {
    try taro.run("exec", "--delay", "2s", "--id", "a", "echo", "ran")
      .expect(code: 0, stdout: "ran\n", stderr: "")
    let events = try taro.events(ofJob: "a").filter { $0.kind != .output && $0.kind != .status }
    #expect(
      events.map(\.kind)
        == [.state(.created), .state(.waiting), .state(.running), .state(.completed)])
    try expect(events.at(2).mono - events.at(0).mono) { $0 >= 2_000_000 }
    let until = try #require(WaitCause(events.at(1).json).until)
    try expect(abs(until - (events.at(0).at + 2_000_000))) { $0 < 5_000_000 }
  }

  @Test func `a time may be named`() throws {
    let then = WallTime((WallTime.now.microseconds / 1_000_000 + 2) * 1_000_000)
    let time = EventLine.timestamp(then)
    try taro.run("exec", "--at", time, "--id", "a", "echo", "ran")
      .expect(code: 0, stdout: "ran\n", stderr: "")
    let running = try taro.events(ofJob: "a").first { $0.kind == .state(.running) }
    try expect(#require(running).at) { $0 >= then }
    // One that has passed is no gate.
    try taro.run("exec", "--at", "now", "--id", "b", "echo", "ran").expect(code: 0)
    try expect(taro.events(ofJob: "b")) { $0.allSatisfy { $0.kind != .state(.waiting) } }
  }

  // MARK: Without a ledger

  @Test func `without a ledger the job comes first, and one line says so`() throws {
    for options in [["-s"], ["-o"], ["-p", "l"], ["-d", "x"], ["--after", "x"]] {
      try taro.runAll(["exec", "--ledger", "/dev/null/x"] + options + ["echo", "ran"])
        .expect(code: 0, stdout: "ran\n")
        .expectOneLine(about: "kept in \(taro.runtime)", "gates are not asked", "/dev/null/x")
    }
    let result = try taro.run(
      "exec", "--ledger", "/dev/null/x", "--delay", "100ms", "echo", "ran")
    result.expect(code: 0, stdout: "ran\n").expectOneLine(about: "kept in \(taro.runtime)")
    #expect(!result.stderr.contains("gates"))
    try taro.run("exec", "--ledger", "/dev/null/x", "--require-ledger", "-s", "echo", "ran")
      .expect(code: 125, stdout: "").expectOneLine(about: "not recorded")
  }

  /// Longer than a job without gates would wait for the ledger.
  @Test func `who has gates waits longer for a ledger that others hold`() throws {
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    let waiting = try taro.start("exec", "-o", "--id", "a", "echo", "ran")
    let ungated = try taro.start("exec", "--id", "b", "echo", "ran")
    try ungated.finish().expect(code: 0, stdout: "ran\n").expectOneLine(about: "ledger.lock")
    queue.release()
    try waiting.finish().expect(code: 0, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .skipped)
    try end(job)
  }

  // MARK: Wrong use

  @Test(arguments: [
    ["-m", "x"], ["-m", "-1"], ["-m", "1.5"], ["-m", ""], ["--delay", "soon"], ["--delay", "-1s"],
    ["--at", "whenever"], ["--at", "yesterday"], ["--delay", "-5m"], ["--skip-code", "256"],
    ["--skip-code", "-1"], ["-g", ""], ["-p", ""],
    ["-d", ""], ["--after", ""], ["--after-success", ""], ["--timeout", "x"], ["--kill-after", ""],
  ])
  func `an option that makes no sense is 64, is named, and runs nothing`(words: [String]) throws {
    let result = try taro.runAll(["exec"] + words + ["echo", "ran"]).expect(code: 64, stdout: "")
    try expect(result.stderr, "\(result)") { $0.contains(try words.at(0)) }
    #expect(!Files.exists(taro.ledger.database))
  }
}

extension TaroProgram {
  func firstInstance(ofJob job: String) throws -> InstanceID {
    try #require(try events(ofJob: job).first?.instance)
  }
}
