/// The encoding in which a body is sent (RFC 2045, 6): as it is where mail can carry that, quoted-printable where it
/// cannot.
enum BodyEncoding: String {
  case sevenBit = "7bit"
  case eightBit = "8bit"
  case quotedPrintable = "quoted-printable"

  /// RFC 5322, 2.1.1: bytes in a line, its end aside.
  private static let longestLine = 998

  init(for body: String) {
    var length = 0
    var isASCII = true
    for byte in body.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): length = -1
      case UInt8(ascii: "\t"), 0x20...0x7e: break
      case 0x80...0xff: isASCII = false
      // NUL and CR may not be sent, other control characters may not survive.
      default:
        self = .quotedPrintable
        return
      }
      length += 1
      guard length <= Self.longestLine else {
        self = .quotedPrintable
        return
      }
    }
    // A dot alone ends the message for a sendmail without -i, and "From " is changed in mailboxes.
    let isFragile = body.split(separator: "\n").contains { $0 == "." || $0.hasPrefix("From ") }
    self = isFragile ? .quotedPrintable : isASCII ? .sevenBit : .eightBit
  }

  func encode(_ body: String) -> String {
    self == .quotedPrintable ? QuotedPrintable.text(body) : body
  }
}

/// RFC 2045, 6.7.
enum QuotedPrintable {
  private static let longestLine = 76
  private static let digits = Array("0123456789ABCDEF".utf8)

  static func text(_ body: String) -> String {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { line($0) }
    return lines.joined(separator: "\n")
  }

  private static func line(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var length = 0
    for (index, byte) in bytes.enumerated() {
      let isLast = index == bytes.count - 1
      // Room for the soft line break's "=", unless this ends the line.
      let room = isLast ? Self.longestLine : Self.longestLine - 1
      var piece = piece(byte, isFirst: length == 0, isLast: isLast)
      if length + piece.count > room {
        result += Array("=\n".utf8)
        length = 0
        piece = self.piece(byte, isFirst: true, isLast: isLast)
      }
      result += piece
      length += piece.count
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func piece(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> [UInt8] {
    switch byte {
    case UInt8(ascii: "="): break
    // A blank at the end of a line may be lost on the way.
    case UInt8(ascii: " "), UInt8(ascii: "\t"): if !isLast { return [byte] }
    // See BodyEncoding: what may not stand at the beginning of a line.
    case UInt8(ascii: "."), UInt8(ascii: "F"): if !isFirst { return [byte] }
    case 0x21...0x7e: return [byte]
    default: break
    }
    return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
