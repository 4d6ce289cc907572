internal import Events

/// A message as sendmail takes it: RFC 5322, lines end with a line feed alone.
///
/// Whatever the subject and the body contain, the header has the fields that stand here and no other: the subject is
/// printable ASCII or encoded words (RFC 2047), and addresses are checked by `MailSettings`.
struct MailMessage {
  var to: [String]
  var from: String?
  var subject: String
  /// RFC 5322's date.
  var date: String
  var body: String

  var text: String {
    let encoding = BodyEncoding(for: body)
    var fields: [(String, String)] = []
    if let from { fields.append(("From", from)) }
    // One a line: a line of the header has 998 bytes at most (RFC 5322, 2.1.1).
    fields.append(("To", to.joined(separator: ",\n ")))
    fields.append(("Subject", HeaderText.encoded(subject)))
    fields.append(("Date", date))
    // RFC 3834: nobody's holiday notice answers.
    fields.append(("Auto-Submitted", "auto-generated"))
    fields.append(("MIME-Version", "1.0"))
    fields.append(("Content-Type", "text/plain; charset=UTF-8"))
    fields.append(("Content-Transfer-Encoding", encoding.rawValue))
    return fields.map { "\($0): \($1)\n" }.joined() + "\n" + encoding.encode(body)
  }
}

/// Text for a header field.
enum HeaderText {
  /// An encoded word has 75 characters at most (RFC 2047, 2), 63 of them for base64, that is 45 bytes.
  private static let wordBytes = 45
  /// Longer than this, words make lines of it.
  private static let plainLimit = 200

  /// The text on one line where it is short printable ASCII, else as encoded words, a line for each. What would break a
  /// line of the reader's screen is a blank.
  static func encoded(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { isControl($0) ? " " : $0 }
    let line = String(String.UnicodeScalarView(scalars))
    let isPlain =
      line.utf8.count <= plainLimit && line.utf8.allSatisfy { (0x20...0x7e).contains($0) }
      && !line.contains("=?")
    guard !isPlain else { return line }
    return words(line).map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\n ")
  }

  /// No character is divided between two words (RFC 2047, 5).
  private static func words(_ text: String) -> [[UInt8]] {
    var words: [[UInt8]] = [[]]
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if words[words.count - 1].count + bytes.count > wordBytes { words.append([]) }
      words[words.count - 1] += bytes
    }
    return words
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
