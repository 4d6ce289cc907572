/// A SHA-256 digest.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  // Four words instead of an array: an event read costs no allocation for it.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  package init?(_ bytes: [UInt8]) {
    guard let digest = bytes.withUnsafeBytes({ Digest($0) }) else { return nil }
    self = digest
  }

  /// From 64 hexadecimal digits, in either case.
  package init?(hexadecimal text: String) {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard text.utf8.count == 64, digits.count == 64 else { return nil }
    self.init(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }

  /// In the order of the digest's bytes.
  package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    append(to: &bytes)
    return bytes
  }

  /// That of no bytes at all.
  package static let ofNothing = Digest(
    words: (
      0xe3b0_c442_98fc_1c14, 0x9afb_f4c8_996f_b924, 0x27ae_41e4_649b_934c, 0xa495_991b_7852_b855
    ))

  /// Its bytes, as big-endian numbers.
  package var numbers: [UInt64] { [words.0, words.1, words.2, words.3] }

  package func append(to bytes: inout [UInt8]) {
    for word in numbers {
      withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
  }

  /// Appends 64 hexadecimal digits.
  package func appendHexadecimal(to bytes: inout [UInt8]) {
    for word in [words.0, words.1, words.2, words.3] {
      for half in [UInt32(truncatingIfNeeded: word >> 32), UInt32(truncatingIfNeeded: word)] {
        withUnsafeBytes(of: Self.digits(half).bigEndian) { bytes.append(contentsOf: $0) }
      }
    }
  }

  /// Eight digits in a word, the first highest: all of them at once, for two digests stand in each event that is exported.
  private static func digits(_ number: UInt32) -> UInt64 {
    var nibbles = UInt64(number)
    nibbles = (nibbles << 16 | nibbles) & 0x0000_ffff_0000_ffff
    nibbles = (nibbles << 8 | nibbles) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles << 4 | nibbles) & 0x0f0f_0f0f_0f0f_0f0f
    // 1 in each byte that is above 9.
    let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
  }

  /// 64 hexadecimal digits.
  package var description: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    appendHexadecimal(to: &digits)
    return String(decoding: digits, as: UTF8.self)
  }

  package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }
  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
