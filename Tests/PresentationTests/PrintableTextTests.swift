import Testing

@testable import Presentation

/// Text that may be printed: what the program says stays, what others chose is escaped.
@Suite struct `Printable text` {
  private let foreign = "a\u{1b}[2J\nb"

  @Test func `has what stands in a literal, and shows what is interpolated`() {
    let text: PrintableText = "x\n\(foreign)\t"
    #expect(text.text == "x\na\\u{1b}[2J\\nb\t")
    #expect("\(PrintableText(foreign))" as PrintableText == PrintableText(foreign))
  }

  @Test func `keeps colours that were put around it`() {
    let painted = Palette.colored.paint(job: foreign, instance: "i")
    let line: PrintableText = "\(painted) \(7)"
    #expect(line.text == painted.text + " 7")
    #expect(!line.text.contains("[2J\n"))
  }
}
