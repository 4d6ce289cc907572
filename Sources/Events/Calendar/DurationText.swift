/// Texts of durations, which are microseconds. Fractions are cut, not rounded: nothing is shown as longer than it was.
/// (Settings reads those that people type.)
package enum DurationText {
  /// The units that people type, the largest first.
  package static let units: [(name: String, microseconds: Int64)] = [
    ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000),
    ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]

  // MARK: Exact

  /// The shortest exact form in descending units, which can be read back: `1h30m`, `1w`, `8d`, `1.5s`, `250ms`, `0s`.
  /// Weeks are used only when nothing else is left over.
  package static func exact(_ microseconds: Int64) -> String {
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
  package static func decimal(_ value: UInt64, of unit: UInt64) -> String {
    let (whole, fraction) = value.quotientAndRemainder(dividingBy: unit)
    guard fraction > 0 else { return "\(whole)" }
    // The unit's leading 1 keeps the zeros after the point.
    var digits = String(unit + fraction).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  // MARK: At a glance

  /// A duration at a glance, the two largest units at most: `0.4 ms`, `12 ms`, `3.2 s`, `4 min 10 s`,
  /// `2 h 5 min`, `3 d 4 h`. A part that is zero is left out.
  package static func short(_ microseconds: Int64) -> String {
    let sign = microseconds < 0 ? "-" : ""
    let length = Int64(clamping: microseconds.magnitude)
    let seconds = length / 1_000_000
    let text =
      switch length {
      case 0: "0 ms"
      case ..<1000: tenths(length / 100, "ms")
      case ..<1_000_000: "\(length / 1000) ms"
      case ..<60_000_000: tenths(length / 100_000, "s")
      case ..<3_600_000_000: pair(seconds / 60, "min", seconds % 60, "s")
      case ..<86_400_000_000: pair(seconds / 3600, "h", seconds / 60 % 60, "min")
      default: pair(seconds / 86_400, "d", seconds / 3600 % 24, "h")
      }
    return sign + text
  }

  /// A place on a timeline, relative to its start: `+3.2 s`, `-12 ms`.
  package static func signed(_ microseconds: Int64) -> String {
    microseconds < 0 ? short(microseconds) : "+" + short(microseconds)
  }

  private static func tenths(_ count: Int64, _ unit: String) -> String {
    "\(count / 10).\(count % 10) \(unit)"
  }

  private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ part: String) -> String
  {
    small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(part)"
  }

  // MARK: As a clock

  /// A duration as a stopwatch shows it: `00:00:03.250`, `1 day, 02:03:04.567`; 0 for less.
  package static func clock(_ microseconds: Int64) -> String {
    let milliseconds = Int(max(microseconds, 0)) / 1000
    let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
    var text = DigitText()
    if days > 0 { text.add("\(days) \(days == 1 ? "day" : "days"), ") }
    text.add(hours: seconds / 3600, minutes: seconds / 60 % 60, seconds: seconds % 60)
    text.add(".")
    text.add(fraction, digits: 3)
    return text.string
  }
}
