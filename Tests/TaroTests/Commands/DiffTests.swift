import Events
import TestSupport
import Testing

@Suite("taro diff", .temporaryDirectory)
struct DiffTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func diff(_ arguments: String...) throws -> TaroResult {
    try taro.runAll(["diff"] + arguments)
  }

  /// A job that prints numbers, some time, and one line that is given.
  private func job(_ line: String, code: Int32 = 0) throws {
    let script = "seq 1 9; date; echo \"took $$ ms\"; echo '\(line)'; echo end; exit \(code)"
    try taro.exec("backup", "sh", "-c", script, code: code)
  }

  @Test func `of a job compares its last failure with the last good run before it`() throws {
    try job("bad luck", code: 1)
    try job("saved 25 files")
    try job("no space left", code: 3)
    try job("saved 25 files")
    let result = try diff("backup", "--stdout").expect(code: 1, stderr: "")
    let lines = result.lines
    try expect(lines.at(0)) { $0.hasPrefix("--- backup@0") && $0.hasSuffix("  COMPLETED") }
    try expect(lines.at(1)) { $0.hasPrefix("+++ backup@0") && $0.hasSuffix("  FAILED") }
    #expect(lines.contains("state      COMPLETED -> FAILED"))
    #expect(lines.contains("exit       code 0 -> code 3"))
    let hunk = lines.drop { !$0.hasPrefix("@@") }
    expect(hunk.first, is: "@@ -9,5 +9,5 @@")
    expect(hunk.filter { "+-".contains($0.prefix(1)) }, is: ["-saved 25 files", "+no space left"])
    // Times and durations are another in every run.
    expect(hunk.count, is: 7, "\(result)")
    let exact = try diff("backup", "--exact", "--stdout", "-U0").expect(code: 1).lines
    #expect(exact.contains { $0.hasPrefix("-took") }, "\(exact)")
    let words = try diff("backup", "--word", "-U", "0").expect(code: 1).lines
    #expect(words.contains { $0.contains("{+no space left+}") }, "\(words)")
  }

  @Test func `of two runs that are the same says nothing`() throws {
    let script = "date; echo hello; echo pid $$ >&2"
    for _ in 0..<2 { try taro.exec("a", "sh", "-c", script) }
    let ids = try taro.run("hist", "-f", "jsonl").lines.map {
      try #require(JSON(parsing: $0)["instance"]?.string)
    }
    try diff(try ids.at(0), try ids.at(1)).expect(code: 0, stdout: "", stderr: "")
    try diff(try ids.at(0), try ids.at(0), "--exact").expect(code: 0, stdout: "", stderr: "")
    try taro.exec("a", "sh", "-c", "\(script); exit 0")
    let result = try diff(try ids.at(0), "a").expect(code: 1, stderr: "")
    #expect(result.text.contains("command    sh -c"))
    #expect(!result.text.contains("@@"))
  }

  @Test func `compares each stream by itself, and one that is both as it came`() throws {
    let script = "echo $1; echo $2 >&2"
    try taro.exec("a", "sh", "-c", script, "sh", "one", "err")
    try taro.exec("b", "sh", "-c", script, "sh", "one", "error")
    let lines = try diff("a", "b").expect(code: 1).lines.drop { !$0.hasPrefix("std") }
    expect(Array(lines), is: ["stderr", "@@ -1 +1 @@", "-err", "+error"])
    try taro.shell("$TARO exec --id c sh -c '\(script)' sh one error > both 2>&1").expect(code: 0)
    let both = try diff("a", "c").expect(code: 1).lines.drop { !$0.hasPrefix("output") }
    expect(both.suffix(2), is: ["-err", "+error"])
  }

  @Test func `goes through a million lines, and lines of megabytes`() throws {
    try taro.exec(
      "a", "sh", "-c", "seq 1 300000; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end")
    try taro.exec(
      "b", "sh", "-c", "seq 2 299999; head -c 3000000 /dev/zero | tr '\\0' x; echo y; echo end")
    let lines = try diff("a", "b", "-U0", "--stdout").expect(code: 1, stderr: "").lines
      .drop { $0 != "stdout" }.map { $0.prefix(20) }
    expect(
      lines,
      is: [
        "stdout", "@@ -1 +0,0 @@", "-1", "@@ -300000,2 +299999", "-300000", "-xxxxxxxxxxxxxxxxxxx",
        "+xxxxxxxxxxxxxxxxxxx",
      ])
    let short = try diff("a", "b", "-U0", "--stdout", "--max-lines", "10").expect(code: 1)
    #expect(short.errorLines.allSatisfy { $0.contains("--max-lines") }, "\(short)")
    expect(short.lines.suffix(2), is: ["@@ -10,0 +10 @@", "+11"])
  }

  @Test func `says what it cannot tell`() throws {
    try diff("a").expect(code: 2, stdout: "").expectOneLine(about: "no job or instance a")
    try taro.exec("a", "echo", "one")
    try diff("a").expect(code: 2, stdout: "").expectOneLine(about: "no run of a has failed")
    try taro.exec("b", "false", code: 1)
    try diff("b").expect(code: 2, stdout: "").expectOneLine(about: "completed before b@")
    try diff("a", "nothing").expect(code: 2, stdout: "").expectOneLine(about: "nothing")
    try taro.exec("a", "echo", "one")
    try Damage.allChunks(taro.ledger)
    let ids = try taro.run("hist", "a", "-f", "jsonl").lines.map {
      try #require(JSON(parsing: $0)["instance"]?.string)
    }
    let damaged = try diff(try ids.at(0), try ids.at(1)).expect(code: 2, stdout: "")
    #expect(damaged.errorLines.count == 2)
    #expect(damaged.errorLines.allSatisfy { $0.contains("4 B of its output are damaged") })
    for arguments in [["a", "b", "-U", "-1"], ["a", "b", "--max-lines", "0"], []] {
      try taro.runAll(["diff"] + arguments).expect(code: 64, stdout: "")
    }
  }

  @Test func `gives a document`() throws {
    var contract = try JSONContract("The comparison document")
    func document(_ code: Int32, _ arguments: String...) throws -> JSON {
      let result = try taro.runAll(["diff"] + arguments + ["-f", "json"])
      let document = try JSON(parsing: result.expect(code: code, stderr: "").text)
      expect(contract.check(document), is: [])
      return document
    }
    try job("saved 25 files")
    try job("no space left", code: 3)
    let found = try document(1, "backup", "--word", "--stdout", "-U1")
    expect(found["differs"]?.bool, is: true)
    let hunk = try #require(found["hunks"]?.array).at(0)
    expect(hunk["stream"]?.string, is: "stdout")
    let place = ["old_start", "old_lines", "new_start", "new_lines"].map { hunk[$0]?.integer }
    expect(place, is: [11, 3, 11, 3])
    let lines = try #require(hunk["lines"]?.array)
    expect(lines.map { $0["kind"]?.string }, is: ["same", "removed", "added", "same"])
    try expect(lines.at(2)["marked"]?.array?.map(\.string), is: ["no space left"])
    let facts = try #require(found["facts"]?.array)
    let exit = try #require(facts.first { $0["name"] == "exit" })
    #expect(exit["new"] == "code 3" && exit["counts"] == true)
    let same = try document(0, "backup", "backup")
    #expect(same["differs"] == false && same["hunks"]?.array == [] && same["complete"] == true)

    try taro.exec("many", "seq", "1", "30000")
    try taro.exec("few", "sh", "-c", "exit 1", code: 1)
    let large = try document(1, "few", "many")
    #expect(large["complete"] == false)
    expect(large["hunks"]?.array?.first?["lines"]?.array?.count, is: 10_000)
    let short = try document(1, "few", "many", "--max-lines", "5")
    expect(short["missing"]?.array?.first?["reason"]?.string, is: "lines")
    try taro.shell("$TARO exec --id one --param a=b sh -c 'echo x; echo y >&2' > both 2>&1")
      .expect(code: 0)
    _ = try document(1, "few", "one")
    _ = try document(1, "one", "few")
    try Damage.allChunks(taro.ledger)
    _ = try document(1, "few", "many")
    #expect(contract.neverSeen.isEmpty, "\(contract.neverSeen)")
  }

  @Test func `lets no job steer a terminal`() throws {
    try taro.exec("a", "printf", "x\\033[2J\\n")
    try taro.exec("b", "printf", "y\\033[2J\\n")
    let terminal = try QueryTerminal()
    try taro.start("diff", "a", "b") { terminal.attach(&$0) }.finish().expect(code: 1)
    let text = terminal.readAll()
    #expect(
      text.contains("\u{1b}[31m-\u{1b}[0m\u{1b}[31mx\\u{1b}[2J\u{1b}[0m\n"),
      "\(text.debugDescription)")
    #expect(!text.contains("\u{1b}[2J"))
  }

  @Test func `stands at the end of what show tells of a failure`() throws {
    try job("saved 25 files")
    try taro.run("show", "backup").expect(code: 0, stderr: "")
    try job("no space left", code: 3)
    let shown = try taro.run("show", "backup").expect(code: 0, stderr: "")
    #expect(shown.text.contains("\nOtherwise than backup@"), "\(shown)")
    #expect(shown.text.contains("\n  -saved 25 files\n  +no space left\n"), "\(shown)")
    let short = try taro.run("show", "backup", "-n", "2").expect(code: 0).text
    #expect(short.hasSuffix(" has it all\n"), "\(short)")
    try expect(taro.run("show", "backup", "-n", "0").text) { !$0.contains("Otherwise") }
    try job("no space left", code: 0)
    try expect(taro.run("show", "backup").text) { !$0.contains("Otherwise") }
    try taro.exec("backup", "sh", "-c", "exit 4", code: 4)
    try expect(taro.run("show", "backup").text) { $0.contains("  @@ -1,13 +0,0 @@\n  -1\n") }
  }

  @Test func `in show stands as a terminal would have shown it`() throws {
    let bar = #"printf 'copying  10 %%\rcopying 100 %%\n'"#
    try taro.exec("a", "sh", "-c", "\(bar); printf '\\033[32mall\\033[0m done\\n'")
    try taro.exec(
      "a", "sh", "-c", "\(bar); printf '\\033[1;31mdis\\bsk full\\033[0m\\007\\n'; exit 1", code: 1)
    let shown = try taro.run("show", "a").expect(code: 0, stderr: "").text
    #expect(
      shown.hasSuffix(
        "stdout\n  @@ -1,2 +1,2 @@\n   copying 100 %\n  -all done\n  +disk full\n"), "\(shown)")
    // diff has each byte of it.
    try expect(taro.run("diff", "a").text) { $0.contains(#"-\u{1b}[32mall\u{1b}[0m done"#) }
  }
}
