internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("Statistics of a job", .temporaryDirectory)
struct JobStatisticsTests {
  private func statistics(
    _ runs: [(state: InstanceState, time: Int64?)]
  ) -> JobStatistics {
    var statistics = JobStatistics(job: "a")
    for (index, run) in runs.enumerated() {
      statistics.apply(
        StatisticsRow(
          job: "a", state: run.state, createdAt: WallTime(index), runMicroseconds: run.time,
          outputBytes: 10))
    }
    return statistics
  }

  @Test func `tell of times`() {
    let all = statistics((1...100).map { (.completed, $0 * 10) })
    #expect(all.count == 100)
    #expect(all.executed == 100)
    #expect(all.fastest == 10)
    #expect(all.slowest == 1000)
    #expect(all.average == 505)
    #expect(all.quantiles?.median == 505)
    #expect(all.quantiles?.percentile95 == 950)
    #expect(all.firstAt == 0)
    #expect(all.lastAt == 99)
    #expect(all.outputBytes == 1000)
    #expect(all.lastRuns.map(\.microseconds) == (81...100).map { $0 * 10 })
    let one = statistics([(.completed, 7)])
    #expect(one.quantiles?.median == 7)
    #expect(one.quantiles?.percentile95 == 7)
    #expect(one.average == 7)
    #expect(statistics([(.completed, 1), (.completed, 4)]).quantiles?.median == 2)
    let none = statistics([(.skipped, nil), (.lost, nil)])
    #expect(none.quantiles == nil)
    #expect(none.average == nil)
    #expect(none.fastest == nil)
    #expect(none.lastRun == JobStatistics.Run(state: .lost, microseconds: nil))
  }

  @Test func `keep the newest run times alone for median and percentile, and all for the rest`() {
    let kept = Int64(JobStatistics.runTimesKept)
    let all = statistics((1...(3 * kept + 7)).map { (.completed, $0) })
    #expect(all.quantiles?.median == (2 * kept + 8 + 3 * kept + 7) / 2)
    #expect(all.fastest == 1)
    #expect(all.average == (3 * kept + 8) / 2)
  }

  @Test func `overflow in no ledger, however damaged`() {
    var all = statistics([(.completed, .max), (.completed, .max), (.completed, 0)])
    #expect(all.average == Int64.max / 3 * 2)
    #expect(all.quantiles?.median == .max)
    for bytes in [Int64.max, .max] {
      all.apply(
        StatisticsRow(
          job: "a", state: .failed, createdAt: 0, runMicroseconds: nil, outputBytes: bytes))
    }
    #expect(all.count == 5)
  }

  @Test(
    arguments: [
      ([.completed, .failed, .failed], 2, 2.0 / 3, .failure, 2),
      ([.failed, .completed, .skipped, .disabled], 1, 0.5, .completed, 1),
      ([.failed, .interrupted, .skipped, .lost], 3, 1, .failure, 3),
      ([.completed, .stopped, .stopped], 0, 0, .notCompleted, 2),
      ([.skipped, .dependencyNotRunning], 0, nil, nil, nil),
    ] as [([InstanceState], Int64, Double?, InstanceState.Group?, Int64?)])
  func `count failures among what was executed, and what has ended alike at last`(
    states: [InstanceState], failed: Int64, rate: Double?, group: InstanceState.Group?,
    streak: Int64?
  ) {
    let all = statistics(states.map { ($0, 5) })
    #expect(all.failed == failed)
    #expect(all.failureRate == rate)
    #expect(all.streak?.group == group)
    #expect(all.streak?.count == streak)
  }

  @Test func `of a ledger are those of the instances that the query gives, by job`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    try expect(store.statistics(InstanceQuery(.ended))) { $0.isEmpty }
    var corpus = Corpus(for: "statistics")
    try corpus.append(3000, to: writer)
    // Jobs that the corpus does not remove from the history as a whole.
    for patterns in [[], ["a@b"], ["w*", "echo *"]] {
      var query = InstanceQuery(.ended)
      query.patterns = patterns.map { Pattern($0) }
      query.longerThan = patterns.isEmpty ? nil : 1_000_000
      query.isAscending = true
      var expected: [String: JobStatistics] = [:]
      try store.forEach(query) { record in
        expected[record.job, default: JobStatistics(job: record.job)].apply(
          StatisticsRow(
            job: record.job, state: record.state, createdAt: record.createdAt,
            runMicroseconds: record.runMicroseconds, outputBytes: record.output.bytes,
            isDryRun: record.isRehearsal))
        return true
      }
      try expect(store.statistics(query), is: expected.values.sorted { $0.job < $1.job })
      #expect(!expected.isEmpty)
    }
  }
}
