/// The identity of one execution: 16 characters of lower-case Crockford base32, 48 bits of milliseconds since
/// 1970, then 32 random bits. Ids sort by creation.
package struct InstanceID: Hashable, Sendable, Comparable, CustomStringConvertible {
  // 80 bits instead of a string: 16 characters are one too many for a string without an allocation, and a fold meets
  // one for every event.
  private let milliseconds: UInt64
  private let random: UInt32

  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The value of each character, 255 for what is none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  /// A new id for an instance created at that time.
  package init(createdAt time: WallTime) {
    var random = SystemRandomNumberGenerator()
    self.init(
      milliseconds: UInt64(max(0, time.microseconds)) / 1000,
      random: UInt32(truncatingIfNeeded: random.next())
    )
  }

  /// To the millisecond.
  package var createdAt: WallTime { WallTime(microseconds: Int64(milliseconds) * 1000) }

  package init(milliseconds: UInt64, random: UInt32) {
    self.milliseconds = milliseconds & 0xffff_ffff_ffff
    self.random = random
  }

  /// Fails when the text is no instance id.
  package init?(_ text: String) {
    var text = text
    guard let id = text.withUTF8({ InstanceID(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = id
  }

  /// From the text's bytes; nil when they are no instance id.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    // 16 groups of 5 bits, as two halves of 40.
    for index in 0..<8 {
      let first = Self.values[Int(bytes[index])]
      let second = Self.values[Int(bytes[index + 8])]
      guard first < 32, second < 32 else { return nil }
      high = high << 5 | UInt64(first)
      low = low << 5 | UInt64(second)
    }
    milliseconds = high << 8 | low >> 32
    random = UInt32(truncatingIfNeeded: low)
  }

  package var text: String {
    let high = milliseconds >> 8
    let low = (milliseconds & 0xff) << 32 | UInt64(random)
    return String(unsafeUninitializedCapacity: 16) { buffer in
      for index in 0..<8 {
        let shift = UInt64(35 - 5 * index)
        buffer[index] = Self.alphabet[Int(high >> shift & 31)]
        buffer[index + 8] = Self.alphabet[Int(low >> shift & 31)]
      }
      return 16
    }
  }

  package var description: String { text }

  /// True when the text can begin an instance id and is long enough (4 characters) to name one.
  package static func isPrefix(_ text: String) -> Bool {
    let count = text.utf8.count
    return count >= 4 && count <= 16 && text.utf8.allSatisfy { values[Int($0)] < 32 }
  }

  package static func < (left: InstanceID, right: InstanceID) -> Bool {
    (left.milliseconds, left.random) < (right.milliseconds, right.random)
  }
}
