import Testing

@testable import Presentation

@Suite("Colours")
struct PaletteTests {
  @Test(arguments: [
    (Tone.plain, "x"), (.heading, "\u{1b}[1mx\u{1b}[0m"), (.jobID, "\u{1b}[1mx\u{1b}[0m"),
    (.instanceID, "\u{1b}[90mx\u{1b}[0m"), (.warning, "\u{1b}[31mx\u{1b}[0m"),
    (.state(.beforeExecution), "\u{1b}[32mx\u{1b}[0m"),
    (.state(.executing), "\u{1b}[34mx\u{1b}[0m"), (.state(.completed), "x"),
    (.state(.notCompleted), "\u{1b}[93mx\u{1b}[0m"),
    (.state(.notExecuted), "\u{1b}[33mx\u{1b}[0m"),
    (.state(.failure), "\u{1b}[91mx\u{1b}[0m"),
  ])
  func `tell tones and groups of states apart`(tone: Tone, expected: String) {
    #expect(Palette.colored.paint("x", tone).text == expected)
    #expect(Palette.plain.paint("x", tone) == "x")
    #expect(Palette.colored.paint("", tone) == "")
  }

  @Test func `make all of a failed job's row bright red and keep the job id bold`() {
    #expect(Palette.colored.paint("x", .plain, inRowOf: .failure) == "\u{1b}[91mx\u{1b}[0m")
    #expect(Palette.colored.paint("x", .jobID, inRowOf: .failure) == "\u{1b}[1;91mx\u{1b}[0m")
    #expect(Palette.colored.paint("x", .warning, inRowOf: .failure) == "\u{1b}[91mx\u{1b}[0m")
    #expect(Palette.colored.paint("x", .plain, inRowOf: .executing) == "x")
    #expect(Palette.plain.paint("x", .jobID, inRowOf: .failure) == "x")
  }

  @Test func `show job@instance with a plain @ and no escape sequence of the job's own`() {
    #expect(
      Palette.colored.paint(job: "a\u{1b}[2J", instance: "b1")
        == "\u{1b}[1ma\\u{1b}[2J\u{1b}[0m@\u{1b}[90mb1\u{1b}[0m")
    #expect(Palette.plain.paint(job: "a", instance: "b1") == "a@b1")
  }

  @Test(
    arguments: [
      (true, false, [:], true), (false, false, [:], false), (true, true, [:], false),
      (true, false, ["NO_COLOR": "1"], false), (true, false, ["NO_COLOR": ""], false),
      (true, false, ["TARO_NO_COLOR": "0"], false), (true, false, ["TERM": "dumb"], false),
      (true, false, ["TERM": "xterm"], true), (false, false, ["CLICOLOR_FORCE": "1"], true),
      (false, false, ["CLICOLOR_FORCE": "0"], false), (false, false, ["CLICOLOR_FORCE": ""], false),
      (false, true, ["CLICOLOR_FORCE": "1"], false),
      (false, false, ["CLICOLOR_FORCE": "1", "NO_COLOR": ""], false),
    ] as [(Bool, Bool, [String: String], Bool)])
  func `are used at a terminal unless somebody declined them`(
    isTerminal: Bool, option: Bool, environment: [String: String], expected: Bool
  ) {
    let palette = Palette.choose(
      isTerminal: isTerminal, noColorOption: option, environment: { environment[$0] })
    #expect(palette.isColored == expected)
    let wishes = [Palette.Wish.always, .never].map { wish in
      Palette.choose(
        isTerminal: isTerminal, noColorOption: option, wish: wish, environment: { environment[$0] })
    }
    #expect(wishes == [.colored, .plain])
  }
}
