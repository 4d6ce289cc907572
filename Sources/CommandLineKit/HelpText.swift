/// The parser's help, whose usage line may be far longer than a terminal is wide.
package enum HelpText {
  /// Breaks that line between its parts, and leaves the others as they are.
  /// - Parameter optionalValues: options whose value stands behind an equals sign, or is left out.
  package static func wrapped(
    _ text: String, columns: Int, optionalValues: Set<String> = []
  ) -> String {
    optionalValues.reduce(text) { bracketed($0, $1) }.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { line in
      line.hasPrefix(usage) ? wrappedUsage(line.dropFirst(usage.count), columns) : String(line)
    }.joined(separator: "\n")
  }

  /// `--dry-run <state>` as `--dry-run[=<state>]`, in the same columns where there is room.
  private static func bracketed(_ text: String, _ option: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard let found = line.firstRange(of: "\(option) <"),
        let end = line[found.upperBound...].firstIndex(of: ">")
      else { return String(line) }
      let rest = line[line.index(after: end)...]
      let room = rest.hasPrefix("   ") ? rest.dropFirst(2) : rest
      return line[..<found.lowerBound] + "\(option)[=<\(line[found.upperBound..<end])>]" + room
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
