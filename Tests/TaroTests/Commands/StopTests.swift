internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro stop", .temporaryDirectory)
struct StopTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func state(_ job: String) throws -> String? { try taro.document(job)["state"]?.string }

  @Test func `does nothing where nobody can be asked, unless it is told not to ask`() throws {
    let job = try taro.startJob("a")
    let result = try taro.run("stop", "a").expect(code: 64)
    result.expectOneLine(about: "--force")
    #expect(result.text.normalized.contains(" a        IIIIIIIIIIIIIIII "))
    try taro.run("stop", "--force").expect(code: 64, stdout: "")
    try expect(state("a"), is: "RUNNING")
    let stopped = try taro.run("stop", "--force", "a").expect(code: 0, stderr: "")
    #expect(stopped.text.normalized == "a@IIIIIIIIIIIIIIII -> stop requested\n")
    try job.finish().expect(code: 143)
    try expect(state("a"), is: "STOPPED")
  }

  @Test func `says that nothing matched`() throws {
    try taro.run("stop", "--force", "a").expect(code: 1, stdout: "").expectOneLine(about: "a", "ps")
    try taro.run("stop").expect(code: 1, stdout: "").expectOneLine(about: "nothing is running")
    try taro.exec("a", "true")
    try taro.run("stop", "--force", "a").expect(code: 1, stdout: "")
    try taro.run("stop", "--force", "*").expect(code: 1, stdout: "")
  }

  @Test(arguments: ["n\n", "\n", "yeah\n", "\u{4}"])
  func `asks a person, and takes anything but yes for no`(answer: String) throws {
    let job = try taro.startJob("a")
    let terminal = try QueryTerminal()
    let stop = try taro.start("stop", "a") { terminal.attach(&$0) }
    try terminal.read(until: "Do you want to stop it? [y/N] ")
    #expect(terminal.text.contains("JOB ID"))
    #expect(terminal.text.contains("RUNNING"))
    try terminal.type(answer)
    try stop.finish().expect(code: 0)
    try expect(state("a"), is: "RUNNING")
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test(arguments: ["y\n", "YES\n"])
  func `does what a person agrees to`(answer: String) throws {
    let jobs = try ["a", "b"].map { try taro.startJob($0) }
    let terminal = try QueryTerminal()
    let stop = try taro.start("stop", "--interrupt") { terminal.attach(&$0) }
    try terminal.read(until: "Do you want to interrupt them? [y/N] ")
    try terminal.type(answer)
    try stop.finish().expect(code: 0)
    #expect(terminal.readAll().split(separator: "interrupt requested").count == 3)
    for job in jobs { try job.finish().expect(code: 143) }
    try expect(state("a"), is: "INTERRUPTED")
    try expect(state("b"), is: "INTERRUPTED")
  }

  @Test func `stops what matches and nothing else`() throws {
    let jobs = try ["backup-a", "backup-b", "other"].map { try taro.startJob($0) }
    let text = try taro.run("stop", "--force", "backup*").expect(code: 0).text.normalized
    #expect(
      text == "backup-a@IIIIIIIIIIIIIIII -> stop requested\n"
        + "backup-b@IIIIIIIIIIIIIIII -> stop requested\n")
    for job in jobs[..<2] { try job.finish().expect(code: 143) }
    try expect(state("other"), is: "RUNNING")
    let id = try taro.instance("other")
    try taro.run("stop", "--force", String(id.prefix(15))).expect(code: 0)
    try jobs.at(2).finish().expect(code: 143)
  }

  @Test func `waits for the end when it is told to`() throws {
    let job = try taro.startJob("a")
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try expect(state("a"), is: "STOPPED")
    try job.finish().expect(code: 143)
  }

  @Test func `says who has not ended in time, and kills what does not listen`() throws {
    let script = "trap '' TERM; echo ready; while read -r line; do :; done"
    let job = try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
    try expect(job.readLine(), is: "ready")
    try taro.run("wait", "a", "--past", "-s", "running").expect(code: 0)
    let late = try taro.run("stop", "--force", "--wait", "200ms", "a").expect(code: 124)
    late.expectOneLine(about: "still running after 200ms", "a@")
    try expect(state("a"), is: "RUNNING")
    let killed = try taro.run("stop", "--force", "--kill", "--wait", "30s", "a").expect(code: 0)
    #expect(killed.text.contains("-> kill requested"))
    try job.finish().expect(code: 137)
    try expect(state("a"), is: "STOPPED")
    try expect(taro.document("a")["signal"]?.string, is: "KILL")
  }

  @Test func `puts on record who asked`() throws {
    let job = try taro.startJob("a")
    try taro.run("stop", "--force", "--interrupt", "a").expect(code: 0)
    try job.finish().expect(code: 143)
    let events = try LedgerReader(taro.ledger).events(after: 0, limit: 100)
    let event = try #require(events.first { $0.kind == .interruptRequested })
    let request = ControlRequest(event.json)
    #expect(request.by.uid == Int64(getuid()))
    #expect(request.by.via == .cli)
    #expect(request.signal == "TERM")
    #expect(events.last?.kind == .state(.interrupted))
    try expect(taro.run("show", "a").text) { $0.contains("interrupt requested by ") }
  }

  @Test func `of a run whose runner was killed reaches what that has left behind`() throws {
    let job = try taro.startJob("a")
    job.signal(SIGKILL)
    _ = try job.finish()
    let text = try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0).text
    #expect(text.normalized == "a@IIIIIIIIIIIIIIII -> SIGTERM sent, its runner is gone\n")
    try expect(state("a"), is: "LOST")
    try taro.run("stop", "--force", "a").expect(code: 1, stdout: "")
  }
}
