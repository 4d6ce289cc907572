/// Text that comes in pieces: a character that is cut by their boundary is given whole with the second one, and what is no
/// UTF-8 is U+FFFD.
struct UTF8Pieces {
  private var rest: [UInt8] = []

  mutating func take(_ bytes: ArraySlice<UInt8>) -> String {
    let all = rest + bytes
    let cut = Self.incomplete(all)
    rest = Array(all.suffix(cut))
    return String(decoding: all.dropLast(cut), as: UTF8.self)
  }

  /// The rest of a character that never ended.
  mutating func finish() -> String {
    defer { rest = [] }
    return String(decoding: rest, as: UTF8.self)
  }

  /// The number of bytes at the end that may be the beginning of a character.
  private static func incomplete(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
      return byte < 0xf5 && length > back ? back : 0
    }
    return 0
  }
}
