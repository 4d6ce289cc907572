internal import Linux

extension JSON {
  /// The value as JSON text on one line, without blanks.
  package var text: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    write(to: &bytes, indent: nil)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value as JSON text over several lines, two blanks for each level.
  package var prettyText: String {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to bytes: inout [UInt8], indent: Int?) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    // JSON knows no infinity and no NaN.
    case .number(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value): Self.write(value, to: &bytes)
    case .array(let values):
      Self.write(values, open: "[", close: "]", to: &bytes, indent: indent) {
        $0.write(to: &$1, indent: $2)
      }
    case .object(let members):
      Self.write(members, open: "{", close: "}", to: &bytes, indent: indent) {
        Self.write($0.key, to: &$1)
        $1.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
        $0.value.write(to: &$1, indent: $2)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], open: Unicode.Scalar, close: Unicode.Scalar, to bytes: inout [UInt8],
    indent: Int?, _ body: (Element, inout [UInt8], Int?) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    let inner = indent.map { $0 + 2 }
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newline(inner, to: &bytes)
      body(element, &bytes, inner)
    }
    if !elements.isEmpty { newline(indent, to: &bytes) }
    bytes.append(UInt8(ascii: close))
  }

  private static func newline(_ indent: Int?, to bytes: inout [UInt8]) {
    guard let indent else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
      case 0x0a: bytes.append(contentsOf: #"\n"#.utf8)
      case 0x0d: bytes.append(contentsOf: #"\r"#.utf8)
      case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20, 0x7f: escape(UInt32(byte), to: &bytes)
      default:
        bytes.append(byte)
        escapeLast(&bytes)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A terminal acts on these too, and some programs that read lines; JSON would let them stand (RFC 8259, 7).
  private static func escapeLast(_ bytes: inout [UInt8]) {
    let count = bytes.count
    let last = bytes[count - 1]
    // The last byte of a character of two or three; they begin with c2, d8 or e2.
    guard last & 0xc0 == 0x80, count >= 2 else { return }
    let before = bytes[count - 2]
    var value = UInt32(last & 0x3f)
    var length = 2
    if before == 0xc2 || before == 0xd8 {
      value |= UInt32(before & 0x1f) << 6
    } else if count >= 3, bytes[count - 3] == 0xe2 {
      value |= 0x2000 | UInt32(before & 0x3f) << 6
      length = 3
    } else {
      return
    }
    guard let scalar = Unicode.Scalar(value), EscapedText.acts(scalar) else { return }
    bytes.removeLast(length)
    escape(value, to: &bytes)
  }

  private static func escape(_ value: UInt32, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(contentsOf: #"\u"#.utf8)
    for shift in [12, 8, 4, 0] as [UInt32] { bytes.append(digits[Int(value >> shift & 15)]) }
  }
}
