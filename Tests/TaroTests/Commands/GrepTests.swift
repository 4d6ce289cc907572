import Events
internal import Ledger
import TestSupport
import Testing

@Suite("taro grep", .temporaryDirectory)
struct GrepTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func grep(_ arguments: String...) throws -> TaroResult {
    try taro.runAll(["grep"] + arguments)
  }

  /// The lines, without the run and the time before them.
  private func found(_ arguments: String..., code: Int32 = 0) throws -> [String] {
    try taro.runAll(["grep"] + arguments).expect(code: code, stderr: "").lines.map { line in
      String(line.split(separator: " ", maxSplits: 3).last ?? "")
    }
  }

  @Test func `finds lines in the output of all runs, oldest first`() throws {
    try taro.exec("a", "sh", "-c", "echo one; echo two error; echo three >&2")
    try taro.exec("b", "sh", "-c", "echo no; echo 'an error' >&2; exit 3", code: 3)
    try taro.exec("a", "echo", "Error")
    let lines = try grep("error").expect(code: 0, stderr: "").lines
    expect(lines.count, is: 2)
    let (a, b) = (try lines.at(0), try lines.at(1))
    let time = /20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}/
    #expect(a.hasPrefix("a@0") && a.hasSuffix(" stdout: two error") && a.contains(time), "\(a)")
    #expect(b.hasPrefix("b@0") && b.hasSuffix(" stderr: an error"), "\(b)")
    try expect(found("-i", "error", "a"), is: ["stdout: two error", "stdout: Error"])
    try expect(found("error", "--failed"), is: ["stderr: an error"])
    try expect(found("error", "--state", "completed"), is: ["stdout: two error"])
    try expect(found("error", "-U", "1h ago", code: 1), is: [])
    try expect(found(".", "--stderr"), is: ["stderr: three", "stderr: an error"])
    try expect(found("^two|^three", "--stdout"), is: ["stdout: two error"])
    try expect(found("nothing", code: 1), is: [])
    try expect(found("error", "c*", code: 1), is: [])
    try grep("error", "c").expect(code: 2, stdout: "").expectOneLine(about: "no job or instance c")
  }

  @Test func `takes what grep takes`() throws {
    try taro.exec("a", "sh", "-c", "seq 1 20; echo 'a.b'; echo 'a+b 12 34'")
    try expect(
      found("-C", "1", "^1$|^5$"),
      is: [
        "stdout: 1", "stdout- 2", "--", "stdout- 4", "stdout: 5", "stdout- 6",
      ])
    try expect(
      found("-A1", "-B", "2", "^7$"), is: ["stdout- 5", "stdout- 6", "stdout: 7", "stdout- 8"])
    try expect(found("-F", "a.b"), is: ["stdout: a.b"])
    try expect(found("-F", "a+b 1"), is: ["stdout: a+b 12 34"])
    try expect(found("-o", "[0-9]{2}", "-m", "2"), is: ["stdout: 10", "stdout: 11"])
    try expect(found("-o", " [0-9]+"), is: ["stdout:  12", "stdout:  34"])
    try expect(found("-v", "[0-9]"), is: ["stdout: a.b"])
    let name = "a@\(try taro.instance("a"))"
    try grep("-c", "1").expect(code: 0, stdout: "\(name): 12\n", stderr: "")
    try grep("-l", "1").expect(code: 0, stdout: "\(name)\n", stderr: "")
    try grep("-vc", "1").expect(code: 0, stdout: "\(name): 10\n", stderr: "")
    try grep("-c", "nothing").expect(code: 1, stdout: "", stderr: "")
  }

  @Test func `gives documents`() throws {
    try taro.exec("a", "sh", "-c", "echo zero; echo 'one two'; printf 'x\\377\\tone\\n' >&2")
    var contract = try JSONContract("The hit document")
    let documents = try grep("-B1", "one|two", "-f", "jsonl").expect(code: 0, stderr: "").lines
      .map { try JSON(parsing: $0) }
    for document in documents { expect(contract.check(document), is: []) }
    expect(documents.map { $0["line"]?.string }, is: ["zero", "one two", "x\u{fffd}\tone"])
    expect(documents.map { $0["hit"]?.bool }, is: [false, true, true])
    try expect(documents.at(1)["matches"]?.array?.map(\.string), is: ["one", "two"])
    try expect(documents.at(2)["stream"]?.string, is: "stderr")
    #expect(contract.neverSeen.isEmpty, "\(contract.neverSeen)")
    var counts = try JSONContract("The hit count document")
    for option in ["-c", "-l"] {
      let line = try grep(option, "one", "-f", "jsonl").expect(code: 0).lines.at(0)
      let document = try JSON(parsing: line)
      expect(counts.check(document), is: [])
      #expect(document["lines"]?.integer == (option == "-c" ? 2 : nil))
    }
    #expect(counts.neverSeen.isEmpty, "\(counts.neverSeen)")
  }

  @Test func `finds a line wherever chunks end, in one of megabytes, and in what is no text`()
    throws
  {
    let script = """
      head -c 5000000 /dev/zero | tr '\\0' x; printf needle; head -c 3000000 /dev/zero | tr '\\0' y; echo
      head -c 2000000 /dev/zero; echo; i=0; seq 1 200000; echo needle at last
      """
    try taro.exec("large", "sh", "-c", script)
    let lines = try grep("needle").expect(code: 0, stderr: "").lines
    expect(lines.count, is: 2)
    try expect(lines.at(0)) {
      $0.contains("xneedley") && $0.hasSuffix(" ...") && $0.utf8.count < 5000
    }
    try expect(lines.at(1)) { $0.hasSuffix("stdout: needle at last") }
    try expect(found("-o", "needle"), is: ["stdout: needle ...", "stdout: needle"])
    let name = "large@\(try taro.instance("large"))"
    try grep("-c", "7$").expect(code: 0, stdout: "\(name): 20000\n")
    try grep("-c", "^xx").expect(code: 0, stdout: "\(name): 1\n")
    try grep("-c", "^y").expect(code: 1, stdout: "")
    try grep("-vc", "[0-9]").expect(code: 0, stdout: "\(name): 3\n")
  }

  @Test func `searches a live run as far as it is`() throws {
    let job = try taro.startJob("live")
    try job.say("hello")
    try eventually("it is recorded") { try taro.run("grep", "-c", "hello").code == 0 }
    try expect(found("hel+o", "live"), is: ["stdout: hello"])
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `says what is missing, and where`() throws {
    try taro.exec("a", "echo", "one")
    try taro.exec("b", "echo", "one")
    try Damage.allChunks(taro.ledger)
    let result = try grep("one").expect(code: 2, stdout: "")
    #expect(result.errorLines.allSatisfy { $0.contains("damaged in the ledger, event") })
    #expect(!result.errorLines.isEmpty)
  }

  @Test func `gives an expression up for the lines in which it explodes`() throws {
    try taro.exec("a", "sh", "-c", "echo xaa; printf '%05000d' 0 | tr 0 a; echo b; echo yaa")
    let result = try grep("(a+)+$").expect(code: 2)
    expect(result.lines.map { $0.suffix(3) }, is: ["xaa", "yaa"])
    result.expectOneLine(about: "a@", "takes too long")
  }

  @Test func `of an empty host finds nothing, and makes no ledger`() throws {
    try grep("x").expect(code: 1, stdout: "", stderr: "")
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test(arguments: [
    (["(a"], "missing closing parenthesis"), (["a", "-m", "0"], "-m 0"), (["a", "-A", "-1"], "-A"),
    (["a", "-c", "-l"], "exclude"), (["a", "-v", "-o"], "exclude"), (["a", "-C", "x"], "-C"),
    ([], "regex"), (["a", "--state", "nope"], "no such state"), (["a", "-S", "soon"], "--since"),
  ])
  func `refuses what makes no sense`(arguments: [String], word: String) throws {
    let result = try taro.runAll(["grep"] + arguments).expect(code: 64, stdout: "")
    #expect(result.stderr.contains(word), "\(result)")
  }

  @Test func `on a terminal has headings and marks, and lets no job steer it`() throws {
    try taro.exec("a", "printf", "x\\033[2J\\tone\\nno\\n")
    try taro.exec("b", "echo", "one")
    let terminal = try QueryTerminal()
    try taro.start("grep", "one") { terminal.attach(&$0) }.finish().expect(code: 0)
    let text = terminal.readAll()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    expect(lines.count, is: 6, "\(text.debugDescription)")
    try expect(lines.at(0)) { $0.contains("a") && $0.hasSuffix("  COMPLETED") }
    try expect(lines.at(1)) {
      $0.hasSuffix(" stdout: x\\u{1b}[2J\t\u{1b}[1;91mone\u{1b}[0m")
    }
    try expect(lines.at(2), is: "")
    try expect(lines.at(4)) { $0.hasSuffix(" stdout: \u{1b}[1;91mone\u{1b}[0m") }
  }
}
