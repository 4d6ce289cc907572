/// The parser's help, whose usage line may be far longer than a terminal is wide, and which ends with the same options in each
/// command.
package enum HelpText {
  /// Leaves out the options that mean the same in every command, and names them in a line.
  /// - Parameter shared: a name of each.
  package static func shortened(
    _ text: String, columns: Int, shared: [String], topic: String
  ) -> String {
    var lines: [Substring] = []
    var found: Set<String> = []
    for block in blocks(text) {
      if let name = shared.first(where: { isOption($0, block) }) {
        found.insert(name)
      } else {
        lines += block
      }
    }
    // A program's own page has few of them, and is the place where they are looked for.
    guard found.count > 3 else { return text }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if lines.last == "OPTIONS:" { lines.removeLast(2) }
    let names = shared.filter(found.contains).joined(separator: ", ")
    let words = "Also \(names): \(topic) explains them.".split(separator: " ")
    lines += [""] + filled(words, columns).map { $0[...] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The options that were left out, as the help of one command after the other has them.
  package static func options(_ helps: [String], shared: [String]) -> String {
    let blocks = helps.flatMap(blocks)
    return shared.compactMap { name in blocks.first { isOption(name, $0) } }
      .map { $0.joined(separator: "\n") + "\n" }.joined()
  }

  /// An option with its lines, and each other line by itself.
  private static func blocks(_ text: String) -> [[Substring]] {
    var blocks: [[Substring]] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("      "), blocks.last?.first?.hasPrefix("  -") == true {
        blocks[blocks.count - 1].append(line)
      } else {
        blocks.append([line])
      }
    }
    return blocks
  }

  private static func isOption(_ name: String, _ block: [Substring]) -> Bool {
    guard let line = block.first, line.hasPrefix("  -") else { return false }
    for word in line.split(separator: " ") {
      guard word.hasPrefix("-") else { return false }
      if word.prefix(while: { $0 != "," }) == name { return true }
    }
    return false
  }

  private static func filled(_ words: [Substring], _ columns: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + 1 + word.count <= columns {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

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
