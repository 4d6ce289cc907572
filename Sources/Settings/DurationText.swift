/// Durations as people type them, and back.
package enum DurationText {
  /// A duration in microseconds, never negative; parts of a microsecond are dropped.
  ///
  /// `500ms`, `90s`, `1h30m`, `2d`, `1w`, `1.5h`, ISO 8601 `PT1H30M`, `P2DT3H`, `P1W`; a bare number is
  /// seconds. A day has 24 hours: a duration knows nothing of clock changes.
  package static func microseconds(_ text: String) throws(SettingError) -> Int64 {
    do throws(Refusal) {
      return try parse(text)
    } catch {
      throw SettingError(text: text, reason: error.reason, remedy: accepted)
    }
  }

  static let accepted = "accepted: 500ms, 90s, 1h30m, 2d, 1w, 1.5h, PT1H30M, or a number of seconds"

  private static func parse(_ text: String) throws(Refusal) -> Int64 {
    var scanner = AsciiScanner(text)
    if scanner.isAtEnd { throw Refusal("it is empty") }
    if scanner.take("-") { throw Refusal("a duration is not negative") }
    let total =
      try scanner.take("P") ? parseISO8601(&scanner) : parseUnits(&scanner)
    guard let result = Int64(exactly: total) else { throw .tooLong }
    return result
  }

  // MARK: 1h30m

  private static let units: [(name: String, microseconds: Int64)] = [
    ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000),
    ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]

  private static func parseUnits(_ scanner: inout AsciiScanner) throws(Refusal) -> Int128 {
    var total: Int128 = 0
    var allowed = units[...]
    repeat {
      let isFirst = allowed.count == units.count
      let amount = try DecimalAmount(&scanner, subject: "a number")
      let name = scanner.untilDigit()
      if name.isEmpty {
        guard isFirst else { throw Refusal("its last number has no unit") }
        return amount.scaled(by: 1_000_000)
      }
      guard let unit = units.firstIndex(where: { $0.name == name }) else {
        throw Refusal("there is no unit \(SettingError.quoted(name))")
      }
      // `30m1h` and `1h1h` are slips more often than not.
      guard allowed.indices.contains(unit) else {
        throw Refusal("units go from the largest to the smallest, each once")
      }
      allowed = units[(unit + 1)...]
      total += amount.scaled(by: units[unit].microseconds)
    } while !scanner.isAtEnd
    return total
  }

  // MARK: PT1H30M

  private static let dateUnits: [(Unicode.Scalar, Int64)] = [
    ("W", 604_800_000_000), ("D", 86_400_000_000),
  ]
  private static let timeUnits: [(Unicode.Scalar, Int64)] = [
    ("H", 3_600_000_000), ("M", 60_000_000), ("S", 1_000_000),
  ]

  /// Parses the text behind the P.
  private static func parseISO8601(_ scanner: inout AsciiScanner) throws(Refusal) -> Int128 {
    var total: Int128 = 0
    var allowed = dateUnits[...]
    var inTime = false
    repeat {
      if !inTime, scanner.take("T") {
        inTime = true
        allowed = timeUnits[...]
      }
      let amount = try DecimalAmount(&scanner, subject: "a number")
      if !inTime, scanner.takeOne(of: "Y", "M") != nil {
        throw Refusal("years and months have no fixed length (minutes come after a T)")
      }
      guard let unit = allowed.firstIndex(where: { scanner.take($0.0) }) else {
        throw Refusal("its units are W, D, T, H, M, S in this order, each once")
      }
      total += amount.scaled(by: allowed[unit].1)
      allowed = allowed[(unit + 1)...]
    } while !scanner.isAtEnd
    return total
  }

  // MARK: Back to text

  /// The shortest exact form in descending units, which `microseconds` reads back: `1h30m`, `1w`, `8d`,
  /// `1.5s`, `250ms`, `0s`. Weeks are used only when nothing else is left over.
  package static func describe(_ microseconds: Int64) -> String {
    guard microseconds != 0 else { return "0s" }
    let sign = microseconds < 0 ? "-" : ""
    var rest = microseconds.magnitude
    var text = ""
    for unit in units.prefix(4) {
      let length = unit.microseconds.magnitude
      if unit.name == "w", !rest.isMultiple(of: length) { continue }
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: length)
      if count > 0 { text += "\(count)\(unit.name)" }
      rest = remainder
    }
    switch rest {
    case 0: break
    case 1_000_000...: text += decimal(rest, of: 1_000_000) + "s"
    case 1000...: text += decimal(rest, of: 1000) + "ms"
    default: text += "\(rest)us"
    }
    return sign + text
  }

  /// `value / unit` without trailing zeros; `unit` is a power of ten.
  static func decimal(_ value: UInt64, of unit: UInt64) -> String {
    let (whole, fraction) = value.quotientAndRemainder(dividingBy: unit)
    guard fraction > 0 else { return "\(whole)" }
    // The unit's leading 1 keeps the zeros after the point.
    var digits = String(unit + fraction).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }
}
