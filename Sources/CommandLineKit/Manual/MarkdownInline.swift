/// The words of a line, with code, stress and links among them.
struct MarkdownInline {
  let references: [String: String]

  /// In the language of man(7).
  func formatted(_ words: String) -> String {
    var result = ""
    var rest = words[...]
    while let character = rest.first {
      if character == "`" {
        let fence = rest.prefix { $0 == "`" }
        let code = rest.dropFirst(fence.count)
        if let end = code.firstRange(of: fence) {
          result += ManualText.bold(Self.plain(code[..<end.lowerBound]))
          rest = code[end.upperBound...]
          continue
        }
      } else if rest.hasPrefix("**"), let end = rest.dropFirst(2).firstRange(of: "**") {
        result += "\\fB\(formatted(String(rest.dropFirst(2)[..<end.lowerBound])))\\fR"
        rest = rest[end.upperBound...]
        continue
      } else if character == "*", let end = Self.stress(rest.dropFirst()) {
        result += "\\fI\(formatted(String(rest.dropFirst()[..<end])))\\fR"
        rest = rest[rest.index(after: end)...]
        continue
      } else if character == "[", let link = Self.link(rest) {
        result += reference(link.text, link.target)
        rest = link.rest
        continue
      } else if character == "\\", let next = rest.dropFirst().first,
        next.isPunctuation || next == "|"
      {
        result += ManualText.escaped(String(next))
        rest = rest.dropFirst(2)
        continue
      }
      result += ManualText.escaped(String(character))
      rest = rest.dropFirst()
    }
    return result
  }

  /// In a table a bar is escaped in code, too.
  private static func plain(_ code: Substring) -> String {
    String(code.replacing("\\|", with: "|"))
  }

  /// The end of what is stressed: `*.md` and `a * b` are none.
  private static func stress(_ rest: Substring) -> Substring.Index? {
    guard let first = rest.first, first.isLetter, let end = rest.firstIndex(of: "*") else {
      return nil
    }
    return rest[..<end].last == " " ? nil : end
  }

  private static func link(
    _ words: Substring
  ) -> (text: Substring, target: Substring, rest: Substring)? {
    guard let middle = words.firstRange(of: "]("),
      let end = words[middle.upperBound...].firstIndex(of: ")")
    else { return nil }
    let text = words[words.index(after: words.startIndex)..<middle.lowerBound]
    guard !text.contains("[") else { return nil }
    return (text, words[middle.upperBound..<end], words[words.index(after: end)...])
  }

  private func reference(_ text: Substring, _ target: Substring) -> String {
    let file = target.prefix { $0 != "#" }
    guard let page = references[String(file)] else { return formatted(String(text)) }
    return text == file ? page : "\(formatted(String(text))) (\(page))"
  }
}
