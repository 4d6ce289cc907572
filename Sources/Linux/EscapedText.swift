/// Text that others chose (job ids, paths, commands, lines of output), made safe for one line of a terminal or a log.
///
/// Without this a job, or whoever names a file, could write escape sequences to the terminal of whoever reads of it: move
/// the cursor, set the title, forge lines.
package enum EscapedText {
  /// The text with control characters, line and paragraph separators and bidirectional controls shown as `\n`, `\t`,
  /// `\r` or `\u{1b}`. Backslashes of the text stay as they are: this is for reading, not for reading back.
  package static func of(_ text: String) -> String {
    // Nearly all text is this.
    if text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case _ where acts(scalar):
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Tells whether a terminal or a reader of lines acts on the character instead of showing it.
  package static func acts(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029,
      // Bidi_Control: they reorder what stands around them, across the end of what they stand in.
      0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069:
      true
    default: false
    }
  }
}

/// The stderr of this process, for what the program itself has to say.
package enum ErrorOutput {
  /// Writes one line, whatever the text holds: nothing of it is acted on. Where nobody can read it, it is lost.
  package static func write(line: String) {
    try? RawIO.writeAll(2, EscapedText.of(line) + "\n")
  }
}
