import TestSupport
import Testing

@Suite("taro output", .temporaryDirectory)
struct OutputTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `is all of it, and each stream apart`() throws {
    let script = "echo out1; echo err1 >&2; echo out2; printf err2 >&2"
    try taro.exec("both", "sh", "-c", script)
    let all = try taro.run("output", "both").expect(code: 0, stderr: "")
    // Between two streams there is no order.
    #expect(all.text.sorted() == "out1\nout2\nerr1\nerr2".sorted())
    try taro.run("output", "both", "--stdout").expect(code: 0, stdout: "out1\nout2\n")
    try taro.run("output", "both", "--stderr").expect(code: 0, stdout: "err1\nerr2")
    try taro.run("output", "both", "--stdout", "--stderr").expect(code: 0, stdout: all.text)
    try taro.run("tail", "-n", "1", "--stdout", "both").expect(code: 0, stdout: "out2\n")
    try taro.run("tail", "-n", "1", "--stderr", "both").expect(code: 0, stdout: "err2")
  }

  @Test func `of megabytes is whole, also of one line`() throws {
    let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 100000"
    try taro.exec("large", "sh", "-c", script)
    let expected =
      String(repeating: "x", count: 3_000_000) + "\n" + (1...100_000).map { "\($0)\n" }.joined()
    try expect(taro.run("output", "large").expect(code: 0).text, is: expected)
    try expect(taro.run("tail", "-n", "100001", "large").expect(code: 0).text, is: expected)
    try taro.run("tail", "-n", "2", "large").expect(code: 0, stdout: "99999\n100000\n")
    // A person is shown the end of such a run, each line cut where nobody reads on.
    let shown = try taro.run("show", "large", "-n", "100001").expect(code: 0)
    #expect(shown.text.utf8.count < 2_000_000)
    #expect(shown.text.contains("xxx ...\n  1\n"))
    #expect(shown.text.hasSuffix("\n  100000\n"))
  }

  @Test func `damaged output is passed over, and said to be`() throws {
    try taro.exec("a", "echo", "one")
    try Damage.allChunks(taro.ledger)
    for command in ["output", "tail"] {
      try taro.run(command, "a").expect(code: 1, stdout: "").expectOneLine(
        about: "damaged", "event 3")
    }
    let shown = try taro.run("show", "a").expect(code: 0, stderr: "")
    #expect(shown.text.contains("  (damaged in the ledger: event 3)\n"))
  }
}
