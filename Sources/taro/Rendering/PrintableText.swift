/// Text that others chose (job ids, commands, lines of output), made safe for one line or table cell.
///
/// Without this a job could write escape sequences to the terminal of whoever lists it: move the cursor,
/// set the title, forge rows.
enum PrintableText {
  /// The text with control characters, line and paragraph separators and bidirectional controls shown
  /// as `\n`, `\t`, `\r` or `\u{1b}`. Backslashes of the text stay as they are: this is for reading, not
  /// for reading back.
  static func escaped(_ text: String) -> String {
    if DisplayWidth.isPlainASCII(text) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let escape = escape(scalar) {
        result.append(contentsOf: escape.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x09: "\\t"
    case 0x0a: "\\n"
    case 0x0d: "\\r"
    case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029,
      // Bidi_Control: they reorder what stands around them, across the cell's end.
      0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069:
      "\\u{\(String(scalar.value, radix: 16))}"
    default: nil
    }
  }
}
