package import Events
package import Projections

/// The run of a job that is missing now: it was due, its time is over, and none has begun since.
package struct MissingRun: Equatable, Sendable {
  /// The first time at which one was due since the newest run.
  package let since: WallTime
  /// The due times since then.
  package let count: Int64

  /// Due times that are counted, at most.
  private static let mostCounted: Int64 = 100_000

  /// Fails where none is missing.
  package init?(
    _ entry: ExpectedJobs.Entry, newestRun: WallTime?, now: WallTime,
    host: DueTimes.Zone? = nil
  ) throws(DueTimes.Refusal) {
    let expectation = entry.expectation
    let end = now - ExpectationJudge.settling - max(0, expectation.grace)
    let anchor = newestRun.map { max($0, entry.since) } ?? entry.since
    switch expectation.due {
    case nil: return nil
    case .every(let period):
      guard period > 0, anchor + period <= end else { return nil }
      since = anchor + period
      count = (end - since) / period + 1
    case .times(let cron, let calendar):
      let times = try DueTimes(
        cron: cron, calendar: calendar, zone: expectation.zone, host: host ?? .ofHost)
      guard let first = times.next(after: anchor), first <= end else { return nil }
      var (counted, last) = (Int64(1), first)
      while counted < Self.mostCounted, let next = times.next(after: last), next <= end {
        (counted, last) = (counted + 1, next)
      }
      since = first
      count = counted
    }
  }
}
