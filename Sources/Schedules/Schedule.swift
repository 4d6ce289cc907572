package import Events

/// Times at which something is due, again and again.
package enum Schedule: Equatable, Sendable {
  /// As crontab(5) says it.
  case cron(CronSchedule)
  /// As systemd.time(7) says it.
  case calendar(CalendarSchedule)

  /// The first due time after that one; nil when there is none within decades.
  package func next(after time: WallTime, in zone: TimeZone) -> WallTime? {
    switch self {
    case .cron(let schedule):
      schedule.next(after: time.wholeSeconds, in: zone).map {
        WallTime(microseconds: Int64($0) * 1_000_000)
      }
    case .calendar(let schedule): schedule.next(after: time, in: zone)
    }
  }

  /// The last due time up to that one; nil when there is none within decades.
  package func last(upTo time: WallTime, in zone: TimeZone) -> WallTime? {
    // Four times as far back each time: what is found then is not many times what was looked through.
    var back: Int64 = 60_000_000
    while back < 4_000_000_000_000_000 {
      if var found = next(after: time - back, in: zone), found <= time {
        while let next = next(after: found, in: zone), next <= time { found = next }
        return found
      }
      back *= 4
    }
    return nil
  }
}

extension WallTime {
  /// The second that has begun, since 1970. Before and behind what a calendar has, the ends of that.
  var wholeSeconds: Int {
    let seconds = Int(microseconds).floored(by: 1_000_000)
    return Swift.min(Swift.max(seconds, -62_135_596_800), 253_402_300_799)
  }
}
