package import Events

/// Durations as people type them.
extension DurationText {
  /// A duration in microseconds, never negative; parts of a microsecond are dropped.
  ///
  /// `500ms`, `90s`, `1h30m`, `2d`, `1w`, `1.5h`, in words (`10 minutes`, `1 day 2 hours`), ISO 8601 `PT1H30M`,
  /// `P2DT3H`, `P1W`; a bare number is seconds. A day has 24 hours: a duration knows nothing of clock changes.
  package static func microseconds(_ text: String) throws(SettingError) -> Int64 {
    do throws(Refusal) {
      return try parse(text)
    } catch {
      throw SettingError(text: text, reason: error.reason, remedy: accepted)
    }
  }

  static let accepted =
    "accepted: 500ms, 90s, 1h30m, 2d, 1w, 1.5h, \"10 minutes\", PT1H30M, or a number of seconds"

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

  /// The units' other names, without the s of more than one.
  private static let words = [
    "microsecond": "us", "usec": "us", "millisecond": "ms", "msec": "ms", "second": "s", "sec": "s",
    "minute": "m",
    "min": "m", "hour": "h", "hr": "h", "day": "d", "week": "w",
  ]

  /// The unit that is called so; with blanks around it, as in `1 day 2 hours`.
  private static func unit(_ name: String) -> Int? {
    let name = String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    let singular = name.count > 2 && name.hasSuffix("s") ? String(name.dropLast()) : name
    let short = words[singular] ?? name
    return units.firstIndex { $0.name == short }
  }

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
      guard let unit = unit(name) else {
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
}
