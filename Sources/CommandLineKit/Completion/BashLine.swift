/// The beginning of a command line of bash, up to the cursor, in words without their quotes.
///
/// bash splits words at `@`, `:` and `=` as well (COMP_WORDBREAKS), which stand in names of instances. Nothing is
/// expanded: neither variables nor commands.
package struct BashLine {
  package struct Word {
    package var text = ""
    /// As typed.
    package var raw = ""
    /// In characters from the beginning of the line, as bash counts them.
    package let start: Int
    /// The quote that is still open at the end.
    package var quote: Unicode.Scalar?
  }

  /// The last is the one that the cursor is in, or one that begins there.
  package private(set) var words: [Word] = []

  package init(_ line: String) {
    var word: Word?
    var isEscaped = false
    var position = 0
    for character in line.unicodeScalars {
      defer { position += 1 }
      let isBlank = character == " " || character == "\t" || character == "\n"
      if isBlank, !isEscaped, word?.quote == nil {
        if let word { words.append(word) }
        word = nil
        continue
      }
      var next = word ?? Word(start: position)
      next.raw.unicodeScalars.append(character)
      next.take(character, &isEscaped)
      word = next
    }
    words.append(word ?? Word(start: position))
  }
}

extension BashLine.Word {
  fileprivate mutating func take(_ character: Unicode.Scalar, _ isEscaped: inout Bool) {
    if isEscaped {
      isEscaped = false
      // Between double quotes a backslash stands for itself before most characters.
      if quote == "\"", !"\\\"$`".unicodeScalars.contains(character) { text += "\\" }
      text.unicodeScalars.append(character)
    } else if character == "\\", quote != "'" {
      isEscaped = true
    } else if character == quote {
      quote = nil
    } else if quote == nil, character == "'" || character == "\"" {
      quote = character
    } else {
      text.unicodeScalars.append(character)
    }
  }

  /// A text as this word may go on, from where readline replaces it; nil where it cannot be written so.
  /// - Parameter replaced: the end of the word that readline replaces (`$2` of a completion function).
  package func reply(_ text: String, replacing replaced: String) -> String? {
    guard let written = written(text), raw.hasSuffix(replaced) else { return nil }
    let kept = String(raw.unicodeScalars.dropLast(replaced.unicodeScalars.count))
    guard written.hasPrefix(kept) else { return nil }
    return String(written.unicodeScalars.dropFirst(kept.unicodeScalars.count))
  }

  /// With the quote that is open, which readline closes, or with backslashes.
  private func written(_ text: String) -> String? {
    switch quote {
    case "'": text.contains("'") ? nil : "'\(text)"
    // The shell's history is looked up between double quotes, too, and no backslash keeps it from that.
    case "\"":
      text.contains("!") ? nil : "\"" + escaped(text) { "\\\"$`".unicodeScalars.contains($0) }
    default: escaped(text) { !Self.isPlain($0) }
    }
  }

  private func escaped(_ text: String, where isSpecial: (Unicode.Scalar) -> Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSpecial(scalar) { result.append("\\") }
      result.append(scalar)
    }
    return String(result)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", "@", ":", "=", "+", ",", "%": true
    default: !scalar.isASCII
    }
  }
}
