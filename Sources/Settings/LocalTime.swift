internal import Glibc

/// Local time, as $TZ or the host's time zone has it, in microseconds since 1970 UTC.
package enum LocalTime {
  /// The local date at an instant.
  static func date(at microseconds: Int64) -> CivilDate {
    let fields = fields(at: time_t(floorSeconds(microseconds)))
    return CivilDate(
      year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday))
  }

  /// When the clocks on the wall show that date and time; nil when they skip it because they are set
  /// forward. Of a time that comes twice, when they are set back, the first.
  static func instant(of date: CivilDate, at time: CivilTime) -> Int64? {
    seconds(of: date, secondOfDay: time.secondOfDay)
      .map { Int64($0) * 1_000_000 + Int64(time.microsecond) }
  }

  /// The first instant of a day: midnight, or the first time after it in a zone that skips midnight.
  static func start(of date: CivilDate) -> Int64 {
    let seconds = seconds(of: date, secondOfDay: 0) ?? firstInstant(of: date)
    return Int64(seconds) * 1_000_000
  }

  private static func seconds(of date: CivilDate, secondOfDay: Int) -> time_t? {
    // mktime(3) with -1 may give either of two times that look the same, so both kinds are asked for;
    // it moves a time that does not exist, so the answer is compared with the question.
    [-1, 1, 0].compactMap { isDaylightSaving -> time_t? in
      var wanted = tm()
      wanted.tm_year = Int32(date.year - 1900)
      wanted.tm_mon = Int32(date.month - 1)
      wanted.tm_mday = Int32(date.day)
      wanted.tm_hour = Int32(secondOfDay / 3600)
      wanted.tm_min = Int32(secondOfDay / 60 % 60)
      wanted.tm_sec = Int32(secondOfDay % 60)
      wanted.tm_isdst = Int32(isDaylightSaving)
      let asked = wanted
      let result = mktime(&wanted)
      let found = fields(at: result)
      let isSame =
        found.tm_year == asked.tm_year && found.tm_mon == asked.tm_mon
        && found.tm_mday == asked.tm_mday && found.tm_hour == asked.tm_hour
        && found.tm_min == asked.tm_min && found.tm_sec == asked.tm_sec
      return isSame ? result : nil
    }.min()
  }

  /// The first second whose local date is not before `date`, found by halving. Offsets from UTC lie
  /// between -12 and +14 hours.
  private static func firstInstant(of date: CivilDate) -> time_t {
    let day = date.daysSince1970
    var before = day * 86_400 - 16 * 3600
    var after = day * 86_400 + 16 * 3600
    while after - before > 1 {
      let middle = before + (after - before) / 2
      if self.date(at: Int64(middle) * 1_000_000).daysSince1970 < day {
        before = middle
      } else {
        after = middle
      }
    }
    return after
  }

  /// The local time by a format of strftime(3), with the C locale's names.
  package static func text(_ microseconds: Int64, _ format: String) -> String {
    var fields = fields(at: time_t(floorSeconds(microseconds)))
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let count = strftime(start, buffer.count, format, &fields)
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  private static func fields(at seconds: time_t) -> tm {
    var seconds = seconds
    var fields = tm()
    localtime_r(&seconds, &fields)
    return fields
  }

  private static func floorSeconds(_ microseconds: Int64) -> Int64 {
    microseconds >= 0 ? microseconds / 1_000_000 : (microseconds + 1) / 1_000_000 - 1
  }
}
