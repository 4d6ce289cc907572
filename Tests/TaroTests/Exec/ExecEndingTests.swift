internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// How a run may be ended, paused and signalled.
@Suite(.temporaryDirectory) struct ExecEndingTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Starts a job that says when it is ready and then waits for input.
  private func start(_ options: String..., script: String = "") throws -> TaroProcess {
    let words = ["exec", "--id", "a"] + options + ["sh", "-c", "\(script)\necho ready; read x"]
    let process = try taro.start(bytes: words.map { Array($0.utf8) }) { $0.stdin = .pipe }
    try expect(process.readLine(), is: "ready")
    return process
  }

  private func kinds() throws -> [String] {
    try taro.events(ofJob: "a").filter { $0.kind != .output && $0.kind != .status }
      .map(\.kind.name)
  }

  private func wait(for kind: EventKind) throws -> Event {
    try taro.waitForEvent(kind.name) { $0.job == "a" && $0.kind == kind }
  }

  // MARK: Time

  @Test func `a job whose time is over is interrupted`() throws {
    try taro.run("exec", "--id", "a", "--timeout", "100ms", "sleep", "60")
      .expect(code: 124, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.reason == "timeout")
    #expect(ending.signal == "TERM")
    try expect(kinds(), is: ["created", "running", "interrupt_requested", "interrupted"])
    let request = ControlRequest(try wait(for: .interruptRequested).json)
    #expect(request.by.via == .runner)
    let events = try taro.events(ofJob: "a")
    let took = try #require(events.last).mono - events.at(1).mono
    #expect(took >= 100_000)
  }

  @Test func `a job that ends in time has its own code`() throws {
    try taro.run("exec", "--id", "a", "--timeout", "60", "--kill-after", "1s", "sh", "-c", "exit 3")
      .expect(code: 3, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `one that does not mind is killed where that was wished for`() throws {
    // Ignored from the start: its time may be over before a shell has set a trap.
    let process = try taro.start(
      "exec", "--id", "a", "--timeout", "100ms", "--kill-after", "100ms", "sh", "-c", "read x"
    ) {
      $0.stdin = .pipe
      $0.preparation = "trap '' TERM"
    }
    try process.finish().expect(code: 124, stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.reason == "timeout")
    #expect(ending.signal == "KILL")
    try expect(
      kinds(),
      is: [
        "created", "running", "interrupt_requested", "signal_requested", "interrupted",
      ])
  }

  @Test func `and left alone where it was not`() throws {
    let script = "trap 'echo asked' TERM; echo ready; until read x; do :; done; exit 3"
    try inTime("the job has set its trap") { milliseconds in
      let process = try taro.start(
        "exec", "--id", "a", "--timeout", "\(milliseconds)ms", "sh", "-c", script
      ) { $0.stdin = .pipe }
      guard let first = try? process.readLine() else { return false }
      try expect([first, process.readLine()].sorted(), is: ["asked", "ready"])
      try process.write("\n")
      try process.finish().expect(code: 124, stderr: "")
      try expect(taro.ending(ofJob: "a")?.ending.exitCode, is: 3)
      return true
    }
  }

  @Test func `the time that a run waits is not its job's`() throws {
    try inTime("the job has ended") { milliseconds in
      let result = try taro.run(
        "exec", "--delay", "\(2 * milliseconds)ms", "--timeout", "\(milliseconds)ms", "echo", "ran")
      guard result.code != 124 else { return false }
      result.expect(code: 0, stdout: "ran\n", stderr: "")
      return true
    }
  }

  @Test func `who is stopped and does not end is killed after a while`() throws {
    let process = try start("--kill-after", "100ms", script: "trap '' TERM")
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 137, stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .stopped)
    #expect(ending.signal == "KILL")
  }

  // MARK: Stop and interrupt

  /// The specification, "Premature termination": taro goes on waiting for a job that does not end.
  @Test func `a signal to taro interrupts, and a job that goes on is waited for`() throws {
    for signal in [SIGTERM, SIGINT] {
      let process = try start(script: "trap 'echo got it; read y; exit 0' TERM INT")
      process.signal(signal)
      try expect(process.readLine(), is: "got it")
      try process.write("\n")
      try process.finish().expect(code: 0, stderr: "")
      let (state, ending) = try #require(try taro.ending(ofJob: "a"))
      #expect(state == .interrupted)
      #expect(state.group == .failure)
      #expect(ending.exitCode == 0)
    }
  }

  @Test func `many are stopped at once`() throws {
    try taro.exec("first", "true")
    let processes = try (0..<30).map { number in
      try taro.start("exec", "--id", "w\(number)", "sleep", "60")
    }
    var running = 0
    _ = try taro.waitForEvent("all run", seconds: 60) { event in
      if event.kind == .state(.running), event.job != "first" { running += 1 }
      return running == 30
    }
    let text = try taro.run("stop", "--force", "--wait", "60s", "w*").expect(code: 0, stderr: "")
    #expect(text.lines.count == 30)
    for process in processes { try process.finish().expect(code: 143, stderr: "") }
    try expect(taro.events().count { $0.kind == .state(.stopped) }, is: 30)
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  // MARK: Pausing

  @Test func `a job is paused, and goes on`() throws {
    let process = try start(script: "sleep 60 &")
    let child = try #require(process.children.first)
    try expect(
      taro.run("pause", "a").expect(code: 0, stderr: "").text.normalized,
      is: "a@IIIIIIIIIIIIIIII -> pause requested\n")
    _ = try wait(for: .paused)
    #expect(ProcessState.isStopped(child))
    try expect(taro.run("ps").expect(code: 0).text) { $0.contains("RUNNING (paused)") }
    try expect(taro.run("why", "a").expect(code: 0).text) { $0.contains(", and paused.") }
    try expect(taro.run("pause", "a").expect(code: 0).text) { $0.contains("is paused already") }
    try expect(
      taro.run("resume", "a").expect(code: 0, stderr: "").text.normalized,
      is: "a@IIIIIIIIIIIIIIII -> resume requested\n")
    _ = try wait(for: .resumed)
    #expect(!ProcessState.isStopped(child))
    try expect(taro.run("resume", "a").expect(code: 0).text) { $0.contains("is not paused") }
    try expect(
      kinds(),
      is: [
        "created", "running", "pause_requested", "paused", "resume_requested", "resumed",
      ])
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0)
    try process.finish().expect(code: 143, stderr: "")
  }

  @Test func `a paused job ends when it is stopped, or its time is over`() throws {
    let process = try start()
    try taro.run("pause", "a").expect(code: 0)
    _ = try wait(for: .paused)
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 143, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)

    try inTime("the job is paused") { milliseconds in
      try taro.run(
        "exec", "--id", "b", "--timeout", "\(milliseconds)ms", "sh", "-c", "kill -STOP $$"
      ).expect(code: 124, stderr: "")
      try expect(taro.ending(ofJob: "b")?.ending.reason, is: "timeout")
      return try taro.events(ofJob: "b").contains { $0.kind == .paused }
    }
  }

  // MARK: Signals

  @Test(arguments: ["HUP", "sighup", "1"])
  func `a job gets a signal, and makes of it what it will`(name: String) throws {
    let process = try start(script: "trap 'echo got it; exit 3' HUP")
    try expect(
      taro.run("signal", "a", name, "--reason", "rotate").expect(code: 0, stderr: "").text
        .normalized, is: "a@IIIIIIIIIIIIIIII -> SIGHUP requested\n")
    try process.finish().expect(code: 3, stdout: "got it\n", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.exitCode == 3)
    let request = ControlRequest(try wait(for: .signalRequested).json)
    #expect(request.signal == "HUP")
    #expect(request.by.reason == "rotate")
    #expect(request.by.via == .cli)
  }

  @Test func `what does not run cannot be paused or signalled`() throws {
    let waiting = try taro.startWaiting("w", "--delay", "1h")
    for words in [["pause", "w"], ["resume", "w"], ["signal", "w", "HUP"]] {
      let result = try taro.runAll(words).expect(code: 0, stderr: "")
      #expect(result.text.hasSuffix(" is not running yet\n"), "\(result)")
      try taro.runAll([words.at(0), "nobody"] + words.dropFirst(2)).expect(code: 1, stdout: "")
        .expectOneLine(about: "nobody")
    }
    try taro.run("signal", "w", "NOSUCH").expect(code: 64, stdout: "")
      .expectOneLine(about: "NOSUCH")
    waiting.process.signal(SIGTERM)
    try waiting.process.finish().expect(code: 143)
  }
}
