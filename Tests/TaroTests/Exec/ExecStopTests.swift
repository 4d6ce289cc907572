internal import Events
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecStopTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var options: [String]
    var state: InstanceState
    var code: Int32
    var signal: String
    var testDescription: String { "stop \(options)" }
  }

  @Test(arguments: [
    Case(options: [], state: .stopped, code: 143, signal: "TERM"),
    Case(options: ["--interrupt"], state: .interrupted, code: 143, signal: "TERM"),
    Case(options: ["--kill"], state: .stopped, code: 137, signal: "KILL"),
  ])
  func `taro stop ends a job`(stop: Case) throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "echo ready; read x") {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready")
    let words = ["stop", "--force", "--wait", "30s"] + stop.options + ["a"]
    try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: 0, stderr: "")
    try process.finish().expect(code: stop.code, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == stop.state)
    #expect(ending.signal == stop.signal)
  }

  @Test func `a job that ends in order after a stop is stopped with its exit code`() throws {
    let taro = try TaroProgram()
    let script = "trap 'echo bye; exit 0' TERM; echo ready; read x"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
    try expect(process.readLine(), is: "ready")
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 0, stdout: "bye\n", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .stopped)
    #expect(ending.exitCode == 0)
  }

  @Test func `the first request decides, and a kill after it ends the job`() throws {
    let taro = try TaroProgram()
    let process = try taro.start(
      "exec", "--id", "a", "sh", "-c", "trap '' TERM; echo ready; read x"
    ) {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready")
    try taro.run("stop", "--force", "a").expect(code: 0, stderr: "")
    try taro.run("stop", "--force", "--wait", "1ms", "a").expect(code: 124)
    try taro.run("stop", "--interrupt", "--force", "--kill", "--wait", "30s", "a")
      .expect(code: 0, stderr: "")
    try process.finish().expect(code: 137, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .stopped)
    #expect(ending.signal == "KILL")
  }

  @Test func `a stop that is asked for before the job runs reaches it`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "read x") { $0.stdin = .pipe }
    try taro.run("wait", "--past", "a", "-s", "created", "running", "-t", "30s").expect(code: 0)
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 143, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }
}
