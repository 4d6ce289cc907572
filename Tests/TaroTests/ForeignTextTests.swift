internal import Events
import TestSupport
import Testing

/// What others chose is shown and not acted on: a terminal that reads stderr or a document gets no control characters but
/// line feeds.
@Suite(.temporaryDirectory) struct ForeignTextTests {
  /// Clears the screen, sets the title, turns the direction of writing, ends the line.
  private static let nasty = "a\u{1b}[2J\u{9b}2J\u{202e}\u{2028}\nb"
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func expectClean(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let bad = text.unicodeScalars.filter {
      $0 != "\n"
        && ($0.properties.generalCategory == .control || $0.properties.isBidiControl
          || $0 == "\u{2028}")
    }
    #expect(bad.isEmpty, "\(text.debugDescription)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ["ledger", "verify", "--ledger", "/proc/NASTY"], ["show", "NASTY"],
    ["stop", "NASTY", "--force"],
    ["exec", "--ledger", "/proc/NASTY", "true"], ["exec", "NASTY"],
    ["exec", "--cwd", "NASTY", "true"],
    ["exec", "--timeout", "NASTY", "true"], ["exec", "-C", "NASTY", "true"],
    ["exec", "--NASTY", "true"], ["exec", "--set", "NASTY=1", "true"],
    ["exec", "--set", "log.level=NASTY", "true"], ["exec", "--set", "plugins=NASTY", "true"],
    ["exec", "--set", "log.mode=on", "--set", "log.file.path=/proc/NASTY", "true"],
    ["hist", "-S", "NASTY"], ["listen", "--checkpoint", "NASTY"], ["wait", "-s", "NASTY"],
    ["ledger", "verify", "--against", "NASTY"], ["config", "show", "-C", "NASTY"],
    ["ledger", "recover", "NASTY", "/proc/NASTY"], ["output", "NASTY"],
    ["hist", "--unknown", "NASTY"],
  ])
  func `what names it on stderr does not steer a terminal`(words: [String]) throws {
    try taro.run("exec", "--id", "other", "true").expect(code: 0)
    let arguments = words.map { $0.replacing("NASTY", with: Self.nasty) }
    let result = try taro.start(bytes: arguments.map { Array($0.utf8) }) { $0.deadline = 30 }
      .finish()
    expectClean(result.stderr)
    #expect(!result.stderr.isEmpty, "\(words)")
  }

  @Test func `the log on stderr is escaped`() throws {
    let result = try taro.run(
      "exec", "--id", Self.nasty, "--set", "log.mode=on", "--set", "log.stdout.level=debug",
      "--set",
      "log.file.level=off", "sh", "-c", "exit 3")
    expectClean(result.stderr)
    #expect(result.errorLines.count >= 3)
  }

  @Test func `JSON documents have it as escapes that read back`() throws {
    let text = "x\u{85}\u{202e}\u{2029}\u{7f}y"
    _ = try taro.run(
      "exec", "--id", text, "--param", "\(text)=\(text)", "--warn-output", "y", "printf", "%s\\n",
      text)
    let outputs = [
      try taro.run("show", text, "-f", "json"), try taro.run("hist", "-f", "jsonl"),
      try taro.run("listen", "--all", "--since", "0", "-f", "jsonl") {
        $0.wrapper = ["timeout", "2"]
      },
      try taro.run("stats", "-f", "json"), try taro.run("ledger", "info", "-f", "json"),
    ]
    for output in outputs { expectClean(output.text) }
    let document = try JSON(parsing: outputs.at(0).text)
    #expect(document["job"]?.string == text)
    #expect(document["params"]?[text]?.string == text)
  }

  @Test func `of whoever started taro the name is recorded, and not its command line`() throws {
    try taro.shell(#""$TARO" exec --id a true; exit # --password=secret"#).expect(code: 0)
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(["sh", "dash", "bash"].contains(created.parent))
  }
}
