package import Events
internal import Schedules

/// The times at which a job that is expected by the clock is due.
package struct DueTimes: Sendable {
  private let schedules: [Schedule]
  private let zone: TimeZone

  /// The time zone of a place.
  package typealias Zone = TimeZone

  /// The reason why times are none, as a sentence without its point.
  package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// - Parameters:
  ///   - zone: a name; nil for the host's own.
  ///   - host: the host's own.
  package init(
    cron: [String], calendar: [String], zone: String?, host: Zone = .ofHost
  ) throws(Refusal) {
    let own = try zone.map { name throws(Refusal) in try Self.zone(name) } ?? host
    var schedules: [Schedule] = []
    do throws(ScheduleError) {
      for text in cron { schedules.append(.cron(try CronSchedule(text))) }
      for text in calendar { schedules.append(.calendar(try CalendarSchedule(text))) }
    } catch { throw Refusal(description: error.description) }
    self.schedules = schedules
    self.zone = own
  }

  private static func zone(_ name: String) throws(Refusal) -> TimeZone {
    guard let zone = TimeZone.named(name) else {
      throw Refusal(description: "there is no time zone \"\(name)\" below /usr/share/zoneinfo")
    }
    return zone
  }

  package func next(after time: WallTime) -> WallTime? {
    schedules.compactMap { $0.next(after: time, in: zone) }.min()
  }

  package func last(upTo time: WallTime) -> WallTime? {
    schedules.compactMap { $0.last(upTo: time, in: zone) }.max()
  }
}
