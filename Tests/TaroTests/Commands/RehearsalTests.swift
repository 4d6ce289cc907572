import Events
import Ledger
import TestSupport
import Testing

@Suite("A rehearsal", .temporaryDirectory)
struct RehearsalTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func rehearse(_ job: String, _ state: String = "completed") throws {
    try taro.run("exec", "--id", job, "--dry-run=\(state)", "true")
      .expect(code: state == "failed" ? 1 : 0)
  }

  private func expectations(_ job: String) throws -> JSON {
    try JSON(parsing: taro.run("expectations", job, "-f", "jsonl").expect(code: 0).text)
  }

  /// What `every` says is expected of the job since so long ago, microseconds.
  private func say(_ job: String, every period: Int64, since ago: Int64) throws {
    let expectation = JobExpectation(.every(period), grace: 0, by: .thisProcess())
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now - ago, mono: .now, job: job, instance: nil, kind: .jobExpected,
        data: expectation.json)
    ])
  }

  @Test func `opens no gate that waits for a success, and closes none`() throws {
    func dependent(_ patterns: String...) throws -> TaroResult {
      try taro.runAll(
        ["exec", "--id", "dep"] + patterns.flatMap { ["--after-success", $0] } + ["echo", "ran"])
    }
    try rehearse("build")
    try dependent("build").expect(code: 1, stdout: "")
    try dependent("b*").expect(code: 1, stdout: "")
    let rehearsal = try taro.instance("build")
    try dependent("build@\(rehearsal)").expect(code: 1, stdout: "")
    try taro.exec("build", "false", code: 1)
    try rehearse("build")
    for name in ["build", "b*"] { try dependent(name).expect(code: 1, stdout: "") }
    try taro.exec("build", "true")
    try rehearse("build", "failed")
    for name in ["build", "b*"] { try dependent(name).expect(code: 0, stdout: "ran\n") }
  }

  @Test func `that waits at its gates is waited for by no gate that wants a success`() throws {
    try taro.exec("first", "true")
    let waiting = try taro.start("exec", "--id", "build", "-p", "go", "--dry-run", "true")
    _ = try taro.waitForEvent("it waits") { $0.kind == .state(.pending) }
    try taro.run("exec", "--id", "dep", "--after-success", "build", "echo", "ran")
      .expect(code: 1, stdout: "")
    try taro.run("exec", "--id", "build", "-o", "echo", "ran").expect(code: 0, stdout: "")
    try taro.run("release", "go").expect(code: 0)
    try waiting.finish().expect(code: 0)
  }

  @Test func `is not what a job's name means, and is not counted back over`() throws {
    try taro.exec("a", "echo", "good")
    try taro.exec("a", "sh", "-c", "echo bad; exit 3", code: 3)
    let run = try taro.instance("a")
    try rehearse("a", "failed")
    let rehearsal = try #require(
      try taro.events(ofJob: "a").last { $0.kind.isTerminal }?.instance)
    try expect(taro.instance("a"), is: run)
    try taro.run("output", "a").expect(code: 0, stdout: "bad\n")
    try expect(taro.run("why", "a").text) { $0.contains("exit code 3") }
    try taro.run("output", "a~1").expect(code: 0, stdout: "good\n")
    try taro.run("output", "\(rehearsal.text)~1").expect(code: 0, stdout: "bad\n")
    try expect(taro.run("hist", "-L", "-f", "jsonl").text) { $0.contains(run) }
    // By its id it is found, and compared with nothing.
    let shown = try taro.run("show", rehearsal.text).expect(code: 0).text
    #expect(shown.contains("dry run") && !shown.contains("Otherwise than"), "\(shown)")
    try expect(taro.run("show", "a").text) { $0.contains("Otherwise than") }
    // Where there is nothing else, it is meant.
    try rehearse("b")
    try expect(taro.run("show", "b").expect(code: 0).text) { $0.contains("dry run") }
  }

  @Test func `is not what is expected`() throws {
    let hour: Int64 = 3_600_000_000
    try say("a", every: hour, since: hour + hour / 2)
    let due = try expectations("a")["next_due"]
    try rehearse("a")
    let check = try taro.run("check", "a").expect(code: 2)
    #expect(check.text.contains("a has not run"), "\(check)")
    try expect(expectations("a")["next_due"], is: due)
    try expect(taro.run("why", "a").expect(code: 0).text) { $0.contains("a has never run") }
    let breaches = try taro.events(ofJob: "a").filter { Breach($0) != nil }
    expect(breaches.map(\.kind), is: [.breach(.missed)])
    try taro.exec("a", "true")
    try taro.run("check", "a").expect(code: 0)
    try expect(expectations("a")["next_due"]) { $0 != due }
  }

  @Test func `is skipped where runs are exported as tests`() throws {
    try taro.exec("a", "true")
    try rehearse("a", "failed")
    let text = try taro.run("export", "-f", "junit").expect(code: 0).text
    #expect(text.contains("tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\""), "\(text)")
    #expect(text.contains("<skipped message=\"FAILED: dry run\"/>"), "\(text)")
  }

  @Test func `pushes no failure out of those that retention keeps`() throws {
    try taro.exec("a", "sh", "-c", "exit 3", code: 3)
    try rehearse("a", "failed")
    try taro.run(
      "ledger", "retain", "--force", "--set", "retention.max_records=0", "--set",
      "retention.keep_failed=1"
    ).expect(code: 0)
    try expect(taro.run("hist", "-f", "jsonl").lines.count, is: 1)
    try expect(taro.run("hist", "-f", "jsonl").text) { $0.contains("\"exit_code\":3") }
  }
}
