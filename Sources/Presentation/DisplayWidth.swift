/// Columns that text takes on a terminal, and text cut or padded to columns.
///
/// A grapheme is measured as terminals draw it: an emoji of any number of scalars is 2 wide, other
/// graphemes are as wide as their scalars together.
package enum DisplayWidth {
  package static func of(_ text: String) -> Int {
    if isPlainASCII(text) { return text.utf8.count }
    return text.reduce(0) { $0 + of($1) }
  }

  package static func of(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    if isEmojiSequence(scalars) { return 2 }
    return scalars.reduce(0) { $0 + of($1) }
  }

  /// The text itself when it fits into `columns`, else its beginning with `..` at the end. One column
  /// may stay free before the dots where a wide character would have been cut in two.
  package static func cut(_ text: String, to columns: Int) -> String {
    fitted(text, to: columns).text
  }

  /// The text as `cut` leaves it, and the columns it then takes.
  package static func fitted(_ text: String, to columns: Int) -> (text: String, width: Int) {
    let columns = max(columns, 0)
    let dots = min(columns, 2)
    let room = columns - dots
    // Nearly all text is this, and a table of a million rows shows it.
    if isPlainASCII(text) {
      let width = text.utf8.count
      if width <= columns { return (text, width) }
      return (text.prefix(utf8: room) + String(repeating: ".", count: dots), columns)
    }
    var width = 0
    var kept = (end: text.startIndex, width: 0)
    for index in text.indices {
      if width <= room { kept = (index, width) }
      width += of(text[index])
      if width > columns {
        return (text[..<kept.end] + String(repeating: ".", count: dots), kept.width + dots)
      }
    }
    return (text, width)
  }

  /// The text with blanks behind it up to `columns`; longer text stays as it is.
  package static func pad(_ text: String, to columns: Int) -> String {
    let missing = columns - of(text)
    return missing > 0 ? text + String(repeating: " ", count: missing) : text
  }

  // MARK: Scalars

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value >= 0x20, scalar.value < 0x7f { return 1 }
    if isZeroWidth(scalar) { return 0 }
    return WideCharacters.contains(scalar) ? 2 : 1
  }

  private static func isZeroWidth(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .lineSeparator, .paragraphSeparator: true
    // Terminals draw the soft hyphen.
    case .format: scalar.value != 0xad
    default:
      // Vowels and final consonants of Hangul are drawn into the cell of the leading consonant.
      (0x1160...0x11ff).contains(scalar.value) || (0xd7b0...0xd7ff).contains(scalar.value)
    }
  }

  /// Sequences of scalars that are drawn as one picture: variation selector 16 asks for it, a zero
  /// width joiner joins pictures, a skin tone colours one, and two regional indicators are a flag.
  private static func isEmojiSequence(_ scalars: Character.UnicodeScalarView) -> Bool {
    guard scalars.count > 1, let first = scalars.first, first.properties.isEmoji else {
      return false
    }
    return scalars.dropFirst().contains { scalar in
      switch scalar.value {
      case 0xfe0f, 0x200d, 0x1f3fb...0x1f3ff, 0x1f1e6...0x1f1ff: true
      default: false
      }
    }
  }

  package static func isPlainASCII(_ text: String) -> Bool {
    let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }
    return isPlain ?? text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
  }
}

extension String {
  /// The first bytes of a text of ASCII characters.
  package func prefix(utf8 count: Int) -> Substring {
    self[..<utf8.index(startIndex, offsetBy: count)]
  }
}
