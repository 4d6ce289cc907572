/// A page of the manual in the language of man(7).
package struct ManualText {
  private(set) var text: String
  /// A paragraph begins with each section by itself.
  private var isAtStartOfSection = false

  /// Its date is the program's, so that the same program makes the same page.
  package init(_ name: String, section: Int, of program: ProgramDescription) {
    text =
      ".TH \(Self.escaped(name.uppercased())) \(section) \(program.versionDate) "
      + "\"\(program.name) \(program.version)\" \"\(program.name)\"\n"
  }

  package mutating func section(_ title: String) {
    text += ".SH \(title)\n"
    isAtStartOfSection = true
  }

  package mutating func subsection(_ title: String) {
    text += ".SS \(Self.escaped(title))\n"
    isAtStartOfSection = true
  }

  package mutating func paragraph(_ words: String) {
    beginParagraph()
    add("\(Self.line(words))\n")
  }

  /// A line whose parts have their fonts already.
  package mutating func line(_ parts: String) { add("\(parts)\n") }

  /// A term, with its fonts, and what it means.
  package mutating func entry(_ term: String, _ meaning: String) {
    add(".TP\n\(term)\n\(Self.line(meaning))\n")
  }

  /// A paragraph whose parts have their fonts already.
  mutating func paragraph(formatted words: String) {
    beginParagraph()
    add("\(Self.guarded(words))\n")
  }

  /// The same, as an item of a list.
  /// - Parameter marker: in the language of man(7).
  mutating func item(_ marker: String, formatted words: String) {
    add(".IP \(marker) 4\n\(Self.guarded(words))\n")
  }

  /// The same, of a term.
  mutating func entry(formatted term: String, _ meaning: String) {
    add(".TP\n\(term.isEmpty ? "\\&" : Self.guarded(term))\n\(Self.guarded(meaning))\n")
  }

  private mutating func add(_ lines: String) {
    text += lines
    isAtStartOfSection = false
  }

  private mutating func beginParagraph() { if !isAtStartOfSection { add(".PP\n") } }

  /// Lines that stay as they are.
  package mutating func example(_ lines: [String]) {
    let shown = lines.map(Self.line).joined(separator: "\n")
    beginParagraph()
    add(".RS 4\n.nf\n\(shown)\n.fi\n.RE\n")
  }

  package static func bold(_ words: String) -> String { "\\fB\(escaped(words))\\fR" }
  package static func italic(_ words: String) -> String { "\\fI\(escaped(words))\\fR" }

  /// Only a backslash is special inside of a line, and a hyphen is a hyphen and no minus unless it is told.
  package static func escaped(_ words: String) -> String {
    words.replacing("\\", with: "\\e").replacing("-", with: "\\-")
  }

  /// At its beginning a point or an apostrophe is special, too.
  private static func line(_ words: String) -> String { guarded(escaped(words)) }

  private static func guarded(_ words: String) -> String {
    words.hasPrefix(".") || words.hasPrefix("'") ? "\\&\(words)" : words
  }
}
