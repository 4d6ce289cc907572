import Events
import TestSupport
import Testing

@Suite("A name", .temporaryDirectory)
struct MeantNamesTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func state(_ name: String) throws -> String? {
    try JSON(parsing: taro.run("show", name, "-f", "json").expect(code: 0).text)["state"]?.string
  }

  @Test func `of a job is not hidden by a run that was skipped`() throws {
    let job = try taro.startJob("a")
    try taro.run("exec", "--id", "a", "-o", "true").expect(code: 0)
    try expect(state("a"), is: "RUNNING")
    try expect(taro.run("why", "a").expect(code: 0).text) { $0.contains("RUNNING") }
    try job.write("hello\nexit 3\n")
    try job.finish().expect(code: 3)
    try expect(state("a"), is: "FAILED")
    try taro.run("output", "a").expect(code: 0, stdout: "hello\n")
    try expect(taro.run("hist", "-L", "-f", "jsonl").lines.count, is: 1)
    try expect(taro.run("hist", "-L", "-f", "jsonl").text) { $0.contains("FAILED") }
    try taro.run("exec", "--id", "b", "-d", "none", "true").expect(code: 0)
    try expect(state("b"), is: "DEPENDENCY_NOT_RUNNING")
  }

  @Test func `counts back from a job's run or another one`() throws {
    for code in [0, 3, 0, 4, 5] {
      try taro.exec("a", "sh", "-c", "exit \(code)", code: Int32(code))
    }
    try taro.run("exec", "--id", "a", "--dry-run=completed", "true").expect(code: 0)
    func code(_ name: String) throws -> Int64? {
      try JSON(parsing: taro.run("show", name, "-f", "json").expect(code: 0).text)["exit_code"]?
        .integer
    }
    // The rehearsal is not counted.
    try expect(["a~0", "a~1", "a~2", "a~4"].map { try code($0) }, is: [5, 4, 0, 0])
    try expect(code("a~good"), is: 0)
    try expect(code("a~failed"), is: 5)
    try expect(code("a~failed~1"), is: 4)
    let last = try taro.instance("a~1")
    try expect(code("\(last)~1"), is: 0)
    try expect(code("a@\(last)~failed"), is: 3)
    try taro.run("show", "a~9").expect(code: 1).expectOneLine(about: "a~9")
    try taro.exec("a~1", "true")
    try expect(code("a~1"), is: 0)
  }

  @Test func `may be the last characters of an id, in questions and in requests`() throws {
    let job = try taro.startJob("a")
    try taro.exec("b", "true")
    let id = try taro.instance("a")
    for end in [id.suffix(8), id.suffix(12)] {
      try expect(state(String(end)), is: "RUNNING")
      try expect(taro.run("ps", String(end)).expect(code: 0).text) { $0.contains(id) }
    }
    try taro.run("stop", String(id.suffix(10))).expect(code: 0)
    try job.finish().expect(code: 143)
    try expect(state("a"), is: "STOPPED")
    try taro.run("wait", String(id.suffix(10)), "-s", "stopped").expect(code: 0)
  }

  @Test(arguments: [
    ["ps", "bakcup"], ["hist", "bakcup"], ["stats", "bakcup"], ["show", "bakcup"],
    ["why", "bakcup"],
    ["output", "bakcup"], ["timeline", "bakcup"], ["export", "-f", "csv", "bakcup"],
    ["rerun", "bakcup"], ["hist", "-f", "json", "bakcup"],
  ])
  func `that nothing has is an error, with what may have been meant`(command: [String]) throws {
    try taro.exec("backup", "true")
    try taro.runAll(command).expect(code: 1, stdout: "").expectOneLine(about: "bakcup", "backup?")
    let other = command.map { $0 == "bakcup" ? "nothing-like-it" : $0 }
    try taro.runAll(other).expect(code: 1, stdout: "").expectOneLine(about: "nothing-like-it")
  }

  @Test(arguments: ["ps", "hist", "stats"])
  func `with wildcards may match nothing, and a job that is known need not run`(
    command: String
  ) throws {
    try taro.exec("backup", "true")
    try taro.run(command, "x*").expect(code: 0, stderr: "")
    try taro.run(command, "backup").expect(code: 0, stderr: "")
    try taro.run("expect", "fresh", "--every", "1d").expect(code: 0)
    try taro.run(command, "fresh").expect(code: 0, stderr: "")
  }

  @Test(arguments: ["ps", "hist", "stats", "timeline"])
  func `of a ledger that is not there is an error`(command: String) throws {
    try taro.run(command, "--ledger", "/nope/ledger").expect(code: 1, stdout: "")
      .expectOneLine(about: "/nope/ledger")
  }
}
