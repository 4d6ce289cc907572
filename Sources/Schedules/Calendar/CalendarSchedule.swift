package import Events

/// A calendar event of systemd (systemd.time(7)): `Mon..Fri 03:00`, `*-*-01 04:00:00`, `daily`.
package struct CalendarSchedule: Equatable, Sendable {
  /// As it was written.
  package let text: String
  /// The zone that the text names; nil where it names none.
  private let zone: TimeZone?
  /// Bit n is set where weekday n is meant, 0 being Sunday.
  private var weekdays: UInt8 = 0x7f
  private var year = CalendarComponent.any
  private var month = CalendarComponent.any
  private var day = CalendarComponent.any
  /// The days count from the end of the month: 1 is the last.
  private var countsFromEnd = false
  private var hour = CalendarComponent.any
  private var minute = CalendarComponent.any
  private var second = CalendarComponent.any

  package init(_ text: String) throws(ScheduleError) {
    var words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    self.text = words.joined(separator: " ")
    var zone: TimeZone?
    if words.count > 1, let last = words.last, Self.isZone(last) {
      zone = TimeZone.named(String(last))
      guard zone != nil else { throw ScheduleError(last, "there is no such time zone") }
      words.removeLast()
    }
    self.zone = zone
    guard let first = words.first else { throw ScheduleError(text, "it is empty") }
    if words.count == 1, let meaning = Self.shorthands[first.lowercased()] {
      words = meaning.split(separator: " ")
    } else if words.count == 1, Self.isZone(first), first.uppercased() == "UTC" {
      throw ScheduleError(text, "a zone alone is no time")
    }
    if let days = words.first, days.first?.isLetter ?? false {
      weekdays = try Self.weekdays(days)
      words.removeFirst()
    }
    var date: Substring?
    if let word = words.first, !word.contains(":") {
      guard word.contains("-") || word.contains("~") else {
        throw ScheduleError(word, "it is neither a weekday, nor a date, nor a time")
      }
      date = word
      words.removeFirst()
    }
    let time = words.first
    guard words.count <= 1 else { throw ScheduleError(words[1], "it is too much at the end") }
    if let date { try readDate(date) }
    try readTime(time ?? "00:00:00")
  }

  private static let shorthands = [
    "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00", "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00", "semiannually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00", "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00", "anually": "*-01-01 00:00:00",
  ]

  // MARK: Reading

  /// The last word, where it names a zone.
  private static func isZone(_ word: Substring) -> Bool {
    guard word.first?.isLetter ?? false, !word.contains(":") else { return false }
    return (try? weekdays(word)) == nil
  }

  private static let names = [
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
  ]

  /// `Mon`, `Mon,Fri`, `Mon..Fri`, `Sat-Mon`, with a comma at the end or without.
  private static func weekdays(_ text: Substring) throws(ScheduleError) -> UInt8 {
    var bits: UInt8 = 0
    for item in text.split(separator: ",") {
      let ends =
        item.firstRange(of: "..").map { [item[..<$0.lowerBound], item[$0.upperBound...]] }
        ?? item.split(separator: "-", omittingEmptySubsequences: false)
      guard let from = ends.first.flatMap(weekday), let to = ends.last.flatMap(weekday),
        ends.count <= 2
      else { throw ScheduleError(item, "it is no weekday") }
      var number = from
      while true {
        bits |= 1 << UInt8(number)
        if number == to { break }
        number = (number + 1) % 7
      }
    }
    guard bits != 0 else { throw ScheduleError(text, "it is no weekday") }
    return bits
  }

  private static func weekday(_ text: Substring) -> Int? {
    let name = text.lowercased()
    return names.firstIndex { $0 == name || $0.prefix(3) == name }
  }

  /// `YEAR-MONTH-DAY`, `MONTH-DAY`, the day behind a tilde from the end of the month.
  private mutating func readDate(_ text: Substring) throws(ScheduleError) {
    var rest = text
    var dayText = rest
    if let tilde = rest.lastIndex(of: "~") {
      countsFromEnd = true
      dayText = rest[rest.index(after: tilde)...]
      rest = rest[..<tilde]
    } else if let dash = rest.lastIndex(of: "-") {
      dayText = rest[rest.index(after: dash)...]
      rest = rest[..<dash]
    }
    let parts = rest.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let monthText = parts.last, !dayText.contains("~"),
      !dayText.contains("-")
    else { throw ScheduleError(text, "a date is YEAR-MONTH-DAY or MONTH-DAY") }
    if parts.count == 2 { year = try CalendarComponent(parts[0], .year) }
    month = try CalendarComponent(monthText, .month)
    try readDay(dayText)
  }

  private mutating func readDay(_ text: Substring) throws(ScheduleError) {
    guard countsFromEnd, text.contains("/") else {
      day = try CalendarComponent(text, .day)
      if text == "*" { countsFromEnd = false }
      return
    }
    // From the last but so many on, each so many days: counted from the end they go down.
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Int(parts[0]), let step = Int(parts[1]), step > 0,
      (1...31).contains(start), start - step >= 1
    else { throw ScheduleError(text, "nothing is repeated before the month ends") }
    let days = stride(from: start, through: 1, by: -step).map(String.init)
    day = try CalendarComponent(days.joined(separator: ","), .day)
  }

  private mutating func readTime(_ text: Substring) throws(ScheduleError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else {
      throw ScheduleError(text, "a time is HOUR:MINUTE or HOUR:MINUTE:SECOND")
    }
    hour = try CalendarComponent(parts[0], .hour)
    minute = try CalendarComponent(parts[1], .minute)
    second = try CalendarComponent(parts.count == 3 ? parts[2] : "0", .second)
  }

  // MARK: When

  /// The first time after that one; nil when there is none up to 2199. A local time that the clock skips is no time at
  /// all, as systemd has it; one that it shows twice is meant once.
  /// - Parameter zone: where the text names none.
  package func next(after time: WallTime, in zone: TimeZone) -> WallTime? {
    let zone = self.zone ?? zone
    let second = time.wholeSeconds
    var from = LocalMicroseconds(seconds: second + zone.offset(at: second), 0)
    if from.seconds - zone.offset(at: second) == second {
      // What has passed of the second.
      let past = Int(time.microseconds) - second * 1_000_000
      from = from.advanced(by: max(0, min(past, 999_999)) + 1)
    }
    while let found = first(from: from) {
      if let shown = zone.seconds(showing: found.seconds).first {
        let due = WallTime(microseconds: Int64(shown) * 1_000_000 + Int64(found.microsecond))
        if due > time { return due }
      }
      from = found.advanced(by: 1)
    }
    return nil
  }

  /// The time that a clock shows.
  private struct LocalMicroseconds {
    var seconds: Int
    var microsecond: Int

    init(seconds: Int, _ microsecond: Int) {
      (self.seconds, self.microsecond) = (seconds, microsecond)
    }

    func advanced(by microseconds: Int) -> Self {
      let sum = microsecond + microseconds
      return Self(seconds: seconds + sum / 1_000_000, sum % 1_000_000)
    }
  }

  private func isMeant(_ date: CivilDate) -> Bool {
    guard weekdays >> UInt8(date.weekday) & 1 == 1 else { return false }
    let last = CivilDate.days(inMonth: date.month, of: date.year)
    return day.contains(countsFromEnd ? last - date.day + 1 : date.day)
  }

  private func first(from start: LocalMicroseconds) -> LocalMicroseconds? {
    var number = start.seconds.floored(by: 86_400)
    var rest = (start.seconds - number * 86_400) * 1_000_000 + start.microsecond
    while true {
      let date = CivilDate(daysSince1970: number)
      guard let wanted = year.first(from: max(date.year, 1970), most: 2199) else { return nil }
      if wanted > date.year {
        (number, rest) = (CivilDate(year: wanted, month: 1, day: 1).daysSince1970, 0)
        continue
      }
      guard month.contains(date.month) else {
        number += CivilDate.days(inMonth: date.month, of: date.year) - date.day + 1
        rest = 0
        continue
      }
      if isMeant(date), let time = firstTime(from: rest) {
        return LocalMicroseconds(seconds: number * 86_400 + time / 1_000_000, time % 1_000_000)
      }
      number += 1
      rest = 0
    }
  }

  /// The first microsecond of a day that is meant, from that one on.
  private func firstTime(from start: Int) -> Int? {
    let (wholeMinutes, microsecond) = start.quotientAndRemainder(dividingBy: 60_000_000)
    let (hourNumber, minuteNumber) = wholeMinutes.quotientAndRemainder(dividingBy: 60)
    if hour.contains(hourNumber) {
      if minute.contains(minuteNumber),
        let found = second.first(from: microsecond, most: 59_999_999)
      {
        return wholeMinutes * 60_000_000 + found
      }
      if let next = minute.first(from: minuteNumber + 1, most: 59), let found = firstSecond {
        return (hourNumber * 60 + next) * 60_000_000 + found
      }
    }
    guard let nextHour = hour.first(from: hourNumber + 1, most: 23),
      let firstMinute = minute.first(from: 0, most: 59), let found = firstSecond
    else { return nil }
    return (nextHour * 60 + firstMinute) * 60_000_000 + found
  }

  private var firstSecond: Int? { second.first(from: 0, most: 59_999_999) }
}
