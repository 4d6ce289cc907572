internal import Events
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite("taro disable, enable and list-disabled", .temporaryDirectory)
struct DisableTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func wishes() throws -> [(kind: EventKind, wish: JobSwitch)] {
    try taro.events().map { ($0.kind, JobSwitch($0.json)) }
  }

  @Test func `say what they have done, in a host that has run nothing yet too`() throws {
    try taro.run("disable", "a", "b*", "a").expect(
      code: 0, stdout: "Added to disabled jobs: a, b*\n", stderr: "")
    try taro.run("disable", "b*", "c").expect(
      code: 0, stdout: "Added to disabled jobs: c\nAlready disabled: b*\n", stderr: "")
    try taro.run("disable", "c").expect(code: 0, stdout: "Already disabled: c\n")
    try taro.run("enable", "a", "c", "x").expect(
      code: 0, stdout: "Removed from disabled jobs: a, c\n", stderr: "")
    try expect(
      wishes().map { "\($0.kind.name) \($0.wish.pattern)" },
      is: [
        "job_disabled a", "job_disabled b*", "job_disabled c", "job_enabled a", "job_enabled c",
      ])
  }

  @Test func `enable what is not disabled is a failure, with a ledger and without`() throws {
    try taro.run("enable", "a").expect(code: 1, stdout: "")
      .expectOneLine(about: "None of provided jobs is disabled", "list-disabled")
    #expect(!Files.exists(taro.ledger.path))
    try taro.run("disable", "b").expect(code: 0)
    try taro.run("enable", "a").expect(code: 1, stdout: "")
      .expectOneLine(about: "None of provided jobs is disabled")
    try expect(wishes().count, is: 1)
  }

  @Test func `enable says when a wider pattern goes on disabling the job`() throws {
    try taro.run("disable", "backup", "back*").expect(code: 0)
    try taro.run("enable", "backup").expect(
      code: 1, stdout: "Removed from disabled jobs: backup\n"
    ).expectOneLine(about: "backup is still disabled, by back*", "taro enable 'back*'")
    try taro.run("enable", "backup").expect(code: 1, stdout: "")
      .expectOneLine(about: "backup is still disabled, by back*")
    try taro.run("enable", "back*").expect(
      code: 0, stdout: "Removed from disabled jobs: back*\n", stderr: "")
  }

  @Test func `keep who, until when and why`() throws {
    let before = WallTime.now
    try taro.run("disable", "a", "--until", "2h", "--reason", "the tape is full").expect(code: 0)
    let wish = try #require(try wishes().first).wish
    let until = try #require(wish.until)
    #expect(until > before + 7_190_000_000)
    #expect(until < before + 7_290_000_000)
    #expect(wish.by.reason == "the tape is full")
    #expect(wish.by.via == .cli)
    #expect(wish.by.pid > 0)
    #expect(!wish.by.host.isEmpty)
    // Another end, or another reason, is no repetition.
    try taro.run("disable", "a", "--reason", "x").expect(
      code: 0, stdout: "Added to disabled jobs: a\n")
    try expect(wishes().last?.wish.until) { $0 == nil }
    try taro.run("disable", "a", "--until", "2999-01-01T00:00:00Z").expect(
      code: 0, stdout: "Added to disabled jobs: a\n")
    try taro.run("disable", "a", "--until", "2999-01-01T00:00:00Z").expect(
      code: 0, stdout: "Already disabled: a\n")
    try expect(wishes().last?.wish.until, is: 32_472_144_000_000_000)
  }

  @Test func `keep a job from being started, which is no failure, and is in the history`() throws {
    try taro.run("disable", "back*", "--reason", "the tape is full").expect(code: 0)
    for options in [[], ["--require-ledger"], ["--no-overlap"]] {
      try taro.runAll(["exec"] + options + ["--id", "backup", "touch", "ran"])
        .expect(code: 0, stdout: "", stderr: "")
    }
    try taro.exec("other", "true")
    #expect(!Files.exists("\(taro.work)/ran"))
    try expect(
      taro.events(ofJob: "backup").map(\.kind),
      is: [
        .state(.created), .state(.disabled), .state(.created), .state(.disabled),
        .state(.created), .state(.disabled),
      ])
    let documents = try taro.run("hist", "backup", "-f", "jsonl", "--state", "disabled").lines
      .map { try JSON(parsing: $0) }
    #expect(documents.count == 3)
    try expect(documents.at(0)["group"], is: "not_executed")
    try expect(documents.at(0)["reason"]?.string, is: "disabled by pattern back*: the tape is full")
    try expect(documents.at(0)["started_at"], is: .null)
    try taro.run("enable", "back*").expect(code: 0)
    try taro.exec("backup", "touch", "ran")
    #expect(Files.exists("\(taro.work)/ran"))
    try expect(taro.ending(ofJob: "backup")?.state, is: .completed)
  }

  @Test func `leave what runs already alone`() throws {
    let job = try taro.startJob("a")
    try taro.run("disable", "*").expect(code: 0)
    try job.say("still here")
    job.closeInput()
    try job.finish().expect(code: 0)
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `end by themselves when their time is over`() throws {
    try taro.run("disable", "a", "--until", "1us").expect(code: 0)
    try eventually("it is over") { try taro.run("list-disabled", "-f", "jsonl").text.isEmpty }
    try taro.run("enable", "a").expect(code: 1, stdout: "")
    try taro.exec("a", "true")
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
    try taro.run("disable", "a").expect(code: 0, stdout: "Added to disabled jobs: a\n")
  }

  @Test func `are a table, of nothing too`() throws {
    let empty = """
       DISABLED JOB ID   DISABLED   UNTIL   BY   REASON
      ----------------- ---------- ------- ---- --------

      """
    try taro.run("list-disabled").expect(code: 0, stdout: empty, stderr: "")
    try taro.run("disable", "b*", "--reason", "tape\nfull").expect(code: 0)
    try taro.run("disable", "a", "--until", "2999-01-01T00:00:00Z").expect(code: 0)
    let lines = try taro.run("list-disabled").expect(code: 0, stderr: "").lines
    try expect(taro.run("config", "list-disabled").expect(code: 0).lines, is: lines)
    #expect(lines.count == 4)
    try expect(lines.at(2)) { $0.hasPrefix(" b*  ") }
    try expect(lines.at(2)) { $0.hasSuffix("   tape\\nfull") }
    try expect(lines.at(3)) { $0.hasPrefix(" a   ") }
    try expect(lines.at(3)) { $0.contains("2999-01-01 00:00:00.000") }
    try expect(lines.at(3)) { $0.contains("@\(Host.name())") }
    try taro.run("enable", "a", "b*").expect(code: 0)
    try taro.run("list-disabled").expect(code: 0, stdout: empty)
  }

  @Test func `are documents as docs/json.md says`() throws {
    try taro.run("list-disabled", "-f", "json").expect(code: 0, stdout: "{\"disabled\":[]}\n")
    try taro.run("disable", "b*").expect(code: 0)
    try taro.run("disable", "a", "--until", "1h", "--reason", "x").expect(code: 0)
    var contract = try JSONContract("The disabled document")
    let documents = try taro.run("list-disabled", "-f", "jsonl").expect(code: 0).lines
      .map { try JSON(parsing: $0) }
    for document in documents { #expect(contract.check(document) == []) }
    // Who comes by a network has them.
    #expect(contract.neverSeen == ["address", "token"])
    #expect(documents.map { $0["pattern"]?.string } == ["b*", "a"])
    let whole = try JSON(parsing: taro.run("list-disabled", "-f", "json").text)
    #expect(whole["disabled"]?.array == documents)
    try expect(contract.check(JSON(parsing: contract.example)), is: [])
  }

  @Test(arguments: [
    (["disable"], "pattern"), (["enable"], "pattern"), (["disable", ""], "empty"),
    (["enable", "a", ""], "empty"), (["disable", "a", "--until", "2h ago"], "past"),
    (["disable", "a", "--until", "2020-01-01"], "past"),
    (["disable", "a", "--until", "0"], "past"),
    (["disable", "a", "--until", "soon"], "--until \"soon\": it is not a time"),
    (["list-disabled", "-f", "xml"], "'table', 'json'"),
  ])
  func `refuse what they do not understand`(arguments: [String], word: String) throws {
    let result = try taro.runAll(arguments).expect(code: 64, stdout: "")
    #expect(result.stderr.contains(word), "\(result)")
    #expect(!Files.exists(taro.ledger.path), "a wrong option makes no ledger")
  }
}
