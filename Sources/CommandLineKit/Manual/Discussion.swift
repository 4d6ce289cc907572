/// The discussion of a command's help, in the parts that a page of the manual has: examples are indented, and the
/// paragraph about exit codes begins with a code or names it.
package struct Discussion {
  private(set) var paragraphs: [String] = []
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
      examples.append(lines.map { String($0.dropFirst(2)) })
    } else if text.first?.isNumber == true || text.hasPrefix("Exit code")
      || text.hasPrefix("The exit code")
    {
      exitCodes = text
    } else {
      paragraphs.append(text)
    }
  }
}
