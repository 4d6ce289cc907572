internal import Events
import Projections
internal import TestSupport
import Testing

@Suite("Which runs are kept")
struct RetentionDecisionsTests {
  private static let drop = (
    age: RetentionDecisions.Verdict.drop(.age),
    records: .drop(.records) as RetentionDecisions.Verdict,
    perJob: .drop(.recordsPerJob) as RetentionDecisions.Verdict
  )

  /// The newest first: `a5` is a run of job a that ended at 5, `a5!` one that failed.
  private func decide(
    _ runs: String, _ change: (inout RetentionLimits) -> Void
  ) -> [RetentionDecisions.Verdict] {
    var limits = RetentionLimits()
    change(&limits)
    var decisions = RetentionDecisions(limits)
    return runs.split(separator: " ").map { decisions.take(Self.run($0)) }
  }

  private static func run(_ text: Substring) -> RetentionCandidate {
    let digits = text.dropFirst().prefix(while: \.isNumber)
    var run = RetentionCandidate(
      job: String(text.prefix(1)), endedAt: WallTime(Int64(digits) ?? 0),
      isFailure: text.contains("!"))
    run.isToBeKept = !text.contains("-")
    run.isOrphanRunning = text.contains("*")
    return run
  }

  @Test func `without limits everything is kept`() {
    #expect(decide("a9 b8! a1") { _ in } == [.keep, .keep, .keep])
  }

  @Test func `by age, what ended before a time goes, whatever the order of creation`() {
    let verdicts = decide("a9 a3 a5 a4") { $0.endedBefore = 5 }
    #expect(verdicts == [.keep, Self.drop.age, .keep, Self.drop.age])
  }

  @Test func `by number, the newest stay`() {
    #expect(
      decide("a9 b8 c7 a6") { $0.maxRecords = 2 } == [
        .keep, .keep, Self.drop.records, Self.drop.records,
      ])
    #expect(decide("a9 b8") { $0.maxRecords = 0 } == [Self.drop.records, Self.drop.records])
    #expect(
      decide("a9 b8 a7 a6 b5") { $0.maxRecordsPerJob = 1 } == [
        .keep, .keep, Self.drop.perJob, Self.drop.perJob, Self.drop.perJob,
      ])
  }

  @Test func `what is too old does not count for the number`() {
    let verdicts = decide("a9 a1 a8 a7") {
      ($0.endedBefore, $0.maxRecords) = (5, 2)
    }
    #expect(verdicts == [.keep, Self.drop.age, .keep, Self.drop.records])
  }

  @Test func `the last failures of each job outlive the other limits`() {
    let verdicts = decide("a9 a8! b7! a6! a5! b4!") {
      ($0.maxRecords, $0.keepFailed) = (1, 1)
    }
    #expect(
      verdicts == [
        .keep, .keepFailure, .keepFailure, Self.drop.records, Self.drop.records, Self.drop.records,
      ])
    #expect(decide("a1!") { ($0.endedBefore, $0.keepFailed) = (5, 1) } == [.keepFailure])
    #expect(decide("a1!") { $0.endedBefore = 5 } == [Self.drop.age])
  }

  @Test func `a run that was not to be kept goes, also as a failure`() {
    #expect(
      decide("a9- a8!- a7") { $0.keepFailed = 5 } == [.drop(.notKept), .drop(.notKept), .keep])
  }

  @Test func `what still runs, or has just ended, is left alone, and counts`() {
    let verdicts = decide("a9- a8 a3!* a2 a1") {
      ($0.sparesEndedAfter, $0.maxRecords) = (7, 4)
    }
    #expect(verdicts == [.leaveAlone, .leaveAlone, .leaveAlone, .keep, Self.drop.records])
  }

  struct Times: Sendable {
    let wall: Int64
    let boot: Int64
    let at: Int64
    let mono: Int64
    let now: Int64
  }

  private static let hour: Int64 = 3_600_000_000

  @Test(arguments: [
    // As the clock says.
    Times(wall: 100 * hour, boot: 10 * hour, at: 99 * hour, mono: 9 * hour, now: 100 * hour),
    // Corrected by less than an hour.
    Times(
      wall: 100 * hour + 5, boot: 10 * hour, at: 99 * hour, mono: 9 * hour, now: 100 * hour + 5),
    // Jumped ahead by years: it is not believed.
    Times(wall: 90_000 * hour, boot: 10 * hour, at: 99 * hour, mono: 9 * hour, now: 100 * hour),
    // Put back, from a time that was wrong: nothing is older than it was.
    Times(wall: 50 * hour, boot: 10 * hour, at: 99 * hour, mono: 9 * hour, now: 50 * hour),
  ])
  func `a clock that jumps within a boot makes nothing old`(times: Times) {
    let now = RetentionClock.now(
      wall: WallTime(times.wall), boot: BootTime(times.boot),
      event: EventTime(at: WallTime(times.at), mono: BootTime(times.mono)))
    #expect(now == WallTime(times.now))
    let unknown = RetentionClock.now(
      wall: WallTime(times.wall), boot: BootTime(times.boot), event: nil)
    #expect(unknown == WallTime(times.wall))
  }
}
