import Glibc
import TestSupport
import Testing

@testable import Events

/// The calendar against the C library's, in UTC and in zones that are written as POSIX rules, which need no zone files.
/// Each zone is a process of its own, because setenv(3) is not safe beside other threads.
@Suite("A moment on the calendar") struct CivilMomentTests {
  /// What strftime(3) makes of the second, in UTC or in the zone of $TZ.
  private static func expected(_ second: Int, _ format: String, isLocal: Bool) -> String {
    var second = second
    var fields = tm()
    if isLocal { localtime_r(&second, &fields) } else { gmtime_r(&second, &fields) }
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, format, &fields)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Some 8,000 seconds from 1901 to 2120, at every time of the day and on both sides of changes of the clock.
  private static let seconds = stride(from: -2_177_452_800, to: 4_733_510_400, by: 858_037)

  private static func time(_ second: Int) -> WallTime {
    WallTime(microseconds: Int64(second) * 1_000_000)
  }

  @Test func `in UTC is the C library's`() {
    for second in Self.seconds {
      let moment = CivilMoment(utc: Self.time(second))
      for (text, format) in [
        (moment.http, "%a, %d %b %Y %H:%M:%S GMT"), (moment.compact, "%Y%m%dT%H%M%SZ"),
        (moment.mail, "%a, %d %b %Y %H:%M:%S +0000"), (moment.text, "%Y-%m-%d %H:%M:%S"),
      ] {
        let expected = Self.expected(second, format, isLocal: false)
        guard text == expected else {
          Issue.record("\(text) is \(expected)")
          return
        }
      }
    }
  }

  private static func compareLocal(_ zone: String) {
    setenv("TZ", zone, 1)
    tzset()
    for second in seconds {
      let moment = CivilMoment(local: time(second))
      for (text, format) in [
        (moment.mail, "%a, %d %b %Y %H:%M:%S %z"), (moment.text, "%Y-%m-%d %H:%M:%S"),
        (moment.textWithOffset, "%Y-%m-%d %H:%M:%S %z"), (moment.syslog, "%b %e %H:%M:%S"),
      ] {
        let expected = expected(second, format, isLocal: true)
        guard text == expected else {
          Issue.record("\(zone): \(text) is \(expected)")
          return
        }
      }
    }
  }

  @Test func `where clocks are set twice a year is the C library's`() async {
    await #expect(processExitsWith: .success) {
      CivilMomentTests.compareLocal("CET-1CEST,M3.5.0,M10.5.0/3")
    }
  }

  @Test func `west of Greenwich by hours and a half is the C library's`() async {
    await #expect(processExitsWith: .success) {
      CivilMomentTests.compareLocal("NST3:30NDT,M3.2.0,M11.1.0")
    }
  }

  @Test func `without a zone is UTC`() async {
    await #expect(processExitsWith: .success) { CivilMomentTests.compareLocal("") }
  }

  @Test(
    arguments: [
      (-1, "1969-12-31 23:59:59.999"), (0, "1970-01-01 00:00:00.000"),
      (1_795_357_800_815_999, "2026-11-22 14:30:00.815"),
    ] as [(WallTime, String)])
  func `has milliseconds that are cut`(time: WallTime, text: String) {
    #expect(CivilMoment(utc: time).textWithMilliseconds == text)
  }

  @Test(arguments: [Int64.min, .max]) func `at the ends of what there is has a text`(time: Int64) {
    let time = WallTime(microseconds: time)
    #expect(!CivilMoment(utc: time).rfc3339.isEmpty)
    #expect(!CivilMoment(local: time).mail.isEmpty)
  }

  @Test func `has the weekday that follows the day before`() {
    var date = CivilDate(year: 1969, month: 12, day: 31)
    #expect(date.weekday == 3)
    for _ in 0..<400_000 {
      let before = date.previous
      guard (before.weekday + 1) % 7 == date.weekday else {
        Issue.record("\(before) \(before.weekday), \(date) \(date.weekday)")
        return
      }
      date = before
    }
  }
}
