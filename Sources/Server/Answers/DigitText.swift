/// Numbers of header fields: digits, and nothing else.
enum DigitText {
  /// Up to 18 digits; nil for anything else.
  static func number(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return nil
    }
    return Int64(text)
  }
}
