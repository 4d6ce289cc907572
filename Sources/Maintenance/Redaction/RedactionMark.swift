/// The text that stands in the place of what was redacted: `[redacted]`, or as long as that was.
package struct RedactionMark: Sendable {
  package let keepsLength: Bool

  package init(keepsLength: Bool) { self.keepsLength = keepsLength }

  private static let text = Array("[redacted]".utf8)

  /// - Parameter length: of what stood there, in bytes.
  package func bytes(for length: Int) -> [UInt8] {
    guard keepsLength, length != Self.text.count else { return Self.text }
    guard length > Self.text.count else {
      return Array(repeating: UInt8(ascii: "*"), count: length)
    }
    return Self.text.dropLast()
      + Array(repeating: UInt8(ascii: "."), count: length - Self.text.count)
      + Self.text.suffix(1)
  }
}
