internal import Events
import Glibc
import Spawn
import TestSupport
import Testing

@Suite("taro wait", .temporaryDirectory)
struct WaitTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func waiting(_ arguments: String...) throws -> TaroProcess {
    let process = try taro.start(bytes: (["wait"] + arguments).map { Array($0.utf8) })
    try process.waitUntilWatching()
    return process
  }

  @Test func `ends with the first change, whatever it is, and prints it`() throws {
    let wait = try waiting()
    try taro.exec("a", "true")
    let text = try wait.finish().expect(code: 0, stderr: "").text.normalized
    #expect(text == "DDDD-DD-DD TT:TT:TT.TTT a@IIIIIIIIIIIIIIII -> CREATED\n")
  }

  @Test(arguments: [
    ["completed"], ["-s", "completed"], ["--states", "failed", "Completed"],
    ["b", "-s", "COMPLETED"], ["completed", "b"], ["b*", "-s", "running", "completed"],
    ["-s", "running,completed", "b"], ["-s", "ended", "b*"],
    ["-s", "not-completed,COMPLETED", "b*"],
  ])
  func
    `waits for the states that are named, in any case, with a state's name as the first word too`(
      arguments: [String]
    ) throws
  {
    let process = try taro.start(bytes: (["wait"] + arguments).map { Array($0.utf8) })
    try process.waitUntilWatching()
    try taro.exec("a", "false", code: arguments.contains("failed") ? 1 : 1)
    let job = try taro.startJob("b")
    job.closeInput()
    try job.finish().expect(code: 0)
    let result = try process.finish().expect(code: 0)
    // That nothing has been run as b yet.
    #expect(result.errorLines.count <= 1)
    let lines = result.lines
    #expect(lines.count == 1)
    let first =
      arguments.contains("failed") ? " a@" : " b@"
    try expect(lines.at(0), "\(lines)") { $0.contains(first) }
  }

  @Test func `ends when nobody reads what it would print`() throws {
    try taro.shell("{ \"$TARO\" wait; echo $? > code; } | true").expect(code: 0)
    try expect(Files.text("\(taro.work)/code"), is: "141\n")
  }

  @Test func `waits for so many, in order`() throws {
    let wait = try waiting("-c", "3", "-s", "completed", "failed")
    for (job, command) in [("a", "true"), ("b", "false"), ("c", "true")] {
      try taro.exec(job, command, code: command == "true" ? 0 : 1)
    }
    let lines = try wait.finish().expect(code: 0).lines
    try expect(
      lines.map { String(try $0.split(separator: " ").at(2).prefix(2)) }, is: ["a@", "b@", "c@"])
  }

  @Test(arguments: [["wait", "a"], ["wait", "failed", "--past"]])
  func `gives up after its time`(command: [String]) throws {
    try taro.exec("a", "true")
    let result = try taro.runAll(command + ["-t", "200ms"]).expect(code: 124, stdout: "")
    result.expectOneLine(about: "timed out", "200ms")
  }

  @Test func `counts what happens from now on, and with --past what is so already`() throws {
    try taro.exec("a", "true")
    try taro.run("wait", "a", "-t", "100ms").expect(code: 124)
    let lines = try taro.run("wait", "a", "--past", "-s", "completed").expect(code: 0).lines
    #expect(lines.count == 1)
    try expect(lines.at(0)) { $0.hasSuffix("-> COMPLETED") }
    try taro.run("wait", "a", "--past", "-s", "failed", "-t", "100ms").expect(code: 124)
    try taro.run("wait", "a", "--past", "-c", "2", "-s", "completed", "-t", "100ms")
      .expect(code: 124)
    let more = try waiting("a", "--past", "-c", "2", "-s", "completed")
    try taro.exec("a", "true")
    try expect(more.finish().expect(code: 0).lines.count, is: 2)
    let job = try taro.startJob("live")
    try taro.run("wait", "live", "--past", "-s", "running").expect(code: 0)
    try taro.run("wait", "live", "--past", "-s", "created", "-t", "100ms").expect(code: 124)
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `of one instance that has ended otherwise says so, and ends with 1`() throws {
    try taro.exec("a", "false", code: 1)
    let id = try taro.instance("a")
    for command in [
      ["wait", id], ["wait", id, "-s", "completed"], ["wait", "a@\(id)", "-s", "running"],
      ["wait", id, "--past", "-s", "completed"],
    ] {
      try taro.runAll(command).expect(code: 1, stdout: "").expectOneLine(about: "a@\(id)", "FAILED")
    }
    try taro.run("wait", id, "--past", "-s", "failed").expect(code: 0)
    // A job may run again.
    try taro.run("wait", "a", "-s", "completed", "-t", "100ms").expect(code: 124)
  }

  @Test func `of an instance that ends otherwise while it is waited for ends with 1`() throws {
    let job = try taro.startJob("a")
    let id = try taro.instance("a")
    let (bad, good) = (try waiting(id, "-s", "completed"), try waiting(id, "-s", "failed"))
    try job.write("exit 7\n")
    try job.finish().expect(code: 7)
    try bad.finish().expect(code: 1, stdout: "").expectOneLine(about: "FAILED")
    try good.finish().expect(code: 0)
  }

  @Test func `never misses the end of a run that ends while it is looked up`() throws {
    for _ in 0..<15 {
      let job = try taro.startJob("a")
      let id = try taro.instance("a")
      job.closeInput()
      let wait = try taro.start("wait", id, "--past", "-s", "completed", "-t", "30s")
      try expect(wait.finish().expect(code: 0).lines.count, is: 1)
      try job.finish().expect(code: 0)
    }
  }

  @Test func `knows which states there are`() throws {
    let result = try taro.run("wait", "-s", "finished").expect(code: 64, stdout: "")
    for state in InstanceState.allCases {
      #expect(result.stderr.contains(" \(state.rawValue.lowercased())"))
    }
    #expect(result.stderr.contains("-s finished"))
  }

  @Test func `an instance that is named counts where it is in the state already`() throws {
    try taro.exec("a", "sh", "-c", "exit 7", code: 7)
    let id = try taro.instance("a")
    for states in ["failed", "ended", "failure", "completed,failed"] {
      let lines = try taro.run("wait", id, "-s", states).expect(code: 0, stderr: "").lines
      #expect(lines.count == 1)
      try expect(lines.at(0)) { $0.hasSuffix("-> FAILED (exit code 7)") }
    }
    try taro.run("wait", "-s", "failed", "a@\(id)").expect(code: 0)
    try taro.run("wait", id, "-s", "ended", "--exit-code").expect(code: 7)
    let job = try taro.startJob("b")
    let wait = try waiting("b", "-s", "ended", "--exit-code")
    try taro.run("stop", "--force", "b").expect(code: 0)
    try job.finish().expect(code: 143)
    try wait.finish().expect(code: 143)
  }

  @Test(arguments: [
    (["fialed"], 64, "failed?"), (["-s", "fialed"], 64, "failed?"),
    (["-s", "failed", "interupted"], 64, "interrupted?"), (["-s", "failed,x"], 64, "-s x"),
    (["--exit-code"], 64, "-s ended"), (["a", "-s", "running", "--exit-code"], 64, "-s ended"),
    (["never", "-t", "50ms"], 124, "never"),
  ])
  func `a slip is told`(arguments: [String], code: Int, part: String) throws {
    try taro.exec("a", "true")
    let result = try taro.runAll(["wait"] + arguments).expect(code: Int32(code), stdout: "")
    try expect(result.errorLines.at(0)) { $0.contains(part) }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `dies of a signal`(signal: Int32) throws {
    let wait = try waiting("a")
    let result = try wait.end(with: signal)
    #expect(result.end.exitCode == 128 + signal)
  }

  @Test func `notices a killed runner within five seconds`() throws {
    let job = try taro.startJob("a")
    let id = try taro.instance("a")
    let started = try taro.start("wait", id, "-s", "completed")
    let lost = try taro.start("wait", "lost")
    try started.waitUntilWatching()
    try lost.waitUntilWatching()
    try taro.killRunner(of: job)
    try started.finish().expect(code: 1, stdout: "").expectOneLine(about: "LOST")
    try lost.finish().expect(code: 0)
  }
}
