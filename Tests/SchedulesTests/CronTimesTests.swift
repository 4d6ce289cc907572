import Events
import Schedules
import TestSupport
import Testing

/// When a line of a crontab is run, as crontab(5) and cron(8) say.
@Suite struct `cron runs` {
  @Test(arguments: [
    // The examples of crontab(5).
    ("5 0 * * *", "2026-11-22 00:05", "2026-11-23 00:05"),
    ("15 14 1 * *", "2026-11-22 00:00", "2026-12-01 14:15"),
    ("0 22 * * 1-5", "2026-11-20 22:00", "2026-11-23 22:00"),
    ("23 0-23/2 * * *", "2026-11-22 00:23", "2026-11-22 02:23"),
    ("23 0-23/2 * * *", "2026-11-22 22:23", "2026-11-23 00:23"),
    ("5 4 * * sun", "2026-11-22 04:04", "2026-11-22 04:05"),
    ("0 4 8-14 * *", "2026-11-14 04:00", "2026-12-08 04:00"),
    // Both days restricted: one of them is enough.
    ("30 4 1,15 * 5", "2026-11-22 00:00", "2026-11-27 04:30"),
    ("30 4 1,15 * 5", "2026-11-27 04:30", "2026-12-01 04:30"),
    // What begins with an asterisk is not restricted, so both have to fit.
    ("0 0 */2 * mon", "2026-11-22 00:00", "2026-11-23 00:00"),
    ("0 0 1 * */2", "2026-11-22 00:00", "2026-12-01 00:00"),
    ("0 0 1 * */3", "2026-11-22 00:00", "2027-05-01 00:00"),
    // Minutes.
    ("* * * * *", "2026-11-22 23:59", "2026-11-23 00:00"),
    ("*/10 * * * *", "2026-11-22 23:51", "2026-11-23 00:00"),
    ("1-59/10 * * * *", "2026-11-22 23:51", "2026-11-23 00:01"),
    ("0,30 8-10,20 * * *", "2026-11-22 10:30", "2026-11-22 20:00"),
    // Names, and 7.
    ("0 0 * JAN,jul *", "2026-11-22 00:00", "2027-01-01 00:00"),
    ("0 0 * * 7", "2026-11-22 00:00", "2026-11-29 00:00"),
    ("0 0 * * fri-7", "2026-11-22 00:00", "2026-11-27 00:00"),
    ("0 0 * * Sat-Sun", "2026-11-22 00:00", "2026-11-28 00:00"),
    ("0 0 * * 5-7", "2026-11-21 00:00", "2026-11-22 00:00"),
    // Nicknames.
    ("@yearly", "2026-11-22 00:00", "2027-01-01 00:00"),
    ("@annually", "2026-11-22 00:00", "2027-01-01 00:00"),
    ("@monthly", "2026-11-22 00:00", "2026-12-01 00:00"),
    ("@weekly", "2026-11-22 00:00", "2026-11-29 00:00"),
    ("@daily", "2026-11-22 00:00", "2026-11-23 00:00"),
    ("@midnight", "2026-11-22 00:00", "2026-11-23 00:00"),
    ("@hourly", "2026-11-22 00:00", "2026-11-22 01:00"),
    // Seldom.
    ("0 12 29 2 *", "2026-11-22 00:00", "2028-02-29 12:00"),
    ("0 0 31 * *", "2026-11-01 00:00", "2026-12-31 00:00"),
    ("0 0 29 2 */7", "2026-11-22 00:00", "2032-02-29 00:00"),
  ])
  func `next`(text: String, after: String, next: String) throws {
    try expect(self.next(text, after: after, in: .utc), is: next)
  }

  @Test(arguments: [
    // A particular time that the clock skips: soon after the change.
    ("30 2 * * *", "2026-03-28 02:30 +0100", "2026-03-29 03:00 +0200"),
    ("30 2 * * *", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"),
    ("0,30 2 * * *", "2026-03-29 01:59 +0100", "2026-03-29 03:00 +0200"),
    ("0 3 * * *", "2026-03-29 01:59 +0100", "2026-03-29 03:00 +0200"),
    ("0 3 * * *", "2026-03-29 03:00 +0200", "2026-03-30 03:00 +0200"),
    // An asterisk in the hour or the minute: by the new time at once.
    ("30 * * * *", "2026-03-29 01:30 +0100", "2026-03-29 03:30 +0200"),
    ("@hourly", "2026-03-29 01:00 +0100", "2026-03-29 03:00 +0200"),
    ("* 2 * * *", "2026-03-28 02:59 +0100", "2026-03-30 02:00 +0200"),
    ("*/20 2 * * *", "2026-03-28 02:40 +0100", "2026-03-30 02:00 +0200"),
    // A particular time that comes twice: the first of them.
    ("30 2 * * *", "2026-10-24 02:30 +0200", "2026-10-25 02:30 +0200"),
    ("30 2 * * *", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"),
    ("30 2 * * *", "2026-10-25 02:10 +0100", "2026-10-26 02:30 +0100"),
    ("0 3 * * *", "2026-10-25 02:59 +0200", "2026-10-25 03:00 +0100"),
    // An asterisk: both.
    ("30 * * * *", "2026-10-25 02:30 +0200", "2026-10-25 02:30 +0100"),
    ("30 * * * *", "2026-10-25 02:30 +0100", "2026-10-25 03:30 +0100"),
    ("* * * * *", "2026-10-25 02:59 +0200", "2026-10-25 02:00 +0100"),
  ])
  func `over a change of the clock`(text: String, after: String, next: String) throws {
    let berlin = try #require(TimeZone.named("Europe/Berlin"))
    try expect(self.next(text, after: after, in: berlin), is: next)
  }

  @Test(arguments: [
    // Half an hour, on an island.
    ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03 02:15 +1030", "2026-10-04 02:30 +1100"),
    // At midnight.
    ("America/Havana", "30 0 * * *", "2026-03-07 00:30 -0500", "2026-03-08 01:00 -0400"),
    ("Asia/Kathmandu", "0 0 * * *", "2026-11-22 00:00 +0545", "2026-11-23 00:00 +0545"),
    // A whole day: that is another time, and no setting for summer.
    ("Pacific/Apia", "0 12 30 12 *", "2011-12-29 12:00 -1000", "2012-12-30 12:00 +1400"),
    ("America/New_York", "30 1 * * *", "2060-11-07 01:30 -0400", "2060-11-08 01:30 -0500"),
  ])
  func `in a zone`(zone: String, text: String, after: String, next: String) throws {
    let zone = try #require(TimeZone.named(zone))
    try expect(self.next(text, after: after, in: zone), is: next)
  }

  /// What the clock shows, in the order of a crontab's fields.
  typealias Shown = (minute: Int, hour: Int, day: Int, month: Int, weekday: Int)

  /// Times, whether they follow the clock, and what they mean, said otherwise.
  static let meanings: [String: (isWild: Bool, isMeant: @Sendable (Shown) -> Bool)] = [
    "30 2 * * *": (false, { $0.minute == 30 && $0.hour == 2 }),
    "*/30 * * * *": (true, { $0.minute.isMultiple(of: 30) }),
    "0 1-3 * * *": (false, { $0.minute == 0 && (1...3).contains($0.hour) }),
    "17 */2 * * 0": (true, { $0.minute == 17 && $0.hour.isMultiple(of: 2) && $0.weekday == 0 }),
    "5 2 29 3 *": (false, { $0.minute == 5 && $0.hour == 2 && $0.day == 29 && $0.month == 3 }),
    "* 2 * * *": (true, { $0.hour == 2 }),
  ]

  /// What cron does minute by minute, around both changes of a year, against what is reckoned.
  @Test(arguments: meanings.keys.sorted())
  func `just when a clock that is watched shows it`(text: String) throws {
    let berlin = try #require(TimeZone.named("Europe/Berlin"))
    let meaning = try #require(Self.meanings[text])
    let schedule = try CronSchedule(text)
    // From Friday to Tuesday.
    for start in [1_774_569_600, 1_792_713_600] {
      let end = start + 4 * 86_400
      var reckoned: [Int] = []
      while let next = schedule.next(after: reckoned.last ?? start, in: berlin), next < end {
        reckoned.append(next)
      }
      var watched: [Int] = []
      var seen = Set<Int>()
      for minute in stride(from: start + 60, to: end, by: 60) {
        let local = minute + berlin.offset(at: minute)
        let before = minute - 60 + berlin.offset(at: minute - 60)
        // What the clock has skipped is made good, unless it is meant to follow the clock.
        let first = !meaning.isWild && local > before + 60 ? before + 60 : local
        let isDue = stride(from: first, through: local, by: 60).contains { second in
          (meaning.isWild || !seen.contains(second)) && meaning.isMeant(Self.shown(second))
        }
        seen.insert(local)
        if isDue { watched.append(minute) }
      }
      #expect(reckoned == watched)
    }
  }

  private static func shown(_ local: Int) -> Shown {
    let moment = CivilMoment(utc: WallTime(microseconds: Int64(local) * 1_000_000))
    let date = moment.date
    return (moment.time.minute, moment.time.hour, date.day, date.month, date.weekday)
  }

  private func next(_ text: String, after: String, in zone: TimeZone) throws -> String {
    let after = try #require(Self.seconds(after), "\(after)")
    let schedule = Schedule.cron(try CronSchedule(text))
    let next = try #require(
      schedule.next(after: WallTime(microseconds: Int64(after) * 1_000_000), in: zone))
    return Self.text(Int(next.microseconds / 1_000_000), in: zone)
  }

  /// `2026-11-22 00:05`, with ` +0100` where the zone is not UTC.
  static func seconds(_ text: String) -> Int? {
    let numbers = text.split { "- :+".contains($0) }.compactMap { Int($0) }
    guard numbers.count >= 5 else { return nil }
    let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])
    let local = date.daysSince1970 * 86_400 + numbers[3] * 3600 + numbers[4] * 60
    guard numbers.count == 6 else { return local }
    let offset = numbers[5] / 100 * 3600 + numbers[5] % 100 * 60
    return text.contains(" -") ? local + offset : local - offset
  }

  static func text(_ second: Int, in zone: TimeZone) -> String {
    let offset = zone.offset(at: second)
    let moment = CivilMoment(utc: WallTime(microseconds: Int64(second + offset) * 1_000_000))
    guard zone != .utc else { return String(moment.text.dropLast(3)) }
    let minutes = abs(offset) / 60
    let digits = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
    return "\(moment.text.dropLast(3)) \(offset < 0 ? "-" : "+")\(digits)"
  }
}

@Suite struct `The last time that something was due` {
  @Test(arguments: [
    "* * * * *", "0 3 * * *", "30 2 * * *", "* 3 * * *", "0 0 1 1 *", "0 0 29 2 *", "*/7 5 * * 1",
  ])
  func `is the one before the next`(text: String) throws {
    let berlin = try #require(TimeZone.named("Europe/Berlin"))
    let schedule = Schedule.cron(try CronSchedule(text))
    var generator = SeededGenerator(for: text)
    for _ in 0..<40 {
      let time = WallTime(microseconds: Int64(generator.below(1_000_000_000)) * 2_000_000)
      let last = try #require(schedule.last(upTo: time, in: berlin))
      #expect(last <= time)
      #expect(schedule.last(upTo: last, in: berlin) == last)
      let next = try #require(schedule.next(after: last, in: berlin))
      #expect(next > time)
    }
  }
}

@Suite struct `No time of a crontab is` {
  @Test(arguments: [
    "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
    "* * * 13 * ", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "*/ * * * *", "5/2 * * * *",
    "1,,2 * * * *", "a * * * *", "1-2-3 * * * *", "* * * foo *", "-1 * * * *", "0~59 * * * *",
    "0 0 30 2 *", "0 0 31 4,6 *", "@dail", "@daily *", "@reboot", "٣ * * * *",
    "1 2 3 4 99999999999999999999",
  ])
  func `one`(text: String) {
    #expect(throws: ScheduleError.self) { try CronSchedule(text) }
  }

  @Test func `without a reason that names the part`() throws {
    let error = #expect(throws: ScheduleError.self) { try CronSchedule("0 24 * * *") }
    #expect(error?.description == "\"24\": hour: from 0 to 23")
  }
}
