import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro check", .temporaryDirectory)
struct CheckTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// The sort of each thing that is not well, and the job.
  private func problems(_ arguments: String...) throws -> [String] {
    let words = ["check", "-f", "json"] + arguments
    let document = try JSON(
      parsing: try taro.start(bytes: words.map { Array($0.utf8) }).finish().text)
    return (document["findings"]?.array ?? []).map {
      "\($0["problem"]?.string ?? "") \($0["job"]?.string ?? "-")"
    }
  }

  /// An event of a job and no instance, so long ago, in microseconds.
  private func record(_ kind: EventKind, _ job: String, _ data: JSON, ago: Int64) throws {
    let writer = try LedgerWriter(taro.ledger)
    try writer.append([
      NewEvent(
        at: .now - ago, mono: .now, job: job, instance: nil, kind: kind, data: data)
    ])
  }

  private func say(_ job: String, every period: Int64, since ago: Int64) throws {
    let expectation = JobExpectation(.every(period), grace: 0, by: .thisProcess())
    try record(.jobExpected, job, expectation.json, ago: ago)
  }

  private static let hour: Int64 = 3_600_000_000

  @Test func `without a ledger or such a job is 3, and where all is well 0`() throws {
    try taro.run("check").expect(code: 3, stderr: "")
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try taro.run("check").expect(code: 0, stdout: "1 job, all well\n", stderr: "")
    try taro.run("check", "b*").expect(code: 3, stderr: "")
    try taro.run("check", "--within", "x").expect(code: 64, stdout: "")
    #expect(try problems() == [])
  }

  @Test func `a name that no job has is unknown, beside others too`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    for names in [["nosuch"], ["nosuch", "none"]] {
      expect(try taro.runAll(["check"] + names).expect(code: 3, stderr: "").text) {
        $0.contains("UNKNOWN   it cannot be told whether all is well (there is no such job)")
      }
    }
    let result = try taro.run("check", "a", "nosuch").expect(code: 3, stderr: "")
    expect(
      result.lines,
      is: ["UNKNOWN   nosuch cannot be judged (there is no such job)", "1 of 2 jobs is not well"])
    try taro.run("check", "a", "nosuch*").expect(code: 0, stdout: "1 job, all well\n")
    try say("b", every: Self.hour, since: 0)
    try taro.run("check", "a", "b").expect(code: 0, stdout: "2 jobs, all well\n")
    try taro.run("exec", "--id", "a", "false").expect(code: 1)
    try taro.run("check", "a", "nosuch").expect(code: 2)
  }

  @Test
  func `tells of failures in a row since the last good run, and no more of what is well again`()
    throws
  {
    for command in ["true", "false", "false"] {
      _ = try taro.run("exec", "--id", "a", command)
    }
    for command in ["false", "true"] { _ = try taro.run("exec", "--id", "b", command) }
    _ = try taro.run("exec", "--id", "c", "--dry-run=failed", "x")
    let result = try taro.run("check").expect(code: 2, stderr: "")
    expect(result.lines.count, is: 2)
    expect(try result.lines.at(0)) {
      $0.contains(/^CRITICAL  a has failed 2 times in a row \(exit code 1\), since .*; last good 2/)
    }
    expect(try result.lines.at(1), is: "1 of 3 jobs is not well")
    try taro.run("check", "b").expect(code: 0)
    try taro.run("check", "--within", "0").expect(code: 0)
  }

  @Test func `tells what has not run when it was due, once it is recorded`() throws {
    try taro.run("exec", "--id", "other", "true").expect(code: 0)
    try say("backup", every: 4 * Self.hour, since: 10 * Self.hour)
    let result = try taro.run("check").expect(code: 2, stderr: "")
    expect(try result.lines.at(0)) {
      $0.hasPrefix("CRITICAL  backup has not run 2 times when it was due, since ")
        && $0.hasSuffix("; never good")
    }
    let missed = try taro.events().filter { $0.kind == .breach(.missed) }
    expect(missed.map(\.job), is: ["backup", "backup"])
    let dues = missed.map { WallTime.now - $0.at }
    expect(dues) { $0.map { $0 / Self.hour } == [6, 2] }
    // Any question finds it, and none again.
    try taro.run("hist").expect(code: 0)
    expect(
      try taro.events().filter { $0.kind == .breach(.missed) }.count, is: 2)
    try taro.run("exec", "--id", "backup", "true").expect(code: 0)
    try taro.run("check").expect(code: 0)
    let late = try #require(try taro.events().last { $0.kind == .breach(.late) })
    expect(Breach(late)?.due, is: missed.last?.at)
  }

  @Test func `tells of runs that go on for too long, beside another, or say nothing`() throws {
    var expectation = JobExpectation(nil, by: .thisProcess())
    (expectation.maxTime, expectation.maxSilence) = (1000, 1000)
    try record(.jobExpected, "a", expectation.json, ago: Self.hour)
    let running = try (0..<2).map { _ in
      try taro.start("exec", "--id", "a", "cat") { $0.stdin = .pipe }
    }
    try eventually("both run") {
      try taro.run("ps", "-f", "jsonl").lines.count { try JSON(parsing: $0)["state"] == "RUNNING" }
        == 2
    }
    try eventually("all of it is seen") {
      try Set(problems()) == ["overlong a", "silent a", "overlapping a"]
    }
    try taro.run("check").expect(code: 1)
    expect(try taro.run("ps").text) {
      $0.contains("overlong") && $0.contains("silent") && $0.contains("overlapping")
    }
    for process in running {
      process.closeInput()
      try process.finish().expect(code: 0)
    }
    try taro.run("check").expect(code: 0)
  }

  @Test func `tells of a lost run, of jobs disabled for long, and of spools`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let disabled = JobSwitch(pattern: "b*", by: .thisProcess(reason: "the tape is full"))
    try record(.jobDisabled, "", disabled.json, ago: 240 * Self.hour)
    let process = try taro.start("exec", "--id", "a", "cat") { $0.stdin = .pipe }
    try eventually("it runs") { try taro.run("ps", "-f", "jsonl").text.contains("\"RUNNING\"") }
    process.signal(SIGKILL)
    process.closeInput()
    _ = try process.finish()
    let found = try problems()
    expect(found, is: ["lost a", "disabled b*"])
    expect(try taro.run("check", "--disabled-for", "11d").lines.count, is: 2)
  }

  @Test func `of a damaged ledger is critical`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    for end in ["-wal", "-shm"] { Files.removeTree(taro.ledger.database + end) }
    try Files.write(Array(repeating: 0x55, count: 8192), to: taro.ledger.database)
    let result = try taro.run("check").expect(code: 2, stderr: "")
    expect(result.text) { $0.contains("CRITICAL  the ledger is damaged") }
  }

  // MARK: Formats

  @Test func `is a line for monitoring plugins, with performance data behind the only bar`() throws
  {
    _ = try taro.run("exec", "--id", "a | b", "false")
    let result = try taro.run("check", "-f", "nagios").expect(code: 2, stderr: "")
    let parts = try result.lines.at(0).split(separator: "|")
    expect(parts.count, is: 2)
    expect(try parts.at(0)) {
      $0.hasPrefix("TARO CRITICAL - 1 of 1 job is not well: a / b has failed (exit code 1), since ")
    }
    expect(try parts.at(1)) {
      $0.hasPrefix(" jobs=1;;;0 failing=1;;;0 lost=0;;;0 missed=0;;;0 overlong=0;;;0")
    }
    expect(try result.lines.at(1)) { $0.hasPrefix("CRITICAL: a / b has failed") }
  }

  @Test func `is a file for Prometheus, whole, and for others to read`() throws {
    _ = try taro.run("exec", "--id", "a\"\\b", "false")
    let path = "\(TemporaryDirectory.path)/taro.prom"
    try taro.run("check", "-f", "prometheus", "-o", path).expect(code: 2, stdout: "", stderr: "")
    expect(Files.mode(path), is: 0o644)
    let lines = try Files.lines(path)
    expect(lines) { $0.contains("taro_check_status 2") }
    expect(lines) { $0.contains(#"taro_check_problems{problem="failing"} 1"#) }
    expect(lines) {
      $0.contains(#"taro_check_problem{job="a\"\\b",problem="failing"} 2"#)
    }
    let names = Files.names(in: TemporaryDirectory.path).filter { $0.hasPrefix("taro.prom") }
    expect(names, is: ["taro.prom"])
    try taro.run("check", "-o", "\(path)/below").expect(code: 3)
  }
}
