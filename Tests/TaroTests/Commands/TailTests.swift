internal import Events
internal import Ledger
import TestSupport
import Testing

@Suite("taro tail", .temporaryDirectory)
struct TailTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `shows the last lines, byte for byte`() throws {
    try taro.exec("count", "sh", "-c", "seq 12; printf 'no\\377end'")
    let end = Array("no".utf8) + [0xff] + Array("end".utf8)
    func lines(_ range: ClosedRange<Int>) -> [UInt8] {
      Array(range.map { "\($0)\n" }.joined().utf8) + end
    }
    try expect(taro.run("tail", "count").expect(code: 0, stderr: "").stdout, is: lines(4...12))
    try expect(taro.run("tail", "-n", "1", "count").stdout, is: end)
    try expect(taro.run("tail", "count", "--lines", "100").stdout, is: lines(1...12))
    try taro.run("tail", "-n", "0", "count").expect(code: 0, stdout: "")
    let terminal = try QueryTerminal()
    try taro.start("tail", "-n", "1", "count") { terminal.attach(&$0) }.finish().expect(code: 0)
    #expect(terminal.readAll().hasSuffix("end\n"), "the prompt begins a line")
  }

  @Test func `names who printed what when there are several`() throws {
    for job in ["a", "b", "c"] { try taro.exec(job, "echo", "of \(job)") }
    func shown(_ arguments: String...) throws -> String {
      try taro.runAll(["tail"] + arguments).expect(code: 0, stderr: "").text.normalized
    }
    let a = "a@IIIIIIIIIIIIIIII\nof a\n"
    let b = "b@IIIIIIIIIIIIIIII\nof b\n"
    try expect(shown(), is: a + b + "c@IIIIIIIIIIIIIIII\nof c\n")
    try expect(shown("b", "a"), is: a + b)
    try expect(shown("[ab]"), is: a + b)
    try expect(shown("a", "a"), is: "of a\n")
    // What is live goes before what has been, for each pattern apart.
    let before = try LedgerReader(taro.ledger).head().seq
    let live = try taro.startJob("a")
    try live.say("live")
    try taro.waitForEvent { $0.kind == .output && $0.seq > before }
    try expect(shown("a"), is: "live\n")
    try expect(shown(), is: "live\n")
    try expect(shown("a", "b"), is: b + "a@IIIIIIIIIIIIIIII\nlive\n")
    live.closeInput()
    try live.finish().expect(code: 0)
  }
}
