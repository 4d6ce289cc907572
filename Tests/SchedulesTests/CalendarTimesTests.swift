import Events
import Schedules
import TestSupport
import Testing

/// Calendar events of systemd.time(7), with the times that its test-calendarspec.c has for them.
@Suite struct `systemd elapses` {
  @Test(
    arguments: [
      ("2016-03-27 03:17:00", "UTC", 12345, 1_459_048_620_000_000),
      ("2016-03-27 03:17:00", "CET", 12345, 1_459_041_420_000_000),
      ("2016-03-27 03:17:00 UTC", "CET", 12345, 1_459_048_620_000_000),
      ("2016-03-27 03:17:00.420000001 UTC", "EET", 12345, 1_459_048_620_420_000),
      ("2016-03-27 03:17:00.4200005 UTC", "EET", 12345, 1_459_048_620_420_001),
      ("2015-11-13 09:11:23.42", "EET", 12345, 1_447_398_683_420_000),
      ("2015-11-13 09:11:23.42/1.77", "EET", 1_447_398_683_420_000, 1_447_398_685_190_000),
      ("2015-11-13 09:11:23.42/1.77", "EET", 1_447_398_683_419_999, 1_447_398_683_420_000),
      ("Sun 16:00:00", "CET", 1_456_041_600_123_456, 1_456_066_800_000_000),
      ("2016-02~01 UTC", "UTC", 12345, 1_456_704_000_000_000),
      ("Mon 2017-05~01..07 UTC", "UTC", 12345, 1_496_016_000_000_000),
      ("Mon 2017-05~07/1 UTC", "UTC", 12345, 1_496_016_000_000_000),
      // What the clock skips is no time: not on March 28, a week later.
      ("Sun *-*-* 01:00:00 Europe/Dublin", "UTC", 1_616_412_478_000_000, 1_617_494_400_000_000),
    ] as [(String, String, Int64, Int64)])
  func `at`(text: String, zone: String, after: Int64, next: Int64) throws {
    let zone = try #require(TimeZone.named(zone))
    let schedule = Schedule.calendar(try CalendarSchedule(text))
    #expect(schedule.next(after: WallTime(microseconds: after), in: zone)?.microseconds == next)
  }

  @Test(arguments: [
    // In Helsinki the clock is set from 03:00 to 04:00.
    ("2016-03-27 03:17:00", "EET"), ("*-04-31", "UTC"), ("2015-*-*", "UTC"),
  ])
  func `never`(text: String, zone: String) throws {
    let zone = try #require(TimeZone.named(zone))
    let schedule = try CalendarSchedule(text)
    let after = WallTime(microseconds: text.hasPrefix("2015") ? 1_500_000_000_000_000 : 12345)
    #expect(schedule.next(after: after, in: zone) == nil)
  }

  /// A text, and the form that systemd-analyze calendar shows of it.
  @Test(arguments: [
    ("Sat,Thu,Mon-Wed,Sat-Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"),
    ("Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"),
    ("Mon,Sun 28-*-* 2,1:23", "Mon,Sun 2028-*-* 01,02:23:00"),
    ("Wed *-1", "Wed *-*-01 00:00:00"), ("Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"),
    ("Wed, 17:48", "Wed *-*-* 17:48:00"),
    ("Wed..Sat,Tue 28-10-18 1:2:3", "Tue..Sat 2028-10-18 01:02:03"),
    ("*-*-7 0:0:0", "*-*-07 00:00:00"), ("10-15", "*-10-15 00:00:00"),
    ("monday *-12-* 17:00", "Mon *-12-* 17:00:00"),
    ("Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"),
    ("12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"),
    ("12..14:10,20,30", "*-*-* 12,13,14:10,20,30:00"),
    ("mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01,03,05,07,09,11-01,03 *:30:45"),
    ("03-05 08:05:40", "*-03-05 08:05:40"), ("08:05:40", "*-*-* 08:05:40"),
    ("05:40", "*-*-* 05:40:00"), ("Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"),
    ("2033-03-05 05:40", "2033-03-05 05:40:00"), ("2033-03-05", "2033-03-05 00:00:00"),
    ("minutely", "*-*-* *:*:00"), ("hourly", "*-*-* *:00:00"), ("daily", "*-*-* 00:00:00"),
    ("weekly", "Mon *-*-* 00:00:00"), ("monthly", "*-*-01 00:00:00"),
    ("quarterly", "*-01,04,07,10-01 00:00:00"), ("semiannually", "*-01,07-01 00:00:00"),
    ("yearly", "*-01-01 00:00:00"), ("annually", "*-01-01 00:00:00"),
    ("*:2/3", "*-*-* *:02/3:00"), ("*:0/15", "*-*-* *:00,15,30,45:00"),
    ("2035-10-25 01:00:00 uTc", "2035-10-25 01:00:00 UTC"),
    ("9..11,13:00,30", "*-*-* 09,10,11,13:00,30:00"),
    ("1..3-1..3 1..3:1..3", "*-01,02,03-01,02,03 01,02,03:01,02,03:00"),
    ("00:00:1.125..2.125", "*-*-* 00:00:01.125000,02.125000"),
    ("00:00:1.0..3.8", "*-*-* 00:00:01,02,03"), ("*-*~1 Utc", "*-*~01 00:00:00 UTC"),
    ("*-*~05,3 ", "*-*~03,05 00:00:00"), ("*-*~* 00:00:00", "*-*-* 00:00:00"),
    ("Monday", "Mon *-*-* 00:00:00"), ("*-*-*", "*-*-* 00:00:00"),
    ("Mon..Fri 2003..2040-*-1..5 3:00", "Mon..Fri *-*-01,02,03,04,05 03:00:00"),
    ("*-02~03", "*-02~3 0:00"), ("Fri..Mon", "Sat,Sun,Fri,Mon *-*-*"),
  ])
  func `alike`(text: String, form: String) throws {
    let zone = try #require(TimeZone.named("Europe/Berlin"))
    try expect(Self.times(text, zone), is: Self.times(form, zone))
  }

  private static func times(_ text: String, _ zone: TimeZone) throws -> [WallTime] {
    let schedule = Schedule.calendar(try CalendarSchedule(text))
    var times: [WallTime] = []
    var at = WallTime(microseconds: 1_795_000_000_000_000)
    while times.count < 60, let next = schedule.next(after: at, in: zone) {
      times.append(next)
      at = next
    }
    return times
  }

  @Test(arguments: [
    "test", " utc", "    ", "", "7", "121212:1:2", "2000-03-05.23 00:00:00",
    "2000-03-05 00:00.1:00", "00:00:00/0.00000001", "00:00:00.0..00.9", "2016~11-22", "*-*~5/5",
    "Mon Tue 12:00", "12:00 Nowhere/Never", "25:00", "12:60", "*-13-01", "*-*-0", "Mon..Foo",
    "12:00 12:00", "*-*-*-1 0:0",
  ])
  func `at no time that is none`(text: String) {
    #expect(throws: ScheduleError.self) { try CalendarSchedule(text) }
  }
}
