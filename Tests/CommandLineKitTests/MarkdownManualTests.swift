internal import ArgumentParser
import TestSupport
import Testing

@testable import CommandLineKit

/// A page of the documentation, as one of the manual.
@Suite struct MarkdownManualTests {
  private struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "prog")

    @OptionGroup var color: ColorOption
  }

  private func text(_ markdown: String) -> String {
    let program = ProgramDescription(
      "prog", version: "1", versionDate: "2026-01-01", root: Sample.self, context: ColorOption.self)
    let page = MarkdownManual.Page("prog-x", section: 7, file: "x.md", abstract: "what it is")
    let whole = MarkdownManual.text(
      markdown, as: page, of: program, references: ["x.md": "prog\\-x(7)", "y.md": "prog\\-y(5)"],
      others: ["prog(1)"])
    let begin =
      ".TH PROG\\-X 7 2026-01-01 \"prog 1\" \"prog\"\n.SH NAME\nprog\\-x \\- what it is\n.SH DESCRIPTION\n"
    let end =
      ".SH SEE ALSO\nprog(1)\n.PP\nFiles that are named without a place are in share/doc/prog.\n"
    expect(whole.hasPrefix(begin) && whole.hasSuffix(end), is: true, "\(whole)")
    return String(whole.dropFirst(begin.count).dropLast(end.count))
  }

  @Test func `headings, paragraphs and examples`() {
    expect(
      text(
        "# X\n\nOne\ntwo.\n\n.three\n\n## The end\n\nIt is:\n\n```sh\na \\\n\n  b\n```\n\n### More\nit"
      ),
      is: "One two.\n.PP\n\\&.three\n.SH THE END\nIt is:\n.PP\n.RS 4\n.nf\na \\e\n\n  b\n.fi\n.RE\n"
        + ".SS More\nit\n")
  }

  @Test func `code, stress and links within a line`() {
    expect(
      text("`a-b` **c `d`** *e* f*g* 2 * 3"),
      is: "\\fBa\\-b\\fR \\fBc \\fBd\\fR\\fR \\fIe\\fR f\\fIg\\fR 2 * 3\n")
    expect(
      text("[y.md](y.md#z), [as here](y.md), [above](#z), [it](x.md), [that](https://a.b)"),
      is: "prog\\-y(5), as here (prog\\-y(5)), above, it, that\n")
    expect(text("\\*a\\* [b] `` c`d ``"), is: "*a* [b] \\fB c`d \\fR\n")
  }

  @Test func `lists, with what belongs to an item`() {
    expect(
      text("1. `a`,\n   or b\n2. c\n\n- d:\n\n  ```\n  x\n    y\n  ```\n"),
      is:
        ".IP 1. 4\n\\fBa\\fR, or b\n.IP 2. 4\nc\n.IP \\(bu 4\nd:\n.PP\n.RS 4\n.nf\nx\n  y\n.fi\n.RE\n"
    )
  }

  @Test func `tables are terms with what they mean`() {
    expect(
      text("| a | b |\n|---|---|\n| `x \\| y` | it |\n"), is: ".TP\n\\fBx | y\\fR\nit\n")
    expect(
      text("| a | type | says |\n|---|---|---|\n| `x` | int | .it |\n| | | no |"),
      is: ".TP\n\\fBx\\fR\ntype: int; says: .it\n.TP\n\\&\nsays: no\n")
  }
}
