internal import Documents
package import Events
package import Ledger

/// The history of one job in figures: a fold over its ended instances in the order of creation, of which rehearsals are
/// counted and nothing else, and durations are of those that completed. Memory: 8 bytes a run,
/// and no more than 80 KB a job. Times in microseconds.
package struct JobStatistics: Equatable, Sendable {
  /// Median and 95th percentile are of so many of the newest run times.
  package static let runTimesKept = 10_000

  package let job: String
  package private(set) var count: Int64 = 0
  /// Those of them that were never started: skipped, disabled, cancelled. They have neither failed nor not.
  package private(set) var notExecuted: Int64 = 0
  package private(set) var failed: Int64 = 0
  /// Dry runs, which are no part of anything else here.
  package private(set) var dryRuns: Int64 = 0
  /// The state in which the newest instance ended, a dry run where there are no others.
  package private(set) var lastState = InstanceState.created
  /// The times at which the oldest and the newest were created.
  package private(set) var firstAt = WallTime.epoch
  package private(set) var lastAt = WallTime.epoch
  package private(set) var fastest: Int64?
  package private(set) var slowest: Int64?
  package private(set) var outputBytes: Int64 = 0
  /// The newest, oldest first.
  package private(set) var lastRuns: [Run] = []
  /// The newest executed instances that have ended alike.
  package private(set) var streak: Streak?
  private var timeSum: Int128 = 0
  private var timeCount: Int64 = 0
  /// The newest run times; a ring once it is full.
  private var times: [Int64] = []

  package struct Run: Equatable, Sendable {
    package let state: InstanceState
    /// The duration; nil where it never ran or nobody saw its end.
    package let microseconds: Int64?
  }

  package struct Streak: Equatable, Sendable {
    package let group: InstanceState.Group
    package fileprivate(set) var count: Int64
  }

  init(job: String) { self.job = job }

  /// Takes in the job's next run.
  mutating func apply(_ run: StatisticsRow) {
    guard !run.isDryRun else {
      dryRuns += 1
      if count == 0 { (firstAt, lastAt, lastState) = (run.createdAt, run.createdAt, run.state) }
      return
    }
    if count == 0 { firstAt = run.createdAt }
    (lastAt, lastState) = (run.createdAt, run.state)
    count += 1
    // Wrapping: what stands in a damaged ledger ends no program.
    outputBytes &+= run.outputBytes
    if lastRuns.count == StatisticsDocument.maximumLastRuns { lastRuns.removeFirst() }
    lastRuns.append(Run(state: run.state, microseconds: run.runMicroseconds))
    judge(run.state.group)
    // How long a failure took says nothing of how long the job takes.
    if run.state == .completed, let time = run.runMicroseconds { measure(time) }
  }

  private mutating func judge(_ group: InstanceState.Group) {
    guard group != .notExecuted else {
      notExecuted += 1
      return
    }
    if group == .failure { failed += 1 }
    if streak?.group == group {
      streak?.count += 1
    } else {
      streak = Streak(group: group, count: 1)
    }
  }

  private mutating func measure(_ time: Int64) {
    fastest = min(fastest ?? time, time)
    slowest = max(slowest ?? time, time)
    if times.count < Self.runTimesKept {
      times.append(time)
    } else {
      times[Int(timeCount % Int64(Self.runTimesKept))] = time
    }
    timeSum += Int128(time)
    timeCount += 1
  }

  package var executed: Int64 { count - notExecuted }
  /// From 0 to 1; nil when none was executed.
  package var failureRate: Double? {
    executed > 0 ? Double(failed) / Double(executed) : nil
  }
  package var lastRun: Run? { lastRuns.last }
  package var average: Int64? { timeCount > 0 ? Int64(timeSum / Int128(timeCount)) : nil }

  /// The run times in the middle and below which 95 of 100 lie. Sorts what is kept.
  package var quantiles: (median: Int64, percentile95: Int64)? {
    guard !times.isEmpty else { return nil }
    let sorted = times.sorted()
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    // The nearest rank, counted from 1, is the count times 0.95, rounded up.
    let rank = (sorted.count * 95 + 99) / 100
    return (low + (high - low) / 2, sorted[rank - 1])
  }
}

extension ProjectionStore {
  /// Gives the statistics of each job that has an instance among those of the query to `body`, by job id. The query's
  /// order and limit count for nothing. One pass over the instances, job by job: of one job at a time something is kept.
  package func forEachStatistics(
    _ query: InstanceQuery, _ body: (JobStatistics) -> Void
  ) throws(LedgerError) {
    var current: JobStatistics?
    try forEachRun(query) { run in
      if let done = current, done.job != run.job {
        body(done)
        current = nil
      }
      var statistics = current.take() ?? JobStatistics(job: run.job)
      statistics.apply(run)
      current = statistics
    }
    if let current { body(current) }
  }

  package func statistics(_ query: InstanceQuery) throws(LedgerError) -> [JobStatistics] {
    var jobs: [JobStatistics] = []
    try forEachStatistics(query) { jobs.append($0) }
    return jobs
  }
}
