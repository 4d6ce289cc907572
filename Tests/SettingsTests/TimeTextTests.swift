internal import Events
import Glibc
import TestSupport
import Testing

@testable import Settings

/// 2026-11-22T14:30:00Z
private let reference: WallTime = 1_795_357_800_000_000

@Suite("Times that name their zone")
struct TimeTextTests {
  @Test(
    arguments: [
      ("2026-11-22T14:30:00Z", reference),
      ("2026-11-22t14:30:00z", reference),
      ("2026-11-22 14:30:00Z", reference),
      ("2026-11-22T14:30Z", reference),
      ("2026-11-22T16:30:00+02:00", reference),
      ("2026-11-22T16:30+0200", reference),
      ("2026-11-22T16:30+02", reference),
      ("2026-11-22T05:00:00-09:30", reference),
      ("2026-11-23T00:15:00+09:45", reference),
      ("2026-11-22T14:30:00.25Z", reference + 250_000),
      ("2026-11-22T14:30:00,000001Z", reference + 1),
      ("2026-11-22T14:30:00.123456789Z", reference + 123_456),
      ("1970-01-01T00:00:00Z", 0),
      ("1969-12-31T23:59:59.5Z", -500_000),
      ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
      ("2000-02-29T00:00:00Z", 951_782_400_000_000),
      ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
      ("now", 42_000_000),
      ("2s ago", 40_000_000),
      ("90 ago", -48_000_000),
      ("PT1S ago", 41_000_000),
      ("10 seconds ago", 32_000_000), ("1 minute ago", -18_000_000), ("2s", 40_000_000),
      ("-2s", 40_000_000),
      ("PT1S", 41_000_000), ("@1795357800", reference), ("@0.5", 500_000),
    ] as [(String, WallTime)])
  func `are read in every accepted form`(text: String, time: WallTime) throws {
    try expect(TimeText.time(text, now: 42_000_000), is: time)
  }

  @Test(arguments: [
    ("", "it is empty"),
    ("tomorrow", "it is not a time"),
    ("Now", "it is not a time"),
    ("20261122", "it is not a time"),
    ("14", "a time of day looks like 14:30 or 14:30:05"),
    ("14.30", "a time of day looks like 14:30 or 14:30:05"),
    ("last", "it is not a time"), ("last day", "it is not a time"),
    ("next monday", "it is not a time"),
    ("@", "a number of seconds since 1970 is expected instead of the end"),
    ("@-5", "a number of seconds since 1970 is expected instead of \"-5\""),
    ("@1x", "\"x\" is too much at the end"),
    ("@99999999999999", "it is longer than 292,271 years"),
    ("-", "it is not a time"), ("-5x", "there is no unit \"x\""),
    ("--failed", "it is not a time"),
    ("1:30", "a time of day looks like 14:30 or 14:30:05"),
    ("25:00", "hours go from 00 to 23"),
    ("24:00", "hours go from 00 to 23"),
    ("14:60", "minutes go from 00 to 59"),
    ("14:30:60", "seconds go from 00 to 59"),
    ("14:30:5", "seconds have two digits"),
    ("14:30:05.", "a digit is expected after the decimal point"),
    ("14:30Z", "\"Z\" is too much at the end"),
    ("2026", "a date looks like 2026-11-22"),
    ("2026-1-2", "a date looks like 2026-11-22"),
    ("2026-13-01", "months go from 01 to 12"),
    ("2026-00-01", "months go from 01 to 12"),
    ("2026-02-30", "days of that month go from 01 to 28"),
    ("2024-02-30", "days of that month go from 01 to 29"),
    ("2100-02-29", "days of that month go from 01 to 28"),
    ("2026-04-31", "days of that month go from 01 to 30"),
    ("2026-11-00", "days of that month go from 01 to 30"),
    ("2026-11-22Z", "a T or a blank must follow the date"),
    ("2026-11-22T", "a time of day looks like 14:30 or 14:30:05"),
    ("2026-11-22T25:00", "hours go from 00 to 23"),
    ("2026-11-22T14:30:00+2", "an offset from UTC looks like +02:00"),
    ("2026-11-22T14:30:00+02:0", "an offset from UTC looks like +02:00"),
    ("2026-11-22T14:30:00+24:00", "an offset from UTC is at most 23:59"),
    ("2026-11-22T14:30:00Z!", "\"!\" is too much at the end"),
    ("2026-11-22T14:30:00Z ", "\" \" is too much at the end"),
    (" ago", "it is empty"),
    ("2x ago", "there is no unit \"x\""),
    ("-2h ago", "a duration is not negative"),
  ])
  func `are refused with the reason`(text: String, reason: String) {
    let error = #expect(throws: SettingError.self) { try TimeText.time(text, now: 0) }
    #expect(error?.text == text)
    #expect(error?.reason == reason)
    #expect(error?.remedy.hasPrefix("accepted: ") == true)
  }

  @Test func `long before a clock that stands before 1970 do not overflow`() throws {
    try expect(
      TimeText.time("9223372036854775807us ago", now: -5), is: WallTime(microseconds: -.max))
  }

  @Test func `know every day of 800 years`() {
    var date = CivilDate(year: 2400, month: 12, day: 31)
    var count = date.daysSince1970
    while date.year > 1600 {
      date = date.previous
      count -= 1
      guard date.daysSince1970 == count else {
        Issue.record("\(date) is day \(date.daysSince1970), not \(count)")
        return
      }
    }
    #expect(CivilDate(year: 1970, month: 1, day: 1).daysSince1970 == 0)
    #expect(CivilDate(year: 1600, month: 12, day: 31).daysSince1970 == count)
  }
}

/// Each test sets TZ in a process of its own, because setenv(3) is not safe beside other threads. The
/// zones are written as POSIX rules, which need no zone files.
@Suite("Local times")
struct LocalTimeTextTests {
  @Test func `follow the zone's offset at that time, in summer and winter`() async {
    await #expect(processExitsWith: .success) {
      setZone("CET-1CEST,M3.5.0,M10.5.0/3")
      let now = at("2026-11-22T14:30:00Z")
      for (text, same) in [
        ("2026-11-22T15:30:00", "2026-11-22T14:30:00Z"),
        ("2026-07-01 15:30", "2026-07-01T13:30:00Z"),
        ("2026-07-01T15:30:00.5", "2026-07-01T13:30:00.5Z"),
        ("2026-11-22", "2026-11-21T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("14:30", "2026-11-22T13:30:00Z"),
        ("14:30:05", "2026-11-22T13:30:05Z"),
        ("00:00", "2026-11-21T23:00:00Z"),
        ("today", "2026-11-21T23:00:00Z"),
        ("yesterday", "2026-11-20T23:00:00Z"),
        // The day the clocks are set forward has 23 hours.
        ("2026-03-29", "2026-03-28T23:00:00Z"),
        ("2026-03-30", "2026-03-29T22:00:00Z"),
        ("2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29 03:00", "2026-03-29T01:00:00Z"),
        // Set back: the hour from 2 to 3 comes twice, and the first is meant.
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
        ("1969-12-31 12:00", "1969-12-31T11:00:00Z"),
        // It is a Sunday.
        ("sunday", "2026-11-21T23:00:00Z"), ("last sunday", "2026-11-14T23:00:00Z"),
        ("monday", "2026-11-15T23:00:00Z"), ("last mon", "2026-11-15T23:00:00Z"),
        ("saturday", "2026-11-20T23:00:00Z"),
      ] {
        #expect(at(text, now: now) == at(same), "\(text)")
      }
    }
  }

  @Test func `take the day before from the calendar, not from 24 hours`() async {
    await #expect(processExitsWith: .success) {
      setZone("CET-1CEST,M3.5.0,M10.5.0/3")
      // 00:30 on the day after the day of 25 hours, and after the one of 23.
      #expect(at("yesterday", now: at("2026-10-25T23:30:00Z")) == at("2026-10-24T22:00:00Z"))
      #expect(at("yesterday", now: at("2026-03-29T22:30:00Z")) == at("2026-03-28T23:00:00Z"))
      #expect(at("yesterday", now: at("2026-12-31T23:30:00Z")) == at("2026-12-30T23:00:00Z"))
      #expect(at("yesterday", now: at("2024-03-01T12:00:00Z")) == at("2024-02-28T23:00:00Z"))
    }
  }

  /// Clocks set forward and back, in zones that do it differently: what is asked for, and when it is.
  private static let changes: [(zone: String, text: String, instant: String)] = [
    // Forward at 2, back at 3.
    ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
    ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-03-29 02:59:59.999999", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
    ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"),
    ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"),
    ("America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"),
    // Half an hour.
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"),
    ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30:00Z"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"),
    ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04T15:30:00Z"),
    // Back for Ramadan, and forward after it.
    ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15T01:30:00Z"),
    ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22T02:00:00Z"),
    ("Africa/Casablanca", "2026-03-22 03:00", "2026-03-22T02:00:00Z"),
    // No 30th of December.
    ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30T09:59:00Z"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00Z"),
    // Set back without summer time.
    ("Europe/Moscow", "2014-10-26 01:30", "2014-10-25T21:30:00Z"),
    ("Europe/Moscow", "2014-10-26 02:00", "2014-10-25T23:00:00Z"),
  ]

  @Test(
    .enabled(if: access("/usr/share/zoneinfo/Pacific/Apia", R_OK) == 0, "no time zone database"))
  func `that clocks skip are the first moment after, and of those that come twice the first`() async
  {
    await #expect(processExitsWith: .success) {
      for (zone, text, instant) in LocalTimeTextTests.changes {
        setZone(zone)
        #expect(at(text) == at(instant), "\(zone) \(text)")
      }
    }
  }

  @Test func `of a day on which clocks skip them are upcoming until the moment after`() async {
    await #expect(processExitsWith: .success) {
      setZone("CET-1CEST,M3.5.0,M10.5.0/3")
      for (now, instant) in [
        ("2026-03-29T00:10:00Z", "2026-03-29T01:00:00Z"),
        ("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-03-29T01:01:00Z", "2026-03-30T00:30:00Z"),
        ("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        // Between the two.
        ("2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z"),
      ] {
        let now = at(now) ?? 0
        #expect((try? TimeText.upcoming("02:30", now: now)) == at(instant))
      }
    }
  }

  @Test func `begin a day at its first instant where clocks skip midnight`() async {
    await #expect(processExitsWith: .success) {
      // Cairo sets the clocks forward at midnight and back at the end of the day.
      setZone("EET-2EEST,M4.5.5/0,M10.5.4/24")
      #expect(at("2026-04-24") == at("2026-04-24T01:00:00+03:00"))
      #expect(at("today", now: at("2026-04-24T12:00:00Z")) == at("2026-04-23T22:00:00Z"))
      #expect(at("2026-04-24T00:30") == at("2026-04-24T01:00:00+03:00"))
      #expect(at("2026-10-30") == at("2026-10-29T22:00:00Z"))
    }
  }

  @Test func `are right at the ends of the world`() async {
    await #expect(processExitsWith: .success) {
      setZone("<+14>-14")
      #expect(at("2026-11-22") == at("2026-11-21T10:00:00Z"))
      setZone("<-12>12")
      #expect(at("2026-11-22") == at("2026-11-22T12:00:00Z"))
    }
  }
}

private func setZone(_ rule: String) {
  setenv("TZ", rule, 1)
  tzset()
}

/// The instant, or a failed expectation and nil.
private func at(_ text: String, now: WallTime? = nil) -> WallTime? {
  do {
    return try TimeText.time(text, now: now ?? 0)
  } catch {
    Issue.record("\(error)")
    return nil
  }
}

@Suite("Times to come")
struct FutureTimeTests {
  @Test(
    arguments: [
      ("2026-11-22T14:30:00Z", reference), ("2h", 7_200_000_042), ("90", 90_000_042),
      ("PT1S", 1_000_042), ("200000w", 120_960_000_000_000_042),
      ("15000000w", 9_072_000_000_000_000_042),
    ] as [(String, WallTime)])
  func `are times, or durations from now`(text: String, time: WallTime) throws {
    try expect(TimeText.future(text, now: 42), is: time)
  }

  @Test(arguments: ["now", "2h ago", "0", "1969-12-31", "today", ""])
  func `are refused when they are past or none`(text: String) {
    #expect(throws: SettingError.self) { try TimeText.future(text, now: 1_795_357_800_000_000) }
  }

  @Test func `are never when no clock gets there`() throws {
    try expect(TimeText.future("15250000w", now: reference), is: WallTime(microseconds: .max))
  }

  @Test(arguments: ["monday", "mon", "next monday"])
  func `a weekday is the next one's beginning, and never today's`(text: String) async {
    for (now, days) in [("2026-11-22T14:30", 1), ("2026-11-23T00:00", 7), ("2026-11-28T23:59", 2)] {
      let now = at(now) ?? 0
      let time = try? TimeText.future(text, now: now)
      #expect(time == at("today", now: now).map { $0 + Int64(days) * 86_400_000_000 })
    }
  }

  @Test(
    arguments: [
      ("now", 0), ("1s ago", -1_000_000), ("59s ago", -59_000_000), ("2h", 7_200_000_000),
    ] as [(String, Int64)])
  func `who is a moment late for one that is upcoming is in time`(text: String, after: Int64) throws
  {
    try expect(TimeText.upcoming(text, now: reference), is: reference + after)
  }

  @Test(arguments: ["2001-01-01", "yesterday", "2h ago", "last monday", "@0"])
  func `what is long past is not upcoming`(text: String) {
    let error = #expect(throws: SettingError.self) { try TimeText.upcoming(text, now: reference) }
    #expect(error?.reason == "that is past")
  }

  @Test func `tomorrow is the next local midnight`() throws {
    let today = try TimeText.time("today", now: reference)
    let tomorrow = try TimeText.future("tomorrow", now: reference)
    try expect(TimeText.time("yesterday", now: tomorrow), is: today)
    try expect(TimeText.time("today", now: tomorrow), is: tomorrow)
  }

  @Test func `the day after is in the calendar`() {
    var date = CivilDate(year: 1999, month: 12, day: 30)
    for day in 0..<1000 {
      #expect(date.next.daysSince1970 == date.daysSince1970 + 1, "\(day)")
      #expect(date.next.previous == date)
      date = date.next
    }
  }
}
