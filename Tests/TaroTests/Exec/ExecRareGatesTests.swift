import Events
import TestSupport
import Testing

@Suite("Gates that few jobs ask for", .temporaryDirectory)
struct ExecRareGatesTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func ends(_ job: String) throws -> [InstanceState] {
    try taro.events(ofJob: job).compactMap(\.kind.state).filter(\.isTerminal)
  }

  private func reason(_ job: String) throws -> String {
    try taro.events(ofJob: job).last { $0.kind.isTerminal }.flatMap { Ending($0.json).reason } ?? ""
  }

  @Test func `--after-success of a name that nothing has keeps the job from running`() throws {
    try taro.exec("build", "true")
    let result = try taro.run("exec", "--id", "a", "--after-success", "biuld", "echo", "ran")
      .expect(code: 1, stdout: "")
    result.expectOneLine(about: "biuld", "not run")
    try expect(ends("a"), is: [.cancelled])
    try taro.run("exec", "--id", "b", "--after-success", "build", "echo", "ran")
      .expect(code: 0, stdout: "ran\n")
    try taro.run("exec", "--id", "c", "--after-success", "bu*", "echo", "ran")
      .expect(code: 0, stdout: "ran\n")
    try taro.run("exec", "--id", "d", "--after-success", "nothing*", "echo", "ran")
      .expect(code: 1, stdout: "")
  }

  @Test func `a run that was skipped does not stand for the last one`() throws {
    let job = try taro.startJob("build")
    try taro.run("exec", "--id", "build", "-o", "true").expect(code: 0)
    job.closeInput()
    try job.finish().expect(code: 0)
    try taro.run("exec", "--id", "a", "--after-success", "build", "echo", "ran")
      .expect(code: 0, stdout: "ran\n")
  }

  @Test func `--not-within leaves out a run so shortly after one that completed`() throws {
    func once() throws -> TaroResult {
      try taro.run("exec", "--id", "a", "--not-within", "1h", "--skip-code", "7", "echo", "ran")
    }
    try taro.exec("a", "false", code: 1)
    try taro.run("exec", "--id", "a", "--dry-run", "true").expect(code: 0)
    try once().expect(code: 0, stdout: "ran\n")
    try once().expect(code: 7, stdout: "")
    try expect(reason("a")) { $0.contains("within 1 h") }
    try taro.run("exec", "--id", "a", "--not-within", "0", "echo", "ran")
      .expect(code: 0, stdout: "ran\n")
  }

  @Test func `--give-up-after waits no longer for a latch, for others and for a place`() throws {
    let job = try taro.startJob("other")
    for gate in [["--pending", "latch"], ["--after", "other"], ["-s", "-g", "other"]] {
      let result = try taro.runAll(
        ["exec", "--id", "a", "--give-up-after", "50ms", "--skip-code", "7"] + gate + [
          "echo", "ran",
        ])
      result.expect(code: 7, stdout: "")
      try expect(ends("a").last, is: .skipped)
      try expect(reason("a")) { $0.contains("waited in vain for") && $0.contains("50 ms") }
    }
    try taro.run("exec", "--id", "b", "--give-up-after", "0", "echo", "ran")
      .expect(code: 0, stdout: "ran\n")
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `--replace ends the run before, and waits for its end`() throws {
    let job = try taro.startJob("a")
    try taro.run("exec", "--id", "a", "--replace", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try job.finish().expect(code: 143)
    try expect(ends("a"), is: [.stopped, .completed])
    let events = try taro.events(ofJob: "a")
    let stopped = try #require(events.first { $0.kind == .state(.stopped) })
    let begun = try #require(events.last { $0.kind == .state(.running) })
    #expect(stopped.seq < begun.seq)
    #expect(Ending(stopped.json).reason?.hasPrefix("replaced by a@") == true)
  }

  @Test func `--splay waits for a while that it draws`() throws {
    try taro.run("exec", "--id", "a", "--splay", "40ms", "true").expect(code: 0)
    let created = try #require(taro.events(ofJob: "a").first.map { Created($0.json) })
    #expect((0..<40_000).contains(created.gates.delay ?? 0))
    try taro.run("exec", "--id", "b", "--splay", "0", "true").expect(code: 0)
    try expect(taro.events(ofJob: "b").first.map { Created($0.json).gates.delay }, is: .some(nil))
  }

  @Test(arguments: [["--delay", "1h"], ["--pending", "latch"], ["--after", "other"]])
  func `disable stops a run that waits already`(gate: [String]) throws {
    let job = try taro.startJob("other")
    let waiting = try taro.start(
      bytes: (["exec", "--id", "a", "--skip-code", "7"] + gate + ["echo", "ran"]).map {
        Array($0.utf8)
      })
    _ = try taro.waitForEvent("it waits") {
      $0.job == "a" && [.state(.waiting), .state(.pending)].contains($0.kind)
    }
    try taro.run("disable", "a", "--reason", "the tape is full").expect(code: 0)
    try waiting.finish().expect(code: 7, stdout: "", stderr: "")
    try expect(ends("a"), is: [.disabled])
    try expect(reason("a"), is: "disabled by pattern a: the tape is full")
    job.closeInput()
    try job.finish().expect(code: 0)
    try taro.run("ledger", "verify").expect(code: 0)
  }
}
