/// The rule by which clocks are set year by year: a TZ text of POSIX such as `CET-1CEST,M3.5.0,M10.5.0/3` (tzset(3)),
/// which stands at the end of each file of the zone database and holds behind its table.
struct DaylightRule: Equatable, Sendable {
  /// Seconds ahead of UTC in winter.
  let standard: Int
  /// The days on which clocks are set; nil where they are not.
  let daylight: Dates?

  struct Dates: Equatable, Sendable {
    /// Seconds ahead of UTC in summer.
    let offset: Int
    let start: Day
    let end: Day
  }

  /// A day of the year, and the second of it, which may lie some days off.
  struct Day: Equatable, Sendable {
    enum Which: Equatable, Sendable {
      /// The nth weekday of a month; 5 is the last.
      case weekday(Int, nth: Int, month: Int)
      /// 1 to 365; February 29 is never counted.
      case withoutLeapDay(Int)
      /// 0 to 365.
      case ofYear(Int)
    }
    let which: Which
    let second: Int

    /// Local seconds of that moment in the year.
    func second(in year: Int) -> Int { days(in: year) * 86_400 + second }

    private func days(in year: Int) -> Int {
      let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
      switch which {
      case .ofYear(let day): return newYear + day
      case .withoutLeapDay(let day):
        let isLeapYear = CivilDate.days(inMonth: 2, of: year) == 29
        return newYear + day - 1 + (isLeapYear && day >= 60 ? 1 : 0)
      case .weekday(let weekday, let nth, let month):
        let first = CivilDate(year: year, month: month, day: 1)
        var day = 1 + (weekday - first.weekday + 7) % 7 + (nth - 1) * 7
        if day > CivilDate.days(inMonth: month, of: year) { day -= 7 }
        return first.daysSince1970 + day - 1
      }
    }
  }

  func changes(of year: Int, _ dates: Dates) -> [TimeZone.Change] {
    [
      TimeZone.Change(at: dates.start.second(in: year) - standard, offset: dates.offset),
      TimeZone.Change(at: dates.end.second(in: year) - dates.offset, offset: standard),
    ]
  }
}

extension DaylightRule {
  /// Fails when the text is no rule.
  init?(_ text: String) {
    var reader = Reader(text)
    guard reader.name(), let west = reader.time(mostHours: 24) else { return nil }
    standard = -west
    guard !reader.isAtEnd else {
      daylight = nil
      return
    }
    guard reader.name() else { return nil }
    var offset = standard + 3600
    if !reader.isAt(",") {
      guard let west = reader.time(mostHours: 24) else { return nil }
      offset = -west
    }
    guard reader.take(","), let start = reader.day(), reader.take(","), let end = reader.day(),
      reader.isAtEnd
    else { return nil }
    daylight = Dates(offset: offset, start: start, end: end)
  }

  private struct Reader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }
    func isAt(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard isAt(character) else { return false }
      rest.removeFirst()
      return true
    }

    /// `CET` or `<+03>`.
    mutating func name() -> Bool {
      if take("<") {
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
        rest = rest[rest.index(after: end)...]
        return true
      }
      let letters = rest.prefix {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0 & 0xdf)
      }
      rest = rest.dropFirst(letters.count)
      return letters.count >= 3
    }

    mutating func number(most: Int) -> Int? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...3).contains(digits.count) else { return nil }
      let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
      rest = rest.dropFirst(digits.count)
      return number <= most ? number : nil
    }

    /// `-1`, `5:30`, `+10:30:15`: seconds.
    mutating func time(mostHours: Int) -> Int? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard let hours = number(most: mostHours) else { return nil }
      var seconds = hours * 3600
      for unit in [60, 1] {
        guard take(":") else { break }
        guard let part = number(most: 59) else { return nil }
        seconds += part * unit
      }
      return isNegative ? -seconds : seconds
    }

    /// `M3.5.0`, `J60`, `59`, each with `/2:30` or without.
    mutating func day() -> Day? {
      let which: Day.Which
      if take("M") {
        guard let month = number(most: 12), month > 0, take("."), let nth = number(most: 5),
          nth > 0, take("."), let weekday = number(most: 6)
        else { return nil }
        which = .weekday(weekday, nth: nth, month: month)
      } else if take("J") {
        guard let day = number(most: 365), day > 0 else { return nil }
        which = .withoutLeapDay(day)
      } else {
        guard let day = number(most: 365) else { return nil }
        which = .ofYear(day)
      }
      guard take("/") else { return Day(which: which, second: 7200) }
      // Up to a week, as RFC 9636 (3.3.2) has it.
      guard let second = time(mostHours: 167) else { return nil }
      return Day(which: which, second: second)
    }
  }
}
