internal import Glibc

/// A moment as a calendar and a clock show it, in UTC or in the local zone: the one place where a time becomes a date,
/// and its texts (`CivilMomentTexts.swift`) the one where a date becomes digits.
package struct CivilMoment: Equatable, Sendable {
  package let date: CivilDate
  package let time: CivilTime
  /// Seconds east of UTC.
  package let offset: Int

  /// The moment in UTC.
  package init(utc moment: WallTime) {
    let (second, microsecond) = moment.secondAndMicrosecond
    var (day, secondOfDay) = second.quotientAndRemainder(dividingBy: 86_400)
    if secondOfDay < 0 { (day, secondOfDay) = (day - 1, secondOfDay + 86_400) }
    date = CivilDate(daysSince1970: day)
    let (hour, rest) = secondOfDay.quotientAndRemainder(dividingBy: 3600)
    time = CivilTime(hour: hour, minute: rest / 60, second: rest % 60, microsecond: microsecond)
    offset = 0
  }

  /// The moment in the local zone, which $TZ or the host has.
  package init(local moment: WallTime) {
    let (second, microsecond) = moment.secondAndMicrosecond
    let fields = LocalTime.fields(at: second)
    date = CivilDate(
      year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday))
    time = CivilTime(
      hour: Int(fields.tm_hour), minute: Int(fields.tm_min), second: Int(fields.tm_sec),
      microsecond: microsecond)
    offset = fields.tm_gmtoff
  }
}

extension WallTime {
  /// The second that has begun, since 1970, and what has passed of it.
  var secondAndMicrosecond: (Int, Int) {
    let (second, microsecond) = Int(microseconds).quotientAndRemainder(dividingBy: 1_000_000)
    return microsecond < 0 ? (second - 1, microsecond + 1_000_000) : (second, microsecond)
  }
}
