/// The discussion of a command's help, in the parts that a page of the manual has: examples are indented, and the
/// paragraph about exit codes begins with a code or names it. Examples that a paragraph announces, which ends with a colon,
/// stand behind it.
package struct Discussion {
  struct Paragraph: Equatable {
    var text: String
    var examples: [[String]] = []
  }

  private(set) var paragraphs: [Paragraph] = []
  private var isAnnounced = false
  private(set) var examples: [[String]] = []
  private(set) var exitCodes: String?

  package init(_ text: String) {
    var block: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.isEmpty else {
        block.append(String(line))
        continue
      }
      take(block)
      block = []
    }
    take(block)
  }

  private mutating func take(_ lines: [String]) {
    guard !lines.isEmpty else { return }
    let text = lines.joined(separator: " ")
    if lines.allSatisfy({ $0.hasPrefix("  ") }) {
      let example = lines.map { String($0.dropFirst(2)) }
      if isAnnounced, let last = paragraphs.indices.last {
        paragraphs[last].examples.append(example)
      } else {
        examples.append(example)
      }
    } else if text.first?.isNumber == true || text.hasPrefix("Exit code")
      || text.hasPrefix("The exit code")
    {
      exitCodes = text
      isAnnounced = false
    } else {
      paragraphs.append(Paragraph(text: text))
      isAnnounced = text.hasSuffix(":")
    }
  }
}
