/// Fractions are cut, not rounded: nothing is shown as later than it was. Names are English in every locale.
extension CivilMoment {
  /// `2026-11-22 14:30:05`, for people and logs.
  package var text: String {
    var text = DigitText()
    addDay(to: &text)
    addClock(behind: " ", to: &text)
    return text.string
  }

  /// In eight to eleven columns, seen from a day: `14:30:05` of that day, `11-22 14:30` of its year, else `2026-11-22`.
  package func brief(seenFrom today: CivilDate) -> String {
    if date == today { return clock }
    var text = DigitText()
    guard date.year == today.year else {
      addDay(to: &text)
      return text.string
    }
    text.add(date.month, digits: 2)
    text.add("-")
    text.add(date.day, digits: 2)
    text.add(" ")
    text.add(time.hour, digits: 2)
    text.add(":")
    text.add(time.minute, digits: 2)
    return text.string
  }

  /// `2026-11-22 14:30:05.815`, for tables.
  package var textWithMilliseconds: String {
    var text = DigitText()
    addDay(to: &text)
    addClock(behind: " ", to: &text)
    text.add(".")
    text.add(time.microsecond / 1000, digits: 3)
    return text.string
  }

  /// `2026-11-22 14:30:05 +0100`, for people who may be elsewhere.
  package var textWithOffset: String { "\(text) \(offsetText)" }

  /// `Nov  2 14:30:05`, for syslog (RFC 3164, 4.1.2).
  package var syslog: String {
    "\(month) \(date.day < 10 ? " " : "")\(date.day) \(clock)"
  }

  /// `Sun, 22 Nov 2026 14:30:05 +0100`, for mail (RFC 5322, 3.3).
  package var mail: String { "\(weekdayAndDate) \(clock) \(offsetText)" }

  /// `Sun, 22 Nov 2026 14:30:05 GMT`, for HTTP (RFC 9110, 5.6.7): of a moment in UTC.
  package var http: String { "\(weekdayAndDate) \(clock) GMT" }

  /// `20261122T143005Z`, for the names of files (ISO 8601's basic form): of a moment in UTC.
  package var compact: String {
    var text = DigitText()
    text.add(date.year, digits: 4)
    for number in [date.month, date.day] { text.add(number, digits: 2) }
    text.add("T")
    for number in [time.hour, time.minute, time.second] { text.add(number, digits: 2) }
    text.add("Z")
    return text.string
  }

  /// `2026-11-22T14:30:05.000123Z`, for documents (RFC 3339): of a moment in UTC.
  package var rfc3339: String {
    var text = DigitText()
    addDay(to: &text)
    addClock(behind: "T", to: &text)
    text.add(".")
    text.add(time.microsecond, digits: 6)
    text.add("Z")
    return text.string
  }

  // MARK: Parts

  private func addDay(to text: inout DigitText) {
    text.add(date.year, digits: 4)
    text.add("-")
    text.add(date.month, digits: 2)
    text.add("-")
    text.add(date.day, digits: 2)
  }

  private func addClock(behind separator: String, to text: inout DigitText) {
    text.add(separator)
    text.add(hours: time.hour, minutes: time.minute, seconds: time.second)
  }

  private var clock: String {
    var text = DigitText()
    addClock(behind: "", to: &text)
    return text.string
  }

  private var offsetText: String {
    let minutes = abs(offset) / 60
    var text = DigitText()
    text.add(offset < 0 ? "-" : "+")
    text.add(minutes / 60, digits: 2)
    text.add(minutes % 60, digits: 2)
    return text.string
  }

  private var month: String { Self.months[date.month - 1] }

  private var weekdayAndDate: String {
    var text = DigitText()
    text.add(date.day, digits: 2)
    text.add(" \(month) ")
    text.add(date.year, digits: 4)
    return "\(Self.weekdays[date.weekday]), \(text.string)"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
