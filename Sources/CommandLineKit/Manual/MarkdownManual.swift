/// A page of the documentation as one of the manual: headings, paragraphs, lists, tables and examples, as the pages in `docs` have
/// them.
package struct MarkdownManual {
  /// A page of the manual, and the file that it is made of.
  package struct Page: Sendable {
    let name: String
    let section: Int
    /// Its file among the documentation: `plugins.md`.
    let file: String
    let abstract: String

    package init(_ name: String, section: Int, file: String, abstract: String) {
      (self.name, self.section, self.file, self.abstract) = (name, section, file, abstract)
    }
  }

  private let page: Page
  private let lines: [Substring]
  private let inline: MarkdownInline
  private var index = 0
  private var text: ManualText

  /// - Parameter references: the pages of the manual that files of the documentation are: `json.md` to `taro-json(5)`.
  package static func text(
    _ markdown: String, as page: Page, of program: ProgramDescription, references: [String: String],
    others: [String]
  ) -> String {
    var manual = MarkdownManual(markdown, page, program, references)
    manual.convert()
    manual.text.section("SEE ALSO")
    manual.text.line(others.joined(separator: ", "))
    manual.text.paragraph("Files that are named without a place are in share/doc/\(program.name).")
    return manual.text.text
  }

  private init(
    _ markdown: String, _ page: Page, _ program: ProgramDescription, _ references: [String: String]
  ) {
    self.page = page
    lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    inline = MarkdownInline(references: references.filter { $0.key != page.file })
    text = ManualText(page.name, section: page.section, of: program)
  }

  private mutating func convert() {
    text.section("NAME")
    text.line("\(ManualText.escaped(page.name)) \\- \(ManualText.escaped(page.abstract))")
    text.section("DESCRIPTION")
    while index < lines.count { block() }
  }

  private mutating func block() {
    let line = lines[index]
    let words = line.drop { $0 == " " }
    if words.isEmpty || line.hasPrefix("# ") {
      index += 1
    } else if line.hasPrefix("## ") {
      text.section(ManualText.escaped(line.dropFirst(3).uppercased()))
      index += 1
    } else if line.hasPrefix("### ") {
      text.subsection(String(line.dropFirst(4)))
      index += 1
    } else if words.hasPrefix("```") {
      example(indent: line.count - words.count)
    } else if words.hasPrefix("|") {
      table()
    } else if let marker = Self.marker(words) {
      item(marker, words.dropFirst(marker.count + 1))
    } else {
      index += 1
      text.paragraph(formatted: inline.formatted(joined(words)))
    }
  }

  /// `-`, `1.`; nil where no item of a list begins.
  private static func marker(_ words: Substring) -> Substring? {
    guard let blank = words.firstIndex(of: " ") else { return nil }
    let marker = words[..<blank]
    let isNumber =
      marker.last == "." && marker.count > 1 && marker.dropLast().allSatisfy(\.isNumber)
    return marker == "-" || isNumber ? marker : nil
  }

  private mutating func item(_ marker: Substring, _ words: Substring) {
    index += 1
    let formatted = inline.formatted(joined(words))
    text.item(marker == "-" ? "\\(bu" : String(marker), formatted: formatted)
  }

  /// The words of a paragraph, up to what ends it.
  private mutating func joined(_ first: Substring) -> String {
    var words = String(first)
    while index < lines.count {
      let line = lines[index].drop { $0 == " " }
      guard !line.isEmpty, !line.hasPrefix("|"), !line.hasPrefix("```"), !line.hasPrefix("#"),
        Self.marker(line) == nil
      else { break }
      words += " \(line)"
      index += 1
    }
    return words
  }

  private mutating func example(indent: Int) {
    index += 1
    var shown: [String] = []
    while index < lines.count {
      let line = lines[index]
      index += 1
      if line.drop(while: { $0 == " " }).hasPrefix("```") { break }
      shown.append(
        String(line.prefix(indent).allSatisfy { $0 == " " } ? line.dropFirst(indent) : line))
    }
    text.example(shown)
  }

  private mutating func table() {
    var rows: [[String]] = []
    while index < lines.count {
      let line = lines[index].drop { $0 == " " }
      guard line.hasPrefix("|") else { break }
      rows.append(Self.cells(line))
      index += 1
    }
    // The second row is a line.
    guard let titles = rows.first, rows.count > 2 else { return }
    for row in rows.dropFirst(2) {
      let term = inline.formatted(row.first ?? "")
      let others = zip(titles, row).dropFirst().filter { !$0.1.isEmpty }
      let meaning = others.map { title, cell in
        let cell = inline.formatted(cell)
        return titles.count > 2 && !title.isEmpty ? "\(ManualText.escaped(title)): \(cell)" : cell
      }
      text.entry(formatted: term, meaning.joined(separator: "; "))
    }
  }

  private static func cells(_ line: Substring) -> [String] {
    var cells = [""]
    var isEscaped = false
    for character in line.dropFirst() {
      if character == "|", !isEscaped {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    if cells.last?.allSatisfy({ $0 == " " }) == true { cells.removeLast() }
    return cells.map { cell in
      let begun = cell.drop { $0 == " " }
      return String(begun.prefix(begun.count - begun.reversed().prefix { $0 == " " }.count))
    }
  }
}
