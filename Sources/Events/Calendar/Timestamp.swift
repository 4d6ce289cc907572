/// Times as documents write them: RFC 3339 in UTC with microseconds, `2026-11-22T14:30:00.000123Z`.
package enum Timestamp {
  private static let dayMicroseconds: Int64 = 86_400_000_000

  package static func rfc3339(_ time: WallTime) -> String { CivilMoment(utc: time).rfc3339 }

  /// Reads a time; nil when the text is none of exactly that form.
  package static func time(_ text: String) -> WallTime? {
    let bytes = Array(text.utf8)
    let form = Array("0000-00-00T00:00:00.000000Z".utf8)
    guard bytes.count == form.count else { return nil }
    var digits: [Int64] = []
    for (byte, expected) in zip(bytes, form) {
      if expected == UInt8(ascii: "0"), (0x30...0x39).contains(byte) {
        digits.append(Int64(byte - 0x30))
      } else if byte != expected || expected == UInt8(ascii: "0") {
        return nil
      }
    }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    let (year, month, day) = (Int(number(0..<4)), Int(number(4..<6)), Int(number(6..<8)))
    let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
    guard (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let days = Int64(CivilDate(year: year, month: month, day: day).daysSince1970)
    let inDay = (hour * 3600 + minute * 60 + second) * 1_000_000 + number(14..<20)
    return WallTime(microseconds: days * dayMicroseconds + inDay)
  }
}
