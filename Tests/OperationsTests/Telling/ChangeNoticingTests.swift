import Events
import Ledger
import Projections
import TestSupport
import Testing

@testable import Operations

@Suite(.temporaryDirectory) struct `Whoever looks for changes` {
  private let writer: LedgerWriter
  private let now = WallTime(microseconds: 1_796_000_000_000_000)

  init() throws { writer = try LedgerWriter(TemporaryDirectory.ledger) }

  private func minutes(_ count: Double) -> Int64 { Int64(count * 60_000_000) }

  private func run(
    _ number: UInt32, _ end: InstanceState, of job: String = "job", at time: WallTime,
    created: Created = Created()
  ) throws {
    let id = InstanceID(milliseconds: 1, random: number)
    try writer.append([
      History.event(id, .state(.created), created.json, job: job, at: time),
      History.event(id, .state(.running), job: job, at: time),
      History.event(id, .state(end), job: job, at: time),
    ])
  }

  private func session() throws -> LedgerSession { try LedgerSession(TemporaryDirectory.ledger) }

  private func changes() throws -> [(job: String?, change: JobChange)] {
    try writer.reader.hostEvents([.jobChanged]).compactMap { event in
      JobChange(event.json).map { (event.job, $0) }
    }
  }

  @Test func `records each once, with the streak and the last good run`() throws {
    try run(1, .completed, at: now - minutes(300))
    try run(2, .failed, at: now - minutes(200))
    try run(3, .failed, at: now - minutes(1))
    try run(4, .completed, of: "other", at: now)
    let session = try session()
    let outcome = try ChangeNoticing(session).run(now: now)
    #expect(outcome.isRecorded)
    #expect(outcome.found.map(\.change.kind) == [.failed])
    for minute in 1...3 { _ = try ChangeNoticing(session).run(now: now + minutes(Double(minute))) }
    let change = try #require(try changes().first?.change)
    #expect(try changes().count == 1)
    #expect(change.count == 2)
    #expect(change.since == now - minutes(200))
    #expect(change.instance == InstanceID(milliseconds: 1, random: 3))
    #expect(change.lastGood == InstanceID(milliseconds: 1, random: 1))
    #expect(change.lastGoodAt == now - minutes(300))
    try run(5, .completed, at: now + minutes(10))
    _ = try ChangeNoticing(session).run(now: now + minutes(10))
    #expect(try changes().map(\.change.kind) == [.failed, .recovered])
  }

  @Test func `and is the first one leaves alone what is long over`() throws {
    try run(1, .failed, at: now - minutes(90))
    try run(2, .completed, of: "good", at: now)
    let session = try session()
    #expect(try ChangeNoticing(session).run(now: now).found.isEmpty)
    #expect(try writer.reader.hostEvents([.changesJudged]).count == 1)
    // Nor does he record that he has looked each time.
    for _ in 0..<3 { _ = try ChangeNoticing(session).run(now: now) }
    #expect(try writer.reader.hostEvents([.changesJudged]).count == 1)
  }

  @Test func `passes over rehearsals, and over tries that have another behind them`() throws {
    var rehearsal = Created()
    rehearsal.isDryRun = true
    var attempt = Created()
    attempt.triesLeft = 1
    try run(1, .failed, at: now, created: rehearsal)
    try run(2, .failed, of: "tried", at: now, created: attempt)
    let session = try session()
    #expect(try ChangeNoticing(session).run(now: now).found.isEmpty)
    try run(3, .failed, of: "tried", at: now)
    #expect(try ChangeNoticing(session).run(now: now).found.map(\.job) == ["tried"])
  }

  @Test func `tells lost runs and what was not as expected`() throws {
    try run(1, .lost, of: "a", at: now)
    let seq = try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(
        NewEvent(
          at: now - minutes(30), mono: 1, job: "b", instance: nil, kind: .breach(.missed),
          data: Breach(
            .missed, due: now - minutes(30), expectation: 1, noticed: Notice(at: now, seq: 3)
          ).json))
    }
    let found = try ChangeNoticing(session()).run(now: now).found
    #expect(found.map(\.job) == ["a", "b"])
    #expect(found.map(\.change.kind) == [.lost, .missed])
    #expect(found.last?.change.breach == seq)
    #expect(found.last?.change.since == now - minutes(30))
  }

  @Test func `knows of a thread however much has happened since, and of many jobs`() throws {
    let session = try session()
    try run(1, .failed, of: "a", at: now)
    _ = try ChangeNoticing(session).run(now: now)
    for number in 2..<40 {
      let time = now + minutes(Double(number))
      try run(UInt32(number), .failed, of: "job \(number)", at: time)
      _ = try ChangeNoticing(session).run(now: time)
    }
    let opens = try changes().map(\.change.open)
    #expect(Set(opens.dropFirst()).count == 1)
    try run(50, .failed, of: "a", at: now + minutes(61))
    let reminded = try ChangeNoticing(session).run(now: now + minutes(61)).found
    #expect(reminded.map(\.change.kind) == [.stillFailing])
    #expect(reminded.first?.change.count == 2)
    try run(51, .completed, of: "a", at: now + minutes(70))
    let found = try ChangeNoticing(session).run(now: now + minutes(70)).found
    #expect(found.map(\.job) == ["a"])
    #expect(found.map(\.change.kind) == [.recovered])
  }

  @Test func `and is one of many at the same moment records nothing twice`() async throws {
    for number in 0..<20 { try run(UInt32(number), .failed, of: "job \(number)", at: now) }
    let (directory, now) = (TemporaryDirectory.ledger, now)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let session = try LedgerSession(directory)
          for _ in 0..<5 { _ = try ChangeNoticing(session).run(now: now) }
        }
      }
      try await group.waitForAll()
    }
    #expect(try changes().count == 20)
    #expect(Set(try changes().map(\.job)).count == 20)
  }
}
