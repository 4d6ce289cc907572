package import Events

/// A duration with months, whose length depends on when it is: ISO 8601 `P1Y6M`, or what `DurationText` reads.
package struct CalendarDuration: Equatable, Sendable {
  package var months: Int
  /// The time on top of the months.
  package var microseconds: Int64

  /// In any case of letters, like the original.
  init(_ text: String) throws(SettingError) {
    months = 0
    let capital = text.uppercased()
    guard capital.hasPrefix("P") else {
      microseconds = try DurationText.microseconds(text)
      return
    }
    var rest = capital.dropFirst()
    var hasMonths = false
    for (unit, length) in [("Y" as Character, 12), ("M", 1)] {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard digits.endIndex < rest.endIndex, rest[digits.endIndex] == unit else { continue }
      guard let count = Int(digits), count <= 9999 else {
        throw SettingError(
          text: text, reason: "the number before \(unit) is too large or missing",
          remedy: "accepted: at most 9999")
      }
      months += count * length
      rest = rest[digits.endIndex...].dropFirst()
      hasMonths = true
    }
    microseconds = hasMonths && rest.isEmpty ? 0 : try DurationText.microseconds("P\(rest)")
  }

  /// So long before an instant: the same time of the day, local, so many months before, of a
  /// month that is too short the last day; and then the rest of it.
  package func before(_ instant: WallTime) -> WallTime {
    guard months > 0 else { return instant - microseconds }
    let date = LocalTime.date(at: instant)
    let month = date.year * 12 + date.month - 1 - months
    // No record is older.
    guard month >= 1970 * 12 else { return .epoch }
    let (year, number) = (month / 12, month % 12 + 1)
    let day = min(date.day, CivilDate.days(inMonth: number, of: year))
    let start = LocalTime.start(of: CivilDate(year: year, month: number, day: day))
    return start + (instant - LocalTime.start(of: date)) - microseconds
  }

  /// The text that `init` reads back.
  var text: String {
    guard months > 0 else { return DurationText.exact(microseconds) }
    let seconds = DurationText.decimal(microseconds.magnitude, of: 1_000_000)
    return microseconds > 0 ? "P\(months)MT\(seconds)S" : "P\(months)M"
  }
}
