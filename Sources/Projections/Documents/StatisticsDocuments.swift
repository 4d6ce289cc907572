package import Documents
internal import Events

extension StatisticsDocument {
  package init(_ statistics: JobStatistics) {
    let last = statistics.lastRun
    self.init(
      job: statistics.job, firstAt: statistics.firstAt, lastAt: statistics.lastAt,
      // There are no statistics of no runs.
      lastState: last?.state ?? .created)
    count = statistics.count
    executed = statistics.executed
    failed = statistics.failed
    failureRate = statistics.failureRate
    streak = statistics.streak.map { Streak(group: $0.group, count: $0.count) }
    self.last = last?.microseconds
    fastest = statistics.fastest
    average = statistics.average
    (median, percentile95) = statistics.quantiles.map { ($0.median, $0.percentile95) } ?? (nil, nil)
    slowest = statistics.slowest
    outputBytes = statistics.outputBytes
    lastRuns = statistics.lastRuns.map { Run(state: $0.state, run: $0.microseconds) }
  }
}
