internal import Documents
internal import Events
internal import PluginSupport

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
  /// The message's own name, and that of what it belongs to, without brackets.
  var id: String?
  var thread: String?

  var text: String {
    let encoding = BodyEncoding(for: body)
    var fields: [(String, String)] = []
    if let from { fields.append(("From", from)) }
    // One a line: a line of the header has 998 bytes at most (RFC 5322, 2.1.1).
    fields.append(("To", to.joined(separator: ",\n ")))
    fields.append(("Subject", HeaderText.encoded(subject)))
    fields.append(("Date", date))
    if let id { fields.append(("Message-ID", "<\(id)>")) }
    if let thread {
      // Readers put together what refers to the same message, whether there is one or not.
      fields.append(("In-Reply-To", "<\(thread)>"))
      fields.append(("References", "<\(thread)>"))
    }
    // RFC 3834: nobody's holiday notice answers.
    fields.append(("Auto-Submitted", "auto-generated"))
    fields.append(("MIME-Version", "1.0"))
    fields.append(("Content-Type", "text/plain; charset=UTF-8"))
    fields.append(("Content-Transfer-Encoding", encoding.rawValue))
    return fields.map { "\($0): \($1)\n" }.joined() + "\n" + encoding.encode(body)
  }
}

extension MailMessage {
  /// The same change has the same Message-ID, however often it is sent.
  init(_ change: ChangeDocument, to: [String], from: String?) {
    self.init(
      to: to, from: from, subject: ChangeText.subject(change),
      date: CivilMoment(local: .now).mail, body: ChangeText.body(change))
    let host = Self.domain(change.host)
    id = "taro.\(change.id)@\(host)"
    thread = "taro.thread.\(change.thread)@\(host)"
  }

  /// A domain, as it may stand behind the @ of a Message-ID (RFC 5322, 3.6.4).
  private static func domain(_ host: String) -> String {
    let isPlain =
      (1...200).contains(host.utf8.count)
      && host.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      } && !host.hasPrefix(".") && !host.hasSuffix(".") && !host.contains("..")
    return isPlain ? host : "host.invalid"
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
