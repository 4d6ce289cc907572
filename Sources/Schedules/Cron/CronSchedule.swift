package import Events

/// The time of a line in a crontab (crontab(5)), and when cron(8) runs it.
package struct CronSchedule: Equatable, Sendable {
  /// As it was written: `0 3 * * *`, `@daily`.
  package let text: String
  private let minute: CronField
  private let hour: CronField
  private let day: CronField
  private let month: CronField
  private let weekday: CronField

  package init(_ text: String) throws(ScheduleError) {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    self.text = words.joined(separator: " ")
    var fields = words
    if let nickname = words.first, nickname.hasPrefix("@") {
      guard words.count == 1 else { throw ScheduleError(text, "nothing follows \(nickname)") }
      guard let meaning = Self.nicknames[nickname.lowercased()] else {
        let known = Self.nicknames.keys.sorted().joined(separator: ", ")
        throw ScheduleError(
          nickname,
          nickname.lowercased() == "@reboot"
            ? "a start of the host is no time that one can wait for" : "it is none of \(known)")
      }
      fields = meaning.split(separator: " ")
    }
    guard fields.count == 5 else {
      throw ScheduleError(
        text,
        "it has \(fields.count) fields, and not the five: minute, hour, day of the month, month, day of the week"
      )
    }
    minute = try CronField(fields[0], .minute)
    hour = try CronField(fields[1], .hour)
    day = try CronField(fields[2], .day)
    month = try CronField(fields[3], .month)
    weekday = try CronField(fields[4], .weekday)
    guard hasDays else { throw ScheduleError(text, "there is no such day") }
  }

  private static let nicknames = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
  ]

  /// cron(8): only jobs that run at a particular time are kept from the changes of the clock, and not those with an
  /// asterisk in the hour or minute.
  private var followsClock: Bool { minute.isStar || hour.isStar }

  /// crontab(5): where both are restricted, one of them is enough; "restricted" is what does not begin with an asterisk.
  private func isMeant(_ date: CivilDate) -> Bool {
    guard month.contains(date.month) else { return false }
    let (fits, fitsWeekday) = (day.contains(date.day), weekday.contains(date.weekday))
    return day.isStar || weekday.isStar ? fits && fitsWeekday : fits || fitsWeekday
  }

  /// February 30 never comes.
  private var hasDays: Bool {
    if !(day.isStar || weekday.isStar) { return true }
    return (1...12).contains { number in
      month.contains(number)
        && (1...CivilDate.days(inMonth: number, of: 2000)).contains { day.contains($0) }
    }
  }

  // MARK: When

  /// The clock is set by less than this where it is set for summer and winter; by more where it was wrong, and then cron
  /// goes by the new time at once.
  private static let longestChange = 3 * 3600

  /// The first second after that one at which cron starts it; nil when there is none within decades.
  ///
  /// It follows the clock of the zone from one setting to the next. What was to run at a particular time that the clock
  /// skips is started when it has skipped it; what would come again because it was set back is not started again.
  package func next(after second: Int, in zone: TimeZone) -> Int? {
    var segment = zone.segment(at: second)
    var from = second + segment.offset + 1
    // 28 years have each day on each weekday, but where a century has no leap day: 40 are enough.
    let last = second + 41 * 366 * 86_400
    if !followsClock, let again = endOfRepeated(segment) { from = max(from, again) }
    while true {
      let end = segment.end == .max ? last + segment.offset : segment.end + segment.offset
      if let local = first(from: from, before: min(end, last + segment.offset)) {
        return local - segment.offset
      }
      guard segment.end < last else { return nil }
      let change = segment.end
      segment = zone.segment(at: change)
      let (before, after) = (change + segment.offsetBefore, change + segment.offset)
      from = after
      guard !followsClock else { continue }
      if after > before, after - before < Self.longestChange,
        first(from: before, before: after) != nil
      {
        return change
      }
      if let again = endOfRepeated(segment) { from = again }
    }
  }

  /// The local second up to which the clock of the segment shows what it has shown before; nil where it was not set back.
  private func endOfRepeated(_ segment: TimeZone.Segment) -> Int? {
    let back = segment.offsetBefore - segment.offset
    guard segment.start != .min, back > 0, back < Self.longestChange else { return nil }
    return segment.start + segment.offsetBefore
  }

  /// The first local second that is meant, from that one on and before the end.
  private func first(from start: Int, before end: Int) -> Int? {
    guard start < end else { return nil }
    var (dayNumber, secondOfDay) = (start.floored(by: 86_400), 0)
    secondOfDay = start - dayNumber * 86_400
    while dayNumber * 86_400 < end {
      let date = CivilDate(daysSince1970: dayNumber)
      guard month.contains(date.month) else {
        dayNumber += CivilDate.days(inMonth: date.month, of: date.year) - date.day + 1
        secondOfDay = 0
        continue
      }
      if isMeant(date), let time = firstTime(from: secondOfDay) {
        let found = dayNumber * 86_400 + time
        return found < end ? found : nil
      }
      dayNumber += 1
      secondOfDay = 0
    }
    return nil
  }

  /// The first second of a day that is meant, from that one on.
  private func firstTime(from second: Int) -> Int? {
    let minutes = (second + 59) / 60
    var hourNumber = minutes / 60
    if hour.contains(hourNumber), let found = minute.first(from: minutes % 60) {
      return hourNumber * 3600 + found * 60
    }
    hourNumber += 1
    guard let nextHour = hour.first(from: hourNumber), let first = minute.first(from: 0) else {
      return nil
    }
    return nextHour * 3600 + first * 60
  }
}
