import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

/// Tallies of jobs: what is folded forward is what would be counted anew.
@Suite(.temporaryDirectory) struct JobTalliesTests {
  private let writer: LedgerWriter
  private let reader: LedgerReader

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    reader = try LedgerReader(TemporaryDirectory.ledger)
  }

  private func counted() throws -> JobTallies { try ProjectionStore(reader).tallies() }

  private func append(
    _ instance: InstanceID, _ kind: EventKind, _ job: String, _ data: JSON = .object([]),
    at: WallTime = 1_700_000_000_000_000
  ) throws {
    try writer.append([History.event(instance, kind, data, job: job, at: at)])
  }

  private func byJob(_ tallies: JobTallies) -> [String: JobTally] {
    Dictionary(uniqueKeysWithValues: tallies.jobs.map { ($0.job, $0) })
  }

  @Test func `nothing has been run`() throws {
    let tallies = try counted()
    #expect(tallies.jobs.isEmpty && tallies.rest == nil && tallies.position == .start)
  }

  @Test func `taken further from any place it is what is counted at the end`() throws {
    var random = SeededGenerator(for: "job tallies")
    var live: [(instance: InstanceID, job: String, isRunning: Bool)] = []
    var kept: [JobTallies] = [try counted()]
    let endings: [InstanceState] = [.completed, .failed, .stopped, .skipped, .lost, .interrupted]
    for step in 0..<400 {
      let at = WallTime(microseconds: 1_700_000_000_000_000) + Int64(step) * 1000
      if live.isEmpty || random.chance(40) {
        let instance = InstanceID(createdAt: at)
        let job = "j\(random.below(7))"
        try append(instance, .state(.created), job, at: at)
        live.append((instance, job, false))
      } else {
        let index = random.below(live.count)
        let (instance, job, isRunning) = live[index]
        if !isRunning, random.chance(70) {
          try append(instance, .state(.running), job, at: at)
          live[index].isRunning = true
        } else {
          let state = isRunning ? endings[random.below(endings.count)] : .skipped
          let data: JSON =
            state == .failed
            ? .object([JSON.Member("exit_code", .integer(Int64(random.below(4))))]) : .object([])
          try append(instance, .state(state), job, data, at: at)
          live.remove(at: index)
        }
      }
      if random.chance(10) { kept.append(try counted()) }
    }
    let end = try counted()
    for var tallies in kept {
      while try tallies.advance(reader) {}
      #expect(byJob(tallies) == byJob(end))
      #expect(tallies.position == end.position)
    }
    #expect(end.jobs.reduce(0) { $0 + $1.live } == Int64(live.count))
  }

  @Test func `of a rehearsal nothing counts but that it is live`() throws {
    let rehearsal: JSON = .object([JSON.Member("dry_run", .bool(true))])
    var kept = [try counted()]
    let (run, other) = (InstanceID(createdAt: 1000), InstanceID(createdAt: 2000))
    for (kind, data) in [
      (EventKind.state(.created), JSON.object([])), (.state(.startFailed), .object([])),
    ] { try append(run, kind, "a", data) }
    try append(other, .state(.created), "a", rehearsal)
    kept.append(try counted())
    expect(kept.last?["a"]?.live, is: 1)
    try append(other, .state(.started), "a")
    try append(other, .state(.completed), "a")
    kept.append(try counted())
    for var tallies in kept {
      while try tallies.advance(reader) {}
      let tally = try #require(tallies["a"])
      #expect(tally.ended == [.startFailed: 1] && tally.live == 0)
      #expect(tally.lastSuccessAt == nil && tally.lastStartAt == nil && tally.durations.count == 0)
    }
    let store = try ProjectionStore(reader)
    let summary = try #require(try store.summary(ofJob: "a"))
    #expect(summary.newest.instance == run && summary.ended == [.failure: 1] && summary.live == 0)
    expect(try store.shown(ofJob: "a")?.instance, is: run)
    try append(InstanceID(createdAt: 3000), .state(.created), "b", rehearsal)
    try expect(store.summary(ofJob: "b")) { $0?.live == 1 && $0?.ended == [:] }
  }

  @Test func `what is removed stays counted, and is not counted anew`() throws {
    for number in 0..<3 {
      let instance = InstanceID(createdAt: .epoch + (Int64(number) + 1))
      try append(instance, .state(.created), "a")
      try append(instance, .state(.running), "a")
      try append(instance, .state(.completed), "a")
    }
    var tallies = try counted()
    let head = try reader.head().seq
    let removed = HistoryRemoved(patterns: ["a"], upTo: head, by: Requester())
    try writer.append([
      NewEvent(
        at: 1, mono: 1, job: nil, instance: nil, kind: .historyRemoved, data: removed.json)
    ]
    )
    while try tallies.advance(reader) {}
    #expect(try tallies.jobs.at(0).ended == [.completed: 3])
    #expect(tallies.isStale)
    #expect(try counted().jobs.isEmpty)
  }

  @Test func `merged they are one`() {
    var (one, other) = (JobTally(job: "a"), JobTally(job: "b"))
    one.add(.completed, endedAt: 5, microseconds: 100_000) { 0 }
    other.add(.failed, endedAt: 7, microseconds: 30_000_000_000) { 3 }
    other.noteStart(6)
    other.live = 2
    one.merge(other)
    #expect(one.ended == [.completed: 1, .failed: 1])
    #expect(
      one.lastExitCode == 3 && one.lastSuccessAt == 5 && one.lastStartAt == 6 && one.live == 2)
    #expect(one.durations.count == 2 && one.durations.upToBounds.first == 1)
    #expect(one.durations.upToBounds.last == 1 && one.durations.sum == 30_000_100_000)
  }
}
