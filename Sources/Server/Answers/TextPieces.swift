/// Tells text among bytes: UTF-8 without NUL. A cut may have gone through a character.
enum TextPieces {
  enum Piece: Equatable {
    case text(String)
    case bytes([UInt8])
  }

  /// The bytes that a cut through a character has left at the beginning, and those at the end.
  private static func ragged(_ bytes: ArraySlice<UInt8>) -> (first: Int, last: Int) {
    let first = bytes.prefix(3).prefix { $0 & 0xc0 == 0x80 }.count
    for count in 1...3 where count <= bytes.count - first {
      let byte = bytes[bytes.endIndex - count]
      // One that goes on within a character.
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return (first, length > count ? count : 0)
    }
    return (first, 0)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// True for the beginning of a text, or of a part of one.
  static func isText(_ bytes: ArraySlice<UInt8>, isBeginning: Bool) -> Bool {
    let ragged = ragged(bytes)
    return text(bytes.dropFirst(isBeginning ? 0 : ragged.first).dropLast(ragged.last)) != nil
  }

  /// Text where it is some, with what a cut has left of characters beside it; else bytes.
  static func pieces(_ bytes: ArraySlice<UInt8>) -> [Piece] {
    if let text = text(bytes) { return [.text(text)] }
    let ragged = ragged(bytes)
    let middle = bytes.dropFirst(ragged.first).dropLast(ragged.last)
    guard ragged.first + ragged.last > 0, !middle.isEmpty, let text = text(middle) else {
      return [.bytes(Array(bytes))]
    }
    var pieces: [Piece] = []
    if ragged.first > 0 { pieces.append(.bytes(Array(bytes.prefix(ragged.first)))) }
    pieces.append(.text(text))
    if ragged.last > 0 { pieces.append(.bytes(Array(bytes.suffix(ragged.last)))) }
    return pieces
  }

  /// The first of the bytes, some `count`; not within a character, where there are characters.
  static func prefix(_ bytes: ArraySlice<UInt8>, _ count: Int) -> ArraySlice<UInt8> {
    guard bytes.count > count else { return bytes }
    var end = bytes.startIndex + count
    for _ in 0..<3 where bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return bytes[end] & 0xc0 == 0x80 ? bytes.prefix(count) : bytes[..<end]
  }
}
