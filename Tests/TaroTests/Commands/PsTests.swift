internal import Events
import TestSupport
import Testing

@Suite("taro ps", .temporaryDirectory)
struct PsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// The first column, without header.
  private func jobs(_ arguments: String...) throws -> [String] {
    let result = try taro.runAll(arguments)
    result.expect(code: 0, stderr: "")
    return try result.lines.dropFirst(2).map { String(try $0.split(separator: " ").at(0)) }
  }

  @Test func `is a table of what is live, oldest first, with its last line`() throws {
    let first = try taro.startJob("first")
    let second = try taro.startJob("second", options: ["--param", "a=1", "--param", "b=x=y"])
    try taro.exec("ended", "true")
    try first.say("half of it")
    try taro.waitForEvent { $0.kind == .status }
    let text = try taro.run("ps").expect(code: 0, stderr: "").text.normalized
    #expect(
      text.hasPrefix(
        """
         JOB ID   INSTANCE ID        CREATED                   TIME           STATE     WARNINGS   STATUS
        -------- ------------------ ------------------------- -------------- --------- ---------- ------------

        """))
    let rows = text.split(separator: "\n").dropFirst(2).map(String.init)
    let fixed = "IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   RUNNING"
    #expect(
      rows == [" first    \(fixed)              half of it", " second   \(fixed)"])
    let params = try taro.run("ps", "--show-params", "second").lines
    #expect(params.first?.contains("INSTANCE ID        PARAMETERS   ") == true)
    #expect(params.last?.contains("   a=1, b=x=y   ") == true)
    for job in [first, second] {
      job.closeInput()
      try job.finish().expect(code: 0)
    }
    try expect(jobs("ps"), is: [])
    try expect(jobs("hist"), is: ["ended", "second", "first"])
  }
}
