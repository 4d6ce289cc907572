internal import Glibc

/// Local time, as $TZ or the host's time zone has it.
package enum LocalTime {
  /// The local date at an instant.
  package static func date(at time: WallTime) -> CivilDate { CivilMoment(local: time).date }

  /// Returns when the clocks on the wall show that date and time first. Where they skip it because they are set
  /// forward, the first moment after that: then cron runs what it was to run in the hour that is missing.
  package static func instant(of date: CivilDate, at time: CivilTime) -> WallTime {
    let seconds = date.daysSince1970 * 86_400 + time.secondOfDay
    // What is skipped is skipped with its fractions.
    guard let shown = first(showing: seconds) else {
      return instant(end(ofGapWith: seconds))
    }
    return instant(shown) + Int64(time.microsecond)
  }

  /// The first instant of a day: midnight, or the first time after it in a zone that skips midnight.
  package static func start(of date: CivilDate) -> WallTime {
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

  /// The fields of a second since 1970, UTC.
  static func fields(at seconds: time_t) -> tm {
    var seconds = seconds
    var fields = tm()
    localtime_r(&seconds, &fields)
    return fields
  }
}
