internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecLostTests {
  /// Starts a job that waits for input and kills its runner; returns the job's pid.
  private func lose(_ taro: TaroProgram) throws -> (process: TaroProcess, job: Int32) {
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "echo $$; read x") {
      $0.stdin = .pipe
    }
    let job = try #require(Int32(try process.readLine()))
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(SIGKILL)
    let result = try process.finish()
    #expect(result.code == nil, "\(result)")
    return (process, job)
  }

  @Test func `a run whose runner was killed is lost, and its child still runs`() throws {
    let taro = try TaroProgram()
    let (process, job) = try lose(taro)
    try taro.run("ps").expect(code: 0, stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .lost)
    #expect(ending.reason == "runner vanished")
    let evidence = try #require(ending.evidence)
    #expect(evidence.childRunning)
    #expect(!evidence.rebooted)
    #expect(Host.startTime(of: job) != nil)
    #expect(Files.names(in: taro.ledger.runDirectory).isEmpty)
    process.closeInput()
  }

  @Test func `a run whose child has ended as well says so`() throws {
    let taro = try TaroProgram()
    let (process, job) = try lose(taro)
    process.closeInput()
    try eventually("the job has ended") { Host.startTime(of: job) == nil }
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.evidence?.childRunning, is: false)
  }

  @Test func `of twenty that look at once one closes it`() throws {
    let taro = try TaroProgram()
    let (process, _) = try lose(taro)
    let looks = try (0..<20).map { _ in try taro.start("ps") }
    for look in looks { try look.finish().expect(code: 0, stderr: "") }
    try expect(taro.events().count { $0.kind == .state(.lost) }, is: 1)
    try expect(taro.events().last?.kind, is: .state(.lost))
    try expect(taro.firstBrokenLink()) { $0 == nil }
    process.closeInput()
  }

  @Test func `a run that lives is not closed`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "echo ready; read x") {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready")
    try taro.run("ps").expect(code: 0, stderr: "")
    process.closeInput()
    try process.finish().expect(code: 1, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }
}
