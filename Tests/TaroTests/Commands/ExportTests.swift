import Documents
import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro export", .temporaryDirectory)
struct ExportTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `of events is what the ledger has, a document a line`() throws {
    try taro.exec("a", "sh", "-c", "echo one; echo two >&2; exit 3", code: 3)
    try taro.run("disable", "b\u{202e}", "--reason", "\"\\ \u{e9}\u{1}").expect(code: 0)
    let live = try taro.startJob("live")
    let lines = try taro.run("export", "-f", "jsonl").expect(code: 0, stderr: "").lines
    let events = try taro.events()
    #expect(lines == events.prefix(lines.count).map { EventDocument($0).json.text })
    #expect(lines.count >= 7)
    let ofA = try taro.run("export", "a", "-f", "jsonl").expect(code: 0).lines
    #expect(ofA == events.filter { $0.job == "a" }.map { EventDocument($0).json.text })
    let failed = try taro.run("export", "--failed", "-f", "jsonl").expect(code: 0).lines
    #expect(failed == ofA)
    let ofLive = try taro.run("export", "live", "-f", "jsonl").expect(code: 0).lines
    #expect(ofLive.count == 2)
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test(arguments: [
    ("jsonl", ""), ("otlp-json", ""), ("cloudevents", "[]\n"),
    (
      "junit",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n</testsuites>\n"
    ),
  ])
  func `of nothing is an empty document`(format: String, text: String) throws {
    try taro.run("export", "-f", format).expect(code: 0, stdout: text, stderr: "")
    try taro.exec("a", "true")
    try taro.run("export", "none*", "-f", format).expect(code: 0, stdout: text, stderr: "")
  }

  @Test func `has a row for each run, oldest first`() throws {
    try taro.exec("a,\"b\"", "sh", "-c", "printf 'x\\ny'; kill -9 $$", code: 137)
    try taro.exec("b", "true")
    let text = try taro.run("export", "-f", "csv").expect(code: 0, stderr: "").text
    let rows = text.components(by: "\r\n")
    #expect(rows.count == 4, "\(text)")
    #expect(rows.first?.hasPrefix("job,instance,state,group,reason,created_at,") ?? false)
    try expect(rows.at(1)) { $0.hasPrefix("\"a,\"\"b\"\"\",") && $0.contains(",FAILED,failure,") }
    try expect(rows.at(1)) { $0.contains(",KILL,") }
    try expect(rows.at(2)) { $0.hasPrefix("b,") }
    try expect(rows.at(3), is: "")
  }

  /// Bytes, characters in two pieces, both streams, a line without its end.
  private func castRun() throws {
    let script = """
      printf 'caf\\303'; sleep 0.3; printf '\\251\\n'; echo err >&2; printf '\\377\\0\\033[1mx'; exit 2
      """
    try taro.exec("cast", "sh", "-c", script, code: 2)
  }

  @Test func `of one run is what it printed, when it printed it`() throws {
    try castRun()
    let lines = try taro.run("export", "cast", "-f", "asciicast").expect(code: 0, stderr: "").lines
    let header = try JSON(parsing: lines.at(0))
    #expect(header["version"] == 3)
    #expect(header["term"]?["cols"] == 80)
    #expect(header["command"]?.string?.contains("sleep 0.3") ?? false)
    let items = try lines.dropFirst().map { try #require(try JSON(parsing: $0).array) }
    let printed = items.filter { $0.dropFirst().first == "o" }.compactMap { $0.last?.string }
    #expect(printed.joined().contains("caf\u{e9}\r\n"))
    #expect(printed.joined().contains("err\r\n"))
    #expect(printed.joined().contains("\u{fffd}\u{0}\u{1b}[1mx"))
    let waited = items.compactMap { $0.first?.number }
    #expect(waited.allSatisfy { $0 >= 0 } && waited.contains { $0 > 0.2 }, "\(lines)")
    #expect(items.last?.dropFirst() == ["x", "2"])
    let old = try taro.run("export", "cast", "-f", "asciicast-v2").expect(code: 0).lines
    try expect(JSON(parsing: old.at(0))["version"], is: 2)
    let times = try old.dropFirst().map { try #require(try JSON(parsing: $0).array?.first?.number) }
    #expect(times == times.sorted() && times.last ?? 0 > 0.2)
    #expect(old.count == lines.count - 1)
  }

  @Test(.enabled(if: Files.exists("/usr/bin/asciinema"), "Debian's asciinema"))
  func `is played by asciinema`() throws {
    try castRun()
    try taro.run("export", "cast", "-f", "asciicast-v2", "-o", "run.cast").expect(code: 0)
    let played = try taro.shell("asciinema play -s 1000 run.cast") {
      $0.environment["LC_ALL"] = "C.UTF-8"
    }.expect(code: 0)
    for text in ["caf\u{e9}\r\n", "err\r\n", "\u{fffd}\u{0}\u{1b}[1mx"] {
      #expect(played.text.contains(text), "\(played)")
    }
  }

  @Test func `a file appears whole or not at all`() throws {
    try taro.exec("a", "seq", "1000")
    try taro.run("export", "-f", "jsonl", "-o", "out").expect(code: 0, stdout: "", stderr: "")
    try expect(Files.text("\(taro.work)/out"), is: taro.run("export", "-f", "jsonl").text)
    #expect(Files.mode("\(taro.work)/out") == 0o600)
    try taro.run("export", "-f", "jsonl", "-o", "out").expect(code: 1).expectOneLine(
      about: "out: File exists", "name another")
    try taro.run("export", "none", "-f", "asciicast", "-o", "none").expect(code: 1).expectOneLine(
      about: "none")
    expect(Files.names(in: taro.work), is: ["out"])
    let full = try taro.run("export", "-f", "jsonl") { $0.stdout = .file("/dev/full") }
    full.expect(code: 74).expectOneLine(about: "No space left")
    try taro.shell("\"$TARO\" export -f jsonl | head -n 1; \"$TARO\" export -f csv | head -c 3")
      .expect(code: 0, stderr: "")
  }

  @Test func `refuses what makes no sense`() throws {
    try taro.exec("a", "true")
    for words in [
      ["export"], ["export", "-f", "xml"], ["export", "-f", "asciicast"],
      ["export", "a", "a", "-f", "asciicast"], ["export", "a", "-f", "asciicast", "--failed"],
      ["export", "-f", "jsonl", "-o", ""], ["export", "-f", "csv", "--state", "running"],
    ] { try taro.runAll(words).expect(code: 64, stdout: "") }
  }
}

extension String {
  fileprivate func components(by separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
