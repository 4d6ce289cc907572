/// A text of numbers with at least so many digits: tables of many rows and documents are full of them, so it is made of
/// bytes.
struct DigitText {
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(32) }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  mutating func add(_ text: String) { bytes += text.utf8 }

  mutating func add(_ number: Int, digits count: Int) {
    guard count <= 6, number >= 0, number < Self.powers[count] else {
      let text = String(number)
      bytes += repeatElement(UInt8(ascii: "0"), count: max(0, count - text.utf8.count))
      return add(text)
    }
    var rest = number
    for power in Self.powers[..<count].reversed() {
      let (digit, remainder) = rest.quotientAndRemainder(dividingBy: power)
      bytes.append(UInt8(ascii: "0") + UInt8(digit))
      rest = remainder
    }
  }

  /// `14:30:05`.
  mutating func add(hours: Int, minutes: Int, seconds: Int) {
    add(hours, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    add(minutes, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    add(seconds, digits: 2)
  }

  private static let powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
}
