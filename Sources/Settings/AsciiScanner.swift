/// Reads a short text from left to right. Only ASCII has a meaning in durations and times; every other
/// byte ends a run of digits and is in no unit.
struct AsciiScanner {
  private var rest: ArraySlice<UInt8>

  init(_ text: some StringProtocol) { rest = Array(text.utf8)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// The text that has not been read yet.
  var remainder: String { String(decoding: rest, as: UTF8.self) }

  /// Reads this character if it is the next one.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  /// Reads one of the characters if it is the next one.
  mutating func takeOne(of characters: Unicode.Scalar...) -> Unicode.Scalar? {
    for character in characters where take(character) { return character }
    return nil
  }

  /// Reads all digits that follow, as their values; none is an empty array.
  mutating func digits() -> [UInt8] {
    let run = rest.prefix { AsciiScanner.isDigit($0) }
    rest = rest.dropFirst(run.count)
    return run.map { $0 - UInt8(ascii: "0") }
  }

  /// Reads a number of exactly that many digits; reads nothing when there are fewer or more.
  mutating func number(digits count: Int) -> Int? {
    let run = rest.prefix { AsciiScanner.isDigit($0) }
    guard run.count == count else { return nil }
    rest = rest.dropFirst(count)
    return run.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Reads everything up to the next digit.
  mutating func untilDigit() -> String {
    let run = rest.prefix { !AsciiScanner.isDigit($0) }
    rest = rest.dropFirst(run.count)
    return String(decoding: run, as: UTF8.self)
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}

/// The reason why a text is not what it should be; becomes the `reason` of a `SettingError`.
struct Refusal: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}
