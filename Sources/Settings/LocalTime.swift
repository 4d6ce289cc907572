package import Events
internal import Glibc

/// Local time, as $TZ or the host's time zone has it.
package enum LocalTime {
  /// The local date at an instant.
  static func date(at time: WallTime) -> CivilDate {
    let fields = fields(at: time_t(floorSeconds(time)))
    return CivilDate(
      year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday))
  }

  /// Returns when the clocks on the wall show that date and time first. Where they skip it because they are set
  /// forward, the first moment after that: then cron runs what it was to run in the hour that is missing.
  static func instant(of date: CivilDate, at time: CivilTime) -> WallTime {
    let seconds = date.daysSince1970 * 86_400 + time.secondOfDay
    // What is skipped is skipped with its fractions.
    guard let shown = first(showing: seconds) else {
      return instant(end(ofGapWith: seconds))
    }
    return instant(shown) + Int64(time.microsecond)
  }

  /// The first instant of a day: midnight, or the first time after it in a zone that skips midnight.
  static func start(of date: CivilDate) -> WallTime {
    let seconds = date.daysSince1970 * 86_400
    return instant(first(showing: seconds) ?? end(ofGapWith: seconds))
  }

  private static func instant(_ seconds: Int) -> WallTime {
    WallTime(microseconds: Int64(seconds) * 1_000_000)
  }

  /// The first second at which clocks show this one, counted as if they showed UTC; nil when they skip it.
  ///
  /// It is found with the offsets of the day before and the day after, since clocks are not set twice within two days.
  /// (mktime(3) gives either of two times that look the same, and tells them apart by summer time alone.)
  private static func first(showing seconds: Int) -> Int? {
    [seconds - 86_400, seconds + 86_400].map { seconds - fields(at: $0).tm_gmtoff }
      .filter { $0 + fields(at: $0).tm_gmtoff == seconds }.min()
  }

  /// The first second at which clocks show a later one than this, which they skip; found by halving. Offsets from UTC
  /// lie between -12 and +14 hours, and a whole day may be skipped.
  private static func end(ofGapWith seconds: Int) -> Int {
    var before = seconds - 40 * 3600
    var after = seconds + 40 * 3600
    while after - before > 1 {
      let middle = before + (after - before) / 2
      if middle + fields(at: middle).tm_gmtoff < seconds { before = middle } else { after = middle }
    }
    return after
  }

  /// The local time by a format of strftime(3), with the C locale's names.
  package static func text(_ time: WallTime, _ format: String) -> String {
    var fields = fields(at: time_t(floorSeconds(time)))
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

  private static func floorSeconds(_ time: WallTime) -> Int64 {
    let microseconds = time.microseconds
    return microseconds >= 0 ? microseconds / 1_000_000 : (microseconds + 1) / 1_000_000 - 1
  }
}
