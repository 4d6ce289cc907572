package import Events
internal import Glibc

/// Times, durations and sizes as people read them. Durations are microseconds; fractions are cut, not
/// rounded, so that nothing is shown as later or longer than it was.
package enum TimeFormat {
  package static let notAvailable = "N/A"

  /// Local time, `2026-11-22 23:38:15.815`; `N/A` for nil.
  package static func local(_ time: WallTime?) -> String {
    guard let time else { return notAvailable }
    let (second, fraction) = floorDivided(time.microseconds, by: 1_000_000)
    var seconds = time_t(second)
    var fields = tm()
    guard localtime_r(&seconds, &fields) != nil else { return notAvailable }
    var text = padded(Int64(fields.tm_year) + 1900, 4)
    text.reserveCapacity(32)
    text += "-"
    text += twoDigits[Int(fields.tm_mon) + 1]
    text += "-"
    text += twoDigits[Int(fields.tm_mday)]
    text += " "
    appendClock(
      hours: Int(fields.tm_hour), minutes: Int(fields.tm_min), seconds: Int(fields.tm_sec),
      milliseconds: fraction / 1000, to: &text)
    return text
  }

  /// Formats a duration: `00:00:03.250`, `1 day, 02:03:04.567`; `N/A` for nil.
  package static func elapsed(_ microseconds: Int64?) -> String {
    guard let microseconds else { return notAvailable }
    let milliseconds = max(microseconds, 0) / 1000
    let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
    var text = days == 0 ? "" : "\(days) \(days == 1 ? "day" : "days"), "
    appendClock(
      hours: Int(seconds / 3600), minutes: Int(seconds / 60 % 60), seconds: Int(seconds % 60),
      milliseconds: fraction, to: &text)
    return text
  }

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
  package static func offset(_ microseconds: Int64) -> String {
    microseconds < 0 ? short(microseconds) : "+" + short(microseconds)
  }

  /// A size in binary units with one digit after the point: `512 B`, `1.5 MiB`; rounded.
  package static func bytes(_ count: Int64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var unitSize: Int64 = 1
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
      unitSize *= 1024
      // In whole units and a remainder, because ten times the count may be too large for Int64.
      let (whole, rest) = count.quotientAndRemainder(dividingBy: unitSize)
      let tenth = (Double(rest) / Double(unitSize) * 10).rounded()
      let total = whole * 10 + Int64(tenth)
      if total < 10_240 || unit == "EiB" { return tenths(total, unit) }
    }
    return "\(count) B"
  }

  // MARK: Digits

  private static func tenths(_ count: Int64, _ unit: String) -> String {
    "\(count / 10).\(count % 10) \(unit)"
  }

  private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ part: String) -> String
  {
    small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(part)"
  }

  /// "00" to "99": tables of many rows are full of them.
  private static let twoDigits = (0..<100).map { padded($0, 2) }

  private static func appendClock(
    hours: Int, minutes: Int, seconds: Int, milliseconds: Int64, to text: inout String
  ) {
    text += twoDigits[hours]
    text += ":"
    text += twoDigits[minutes]
    text += ":"
    text += twoDigits[seconds]
    text += "."
    text += padded(milliseconds, 3)
  }

  private static func padded(_ number: Int64, _ digits: Int) -> String {
    var text = String(number)
    while text.utf8.count < digits { text = "0" + text }
    return text
  }

  private static func floorDivided(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
