internal import Events
internal import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecDryRunTests {
  @Test func `nothing is run, and the run looks completed`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--dry-run", "touch", "ran")
      .expect(code: 0, stdout: "", stderr: "")
    #expect(!Files.exists("\(taro.work)/ran"))
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .completed)
    #expect(ending.reason == "dry run")
    #expect(ending.exitCode == nil)
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.command == ["touch", "ran"])
    #expect(created.isDryRun)
    let hist = try taro.run("hist", "a").expect(code: 0, stderr: "")
    #expect(hist.text.contains("dry run"), "\(hist)")
    let document = try JSON(
      parsing: try taro.run("show", "a", "-f", "json").expect(code: 0, stderr: "").text)
    #expect(document["pid"] == .null)
    #expect(document["reason"] == "dry run")
  }

  @Test(arguments: InstanceState.allCases.filter(\.isTerminal))
  func `it can end in every terminal state, failures with 1`(state: InstanceState) throws {
    let taro = try TaroProgram()
    let isFailure = state.group == .failure
    for (job, name) in [("a", state.rawValue), ("b", state.rawValue.lowercased())] {
      try taro.run("exec", "--id", job, "--dry-run=\(name)", "touch", "ran")
        .expect(code: isFailure ? 1 : 0, stdout: "", stderr: "")
      try expect(taro.ending(ofJob: job)?.state, is: state)
    }
    #expect(!Files.exists("\(taro.work)/ran"))
    try expect(taro.events()) { $0.allSatisfy { $0.kind != .state(.running) } }
    #expect(Files.names(in: taro.ledger.runDirectory) == [])
  }

  @Test(arguments: InstanceState.allCases.filter(\.isTerminal))
  func `it can end so after its gates, too`(state: InstanceState) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--delay", "1s", "--dry-run=\(state.rawValue)", "true")
      .expect(code: state.group == .failure ? 1 : 0, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: state)
  }

  @Test(arguments: ["running", "waiting", "created", "bogus"])
  func `a state that no run can end in is 64, with a list of those it can`(name: String) throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--dry-run=\(name)", "touch", "ran")
      .expect(code: 64, stdout: "")
    for word in [name, "COMPLETED", "START_FAILED", "LOST"] {
      #expect(result.stderr.contains(word), "\(result)")
    }
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `the command is never taken for the state`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--dry-run", "failed").expect(code: 0, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "failed")?.state, is: .completed)
    // Behind the command it is the command's.
    try taro.run("exec", "echo", "--dry-run").expect(code: 0, stdout: "--dry-run\n")
  }

  @Test func `without a ledger the exit code is the same`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--ledger", "/dev/null/x", "--dry-run=failed", "true")
      .expect(code: 1, stdout: "").expectOneLine(about: "kept in \(taro.runtime)")
  }
}
