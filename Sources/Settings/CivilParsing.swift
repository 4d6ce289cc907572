internal import Events

extension CivilDate {
  /// Reads `2026-11-22`; refuses days that are in no calendar.
  init(_ scanner: inout AsciiScanner) throws(Refusal) {
    guard let year = scanner.number(digits: 4), scanner.take("-"),
      let month = scanner.number(digits: 2), scanner.take("-"),
      let day = scanner.number(digits: 2)
    else { throw Refusal("a date looks like 2026-11-22") }
    guard (1...12).contains(month) else { throw Refusal("months go from 01 to 12") }
    let last = CivilDate.days(inMonth: month, of: year)
    guard (1...last).contains(day) else {
      throw Refusal("days of that month go from 01 to \(last)")
    }
    self.init(year: year, month: month, day: day)
  }
}

extension CivilTime {
  /// Reads `14:30`, `14:30:05` or `14:30:05.123456`; parts of a microsecond are dropped.
  init(_ scanner: inout AsciiScanner) throws(Refusal) {
    guard let hour = scanner.number(digits: 2), scanner.take(":"),
      let minute = scanner.number(digits: 2)
    else { throw Refusal("a time of day looks like 14:30 or 14:30:05") }
    self.init(hour: hour, minute: minute)
    if scanner.take(":") {
      guard let second = scanner.number(digits: 2) else { throw Refusal("seconds have two digits") }
      self.second = second
      if scanner.takeOne(of: ".", ",") != nil {
        let digits = scanner.digits()
        guard !digits.isEmpty else { throw Refusal("a digit is expected after the decimal point") }
        microsecond = (0..<6).reduce(0) {
          $0 * 10 + ($1 < digits.count ? Int(digits[$1]) : 0)
        }
      }
    }
    guard hour <= 23 else { throw Refusal("hours go from 00 to 23") }
    guard minute <= 59 else { throw Refusal("minutes go from 00 to 59") }
    // POSIX time has no leap seconds, so 23:59:60 has no number.
    guard second <= 59 else { throw Refusal("seconds go from 00 to 59") }
  }
}
