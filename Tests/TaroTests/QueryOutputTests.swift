import Ledger
import TestSupport
import Testing

@Suite("taro tail, output and show", .temporaryDirectory)
struct QueryOutputTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test("say what is missing when there is nothing of that name")
  func noSuchName() throws {
    try taro.exec("other", "true")
    try expectNothing()
  }

  private func expectNothing() throws {
    for command in ["tail", "output", "show"] {
      try taro.run(command, "none").expect(code: 1, stdout: "").expectOneLine(about: "none", "hist")
    }
  }

  @Test("say what is missing when there is no ledger")
  func noLedger() throws {
    try expectNothing()
    try taro.run("tail").expect(code: 1, stdout: "").expectOneLine(
      about: "nothing has been run yet")
    #expect(!Files.exists(taro.ledger.path), "asking makes no ledger")
  }

  @Test("tail shows the last lines, byte for byte")
  func lastLines() throws {
    try taro.exec("count", "sh", "-c", "seq 12; printf 'no\\377end'")
    let end = Array("no".utf8) + [0xff] + Array("end".utf8)
    func lines(_ range: ClosedRange<Int>) -> [UInt8] {
      Array(range.map { "\($0)\n" }.joined().utf8) + end
    }
    #expect(try taro.run("tail", "count").expect(code: 0, stderr: "").stdout == lines(4...12))
    #expect(try taro.run("tail", "-n", "1", "count").stdout == end)
    #expect(try taro.run("tail", "count", "--lines", "100").stdout == lines(1...12))
    try taro.run("tail", "-n", "0", "count").expect(code: 0, stdout: "")
    let terminal = try QueryTerminal()
    try taro.start("tail", "-n", "1", "count") { terminal.attach(&$0) }.finish().expect(code: 0)
    #expect(terminal.readAll().hasSuffix("end\n"), "the prompt begins a line")
  }

  @Test("output is all of it, and each stream apart")
  func streams() throws {
    let script = "echo out1; echo err1 >&2; echo out2; printf err2 >&2"
    try taro.exec("both", "sh", "-c", script)
    let all = try taro.run("output", "both").expect(code: 0, stderr: "")
    #expect(all.lines.sorted() == ["err1", "err2", "out1", "out2"])
    try taro.run("output", "both", "--stdout").expect(code: 0, stdout: "out1\nout2\n")
    try taro.run("output", "both", "--stderr").expect(code: 0, stdout: "err1\nerr2")
    try taro.run("output", "both", "--stdout", "--stderr").expect(code: 0, stdout: all.text)
    try taro.run("tail", "-n", "1", "--stdout", "both").expect(code: 0, stdout: "out2\n")
    try taro.run("tail", "-n", "1", "--stderr", "both").expect(code: 0, stdout: "err2")
  }

  @Test("output of megabytes is whole, also of one line")
  func large() throws {
    let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 100000"
    try taro.exec("large", "sh", "-c", script)
    let expected =
      String(repeating: "x", count: 3_000_000) + "\n" + (1...100_000).map { "\($0)\n" }.joined()
    #expect(try taro.run("output", "large").expect(code: 0).text == expected)
    #expect(try taro.run("tail", "-n", "100001", "large").expect(code: 0).text == expected)
    try taro.run("tail", "-n", "2", "large").expect(code: 0, stdout: "99999\n100000\n")
    // A person is shown the end of such a run, each line cut where nobody reads on.
    let shown = try taro.run("show", "large", "-n", "100001").expect(code: 0)
    #expect(shown.text.utf8.count < 2_000_000)
    #expect(shown.text.contains("xxx ...\n  1\n") && shown.text.hasSuffix("\n  100000\n"))
  }

  @Test("a job id means its newest run, an id its own")
  func naming() throws {
    try taro.exec("a", "echo", "first")
    let first = try taro.instance("a")
    try taro.exec("a", "echo", "second")
    for command in ["output", "tail"] {
      try taro.run(command, "a").expect(code: 0, stdout: "second\n")
      try taro.run(command, first).expect(code: 0, stdout: "first\n")
      try taro.run(command, "a@\(first)").expect(code: 0, stdout: "first\n")
    }
    let shared = String(first.prefix(4))
    for command in ["output", "tail", "show", "wait"] {
      let result = try taro.run(command, shared).expect(code: 1, stdout: "")
      #expect(result.errorLines.count == 3, "\(result)")
      #expect(result.stderr.contains("a@\(first)"))
    }
  }

  @Test("tail names who printed what when there are several")
  func headers() throws {
    for job in ["a", "b", "c"] { try taro.exec(job, "echo", "of \(job)") }
    func shown(_ arguments: String...) throws -> String {
      try taro.runAll(["tail"] + arguments).expect(code: 0, stderr: "").text.normalized
    }
    let a = "a@IIIIIIIIIIIIIIII\nof a\n"
    let b = "b@IIIIIIIIIIIIIIII\nof b\n"
    #expect(try shown() == a + b + "c@IIIIIIIIIIIIIIII\nof c\n")
    #expect(try shown("b", "a") == a + b)
    #expect(try shown("[ab]") == a + b)
    #expect(try shown("a", "a") == "of a\n")
    // What is live goes before what has been, for each pattern apart.
    let live = try taro.startJob("a")
    try live.say("live")
    try taro.waitForEvent { $0.kind == .output && $0.seq > 12 }
    #expect(try shown("a") == "live\n")
    #expect(try shown() == "live\n")
    #expect(try shown("a", "b") == b + "a@IIIIIIIIIIIIIIII\nlive\n")
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test("damaged output is passed over, and said to be")
  func damaged() throws {
    try taro.exec("a", "echo", "one")
    try Damage.allChunks(taro.ledger)
    for command in ["output", "tail"] {
      try taro.run(command, "a").expect(code: 1, stdout: "").expectOneLine(
        about: "damaged", "event 3")
    }
    let shown = try taro.run("show", "a").expect(code: 0, stderr: "")
    #expect(shown.text.contains("  (damaged in the ledger: event 3)\n"))
  }

  @Test("show tells a person everything")
  func show() throws {
    let script = "echo one; echo; echo two >&2; exit 3"
    try taro.run("exec", "--id", "job one", "--param", "tape=4", "--", "sh", "-c", script)
      .expect(code: 3)
    let text = try taro.run("show", "job one").expect(code: 0, stderr: "").text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0].normalized == "job one@IIIIIIIIIIIIIIII  FAILED (exit code 3)")
    for expected in [
      "command    sh -c 'echo one; echo; echo two >&2; exit 3'", "directory  \(taro.work)",
      "params     tape=4", "exit       code 3",
      "output     3 lines, 5 B on stdout, 4 B on stderr",
    ] {
      #expect(lines.contains(expected), "\(expected)\n\(text)")
    }
    let states = lines.compactMap { $0.split(separator: " ").last.map(String.init) }
      .filter { RunState(rawValue: $0) != nil }
    #expect(states == ["CREATED", "RUNNING", "FAILED"])
    #expect(text.contains("\nLast lines:\n  one\n\n"))
    #expect(try !taro.run("show", "-n", "0", "job one").text.contains("Last lines"))
    let last = try taro.run("show", "-n", "1", "job one").text
    #expect(last.components(after: "Last lines:\n").split(separator: "\n").count == 1)
  }

  @Test("show of a run with other ends names them")
  func otherEnds() throws {
    try taro.exec("killed", "sh", "-c", "kill -KILL $$", code: 137)
    #expect(try taro.run("show", "killed").text.contains("exit       killed by SIGKILL\n"))
    try taro.exec("missing", "/no/such/command", code: 127)
    #expect(try taro.run("show", "missing").text.contains("  START_FAILED (/no/such/command"))
    try taro.run("exec", "-b", "--id", "bypass", "true").expect(code: 0)
    #expect(try taro.run("show", "bypass").text.contains("output     not recorded (-b)\n"))
    try taro.run("output", "bypass").expect(code: 0, stdout: "", stderr: "")
  }

  @Test("show -f json is the document of docs/json.md")
  func document() throws {
    try taro.exec("a", "echo", "one")
    var contract = try JSONContract("The instance document")
    let document = try taro.document("a")
    #expect(contract.check(document) == [])
    #expect(document["state"]?.string == "COMPLETED")
    #expect(document["exit_code"]?.integer == 0)
    #expect(document["command"] == .strings(["echo", "one"]))
    #expect(document["output"]?["bytes"]?.integer == 4)
    #expect(document["output"]?["lines"]?.integer == 1)
    #expect(document["status"]?.string == "one")
    #expect(document["cwd"]?.string == taro.work)
  }
}

extension String {
  /// What stands behind that text.
  fileprivate func components(after text: String) -> Substring {
    firstRange(of: text).map { self[$0.upperBound...] } ?? ""
  }
}
