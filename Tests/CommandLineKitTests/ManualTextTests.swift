internal import ArgumentParser
import Testing

@testable import CommandLineKit

/// What a command declares, as pages of the manual.
@Suite struct ManualTextTests {
  private let program = ProgramDescription(
    "prog", version: "1", versionDate: "2026-01-01", root: Sample.self, context: ColorOption.self)

  private struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prog", abstract: "Does it.", discussion: "  prog --no-color")

    @OptionGroup var color: ColorOption
  }

  @Test func `examples and exit codes of a discussion have sections of their own`() {
    let discussion = Discussion("About it.\n\n  taro x\n  taro y\n\n0 done, 1 not.")
    #expect(discussion.paragraphs.map(\.text) == ["About it."])
    #expect(discussion.examples == [["taro x", "taro y"]])
    #expect(discussion.exitCodes == "0 done, 1 not.")
  }

  @Test func `what is special to roff is shown as it is`() {
    var page = ManualText("x", section: 1, of: program)
    page.paragraph(".a \\b --c")
    page.paragraph("'d")
    #expect(page.text.hasSuffix(".PP\n\\&.a \\eb \\-\\-c\n.PP\n\\&'d\n"))
  }

  @Test func `a page has the program's name, and what goes with its options`() throws {
    let topics = ManualTopics(
      exitCodes: [.init(code: "9", meaning: "Nine.", commands: .withOption("--no-color"))],
      variables: [.init("PROG_X", "It.", with: "--no-color"), .init("PROG_Y", "No.", with: "--y")],
      files: [])
    let page = CommandManual(
      program.tree, words: ["prog", "x"], of: program, topics, others: ["y"]
    ).page.text
    #expect(page.hasPrefix(".TH PROG\\-X 1 2026-01-01 \"prog 1\" \"prog\"\n"))
    #expect(page.contains("Nine."))
    #expect(page.contains("PROG_X"))
    #expect(!page.contains("PROG_Y"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completion scripts have the program's name`(shell: String) throws {
    let script = try CompletionScript.text(for: shell, program)
    #expect(!script.contains("PROGRAM"))
    #expect(script.contains("prog ---complete \(shell)"))
  }
}
