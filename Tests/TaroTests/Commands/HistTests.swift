import TestSupport
import Testing

@Suite("taro hist", .temporaryDirectory)
struct HistTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// The first column, without header.
  private func jobs(_ arguments: String...) throws -> [String] {
    let result = try taro.runAll(arguments)
    result.expect(code: 0, stderr: "")
    return try result.lines.dropFirst(2).map { String(try $0.split(separator: " ").at(0)) }
  }

  @Test func `is a table, newest first, with why a run failed`() throws {
    try taro.runThree()
    let result = try taro.run("hist").expect(code: 0, stderr: "")
    #expect(
      result.text.normalized == """
         JOB ID   INSTANCE ID        CREATED                   ENDED                     TIME           STATE       WARNINGS   RESULT
        -------- ------------------ ------------------------- ------------------------- -------------- ----------- ---------- ----------------------
         backup   IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   COMPLETED
         check    IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   FAILED                 exit code 3: no disk
         backup   IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   COMPLETED              all saved

        """)
    try expect(taro.run("history").text, is: result.text)
    try expect(taro.run("hist", "-P", "--no-color").text, is: result.text)
  }

  @Test(
    arguments: [
      ([], ["backup", "check", "backup"]), (["-a"], ["backup", "check", "backup"]),
      (["-n", "1"], ["backup"]), (["-n", "2", "-a"], ["backup", "check"]),
      (["-n", "100"], ["backup", "check", "backup"]), (["backup"], ["backup", "backup"]),
      (["back*", "-n", "1"], ["backup"]), (["check", "backup"], ["backup", "check", "backup"]),
      (["-L"], ["backup", "check"]), (["-L", "-a"], ["check", "backup"]),
      (["-L", "-n", "1"], ["backup"]), (["-L", "-n", "1", "-a"], ["check"]),
      (["-L", "check"], ["check"]), (["-L", "ch?ck"], ["check"]), (["none*"], []),
      (["-L", "none*"], []),
      (["--last", "--asc", "--lines", "2"], ["check", "backup"]), (["back?"], []),
    ] as [([String], [String])])
  func `shows so many, in either order, of what matches, of each job the last`(
    arguments: [String], expected: [String]
  ) throws {
    try taro.runThree()
    let result = try taro.runAll(["hist"] + arguments).expect(code: 0, stderr: "")
    let rows = result.lines.dropFirst(2)
    try expect(rows.map { try $0.split(separator: " ").at(0) }, is: expected.map { $0[...] })
  }

  @Test func `finds one run by id, by its beginning and as job@instance, and several by glob`()
    throws
  {
    try taro.runThree()
    let id = try taro.instance("check")
    for pattern in [id, String(id.prefix(13)), "check@\(id)", "*@\(id)", "\(id.prefix(15))?"] {
      try expect(jobs("hist", pattern), is: ["check"], "\(pattern)")
    }
    try expect(jobs("hist", "\(id.prefix(4))*").count, is: 3)
    try expect(jobs("hist", "*@*").count, is: 3)
  }

  @Test func `shows the parameters when they are asked for`() throws {
    try taro.runThree()
    let lines = try taro.run("hist", "--show-params").lines
    try expect(lines.at(0)) { $0.contains("INSTANCE ID        PARAMETERS   CREATED") }
    try expect(lines.at(4)) { $0.contains("   tape=4       20") }
    try expect(taro.run("hist").text.contains("tape"), is: false)
  }
}
