/// Writes `\D`, `\S` and `\W` of an expression as classes, which mean the same: for them PCRE2's machine code finds no
/// character beyond ASCII before 10.43 (github.com/PCRE2Project/pcre2, issue 224).
struct NegatedTypes {
  private let bytes: [UInt8]
  private var place = 0
  private var result: [UInt8] = []

  /// Returns the expression without them; nil where there are none.
  static func replaced(in pattern: String) -> String? {
    var replacing = NegatedTypes(bytes: Array(pattern.utf8))
    guard replacing.replace() else { return nil }
    return String(decoding: replacing.result, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func byte(_ offset: Int) -> UInt8 {
    place + offset < bytes.count ? bytes[place + offset] : 0
  }

  private mutating func copy(_ count: Int) {
    let end = min(place + count, bytes.count)
    result += bytes[place..<end]
    place = end
  }

  /// - Returns: whether there was one.
  private mutating func replace() -> Bool {
    var hasOne = false
    while place < bytes.count {
      switch (byte(0), byte(1)) {
      case (UInt8(ascii: "\\"), UInt8(ascii: "Q")): copyLiteral()
      // A control character: whatever comes behind it belongs to it.
      case (UInt8(ascii: "\\"), UInt8(ascii: "c")): copy(3)
      case (UInt8(ascii: "\\"), let type) where "DSW".utf8.contains(type):
        result += Array("[^\\".utf8) + [type | 0x20, UInt8(ascii: "]")]
        place += 2
        hasOne = true
      case (UInt8(ascii: "\\"), _): copy(2)
      case (UInt8(ascii: "["), _): copyClass()
      default: copy(1)
      }
    }
    return hasOne
  }

  /// `\Q...\E`.
  private mutating func copyLiteral() {
    copy(2)
    while place < bytes.count, byte(0) != UInt8(ascii: "\\") || byte(1) != UInt8(ascii: "E") {
      copy(1)
    }
    copy(2)
  }

  /// In classes they are right.
  private mutating func copyClass() {
    copy(byte(1) == UInt8(ascii: "^") ? 2 : 1)
    // The first one stands for itself.
    if byte(0) == UInt8(ascii: "]") { copy(1) }
    while place < bytes.count, byte(0) != UInt8(ascii: "]") {
      switch (byte(0), byte(1)) {
      case (UInt8(ascii: "\\"), UInt8(ascii: "Q")): copyLiteral()
      case (UInt8(ascii: "\\"), _): copy(2)
      case (UInt8(ascii: "["), let kind) where ":.=".utf8.contains(kind):
        copy(2)
        while place < bytes.count, byte(0) != kind || byte(1) != UInt8(ascii: "]") {
          // What looks like a name and has no end is none.
          if byte(0) == UInt8(ascii: "]") { break }
          copy(1)
        }
        if byte(0) == kind { copy(2) }
      default: copy(1)
      }
    }
    copy(1)
  }
}
