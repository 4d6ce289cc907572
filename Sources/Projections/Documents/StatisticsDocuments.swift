package import Documents
internal import Events

extension StatisticsDocument {
  package init(_ statistics: JobStatistics) {
    self.init(
      job: statistics.job, firstAt: statistics.firstAt, lastAt: statistics.lastAt,
      lastState: statistics.lastState)
    count = statistics.count
    executed = statistics.executed
    failed = statistics.failed
    dryRuns = statistics.dryRuns
    failureRate = statistics.failureRate
    streak = statistics.streak.map { Streak(group: $0.group, count: $0.count) }
    last = statistics.lastRun?.microseconds
    fastest = statistics.fastest
    average = statistics.average
    (median, percentile95) = statistics.quantiles.map { ($0.median, $0.percentile95) } ?? (nil, nil)
    slowest = statistics.slowest
    outputBytes = statistics.outputBytes
    lastRuns = statistics.lastRuns.map { Run(state: $0.state, run: $0.microseconds) }
  }
}
