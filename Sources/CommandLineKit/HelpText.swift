/// The parser's help, whose usage line may be far longer than a terminal is wide.
package enum HelpText {
  /// Breaks that line between its parts, and leaves the others as they are.
  package static func wrapped(_ text: String, columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix(usage) ? wrappedUsage(line.dropFirst(usage.count), columns) : String(line)
    }.joined(separator: "\n")
  }

  private static let usage = "USAGE: "

  private static func wrappedUsage(_ line: Substring, _ columns: Int) -> String {
    var lines = [usage]
    for part in parts(line) {
      let last = lines[lines.count - 1]
      let isFirst = last.hasSuffix(" ")
      if !isFirst, last.count + 1 + part.count > columns {
        lines.append(String(repeating: " ", count: usage.count) + part)
      } else {
        lines[lines.count - 1] = last + (isFirst ? "" : " ") + part
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Words, and what is in brackets as one.
  private static func parts(_ line: Substring) -> [String] {
    var parts: [String] = []
    var depth = 0
    for word in line.split(separator: " ") {
      if depth > 0 { parts[parts.count - 1] += " \(word)" } else { parts.append(String(word)) }
      depth += word.count { $0 == "[" } - word.count { $0 == "]" }
    }
    return parts
  }
}
