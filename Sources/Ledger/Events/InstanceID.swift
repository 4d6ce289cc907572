/// The identity of one execution: 16 characters of lower-case Crockford base32, 48 bits of milliseconds since
/// 1970, then 32 random bits. Ids sort by creation.
package struct InstanceID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let text: String
  package var description: String { text }

  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// A new id for an instance created at that time (microseconds since 1970).
  package init(createdAt microseconds: Int64) {
    var random = SystemRandomNumberGenerator()
    self.init(
      milliseconds: UInt64(max(0, microseconds)) / 1000,
      random: UInt32(truncatingIfNeeded: random.next())
    )
  }

  init(milliseconds: UInt64, random: UInt32) {
    var characters = [UInt8](repeating: 0, count: 16)
    // 80 bits: 16 groups of 5, the first 48 of them time.
    var bits = UInt128(milliseconds & 0xffff_ffff_ffff) << 32 | UInt128(random)
    for index in stride(from: 15, through: 0, by: -1) {
      characters[index] = Self.alphabet[Int(bits & 31)]
      bits >>= 5
    }
    text = String(decoding: characters, as: UTF8.self)
  }

  /// Nil when the text is no instance id.
  package init?(_ text: String) {
    guard text.utf8.count == 16, Self.isPrefix(text) else { return nil }
    self.text = text
  }

  /// True when the text can begin an instance id and is long enough (4 characters) to name one.
  package static func isPrefix(_ text: String) -> Bool {
    let count = text.utf8.count
    return count >= 4 && count <= 16 && text.utf8.allSatisfy(alphabet.contains)
  }

  package static func < (left: InstanceID, right: InstanceID) -> Bool { left.text < right.text }
}
