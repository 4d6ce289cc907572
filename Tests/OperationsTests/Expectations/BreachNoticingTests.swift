import Events
import Ledger
import Projections
import TestSupport
import Testing

@testable import Operations

@Suite(.temporaryDirectory) struct `Whoever looks at a ledger` {
  private let writer: LedgerWriter
  private let now = WallTime(microseconds: 1_796_000_000_000_000)

  init() throws { writer = try LedgerWriter(TemporaryDirectory.ledger) }

  private func hours(_ count: Double) -> Int64 { Int64(count * 3_600_000_000) }

  /// Expected since so many hours.
  private func say(_ job: String, _ due: JobExpectation.Due, since count: Double = 10) throws {
    let expectation = JobExpectation(due, by: .thisProcess())
    try writer.append([
      NewEvent(
        at: now - hours(count), mono: 1, job: job, instance: nil, kind: .jobExpected,
        data: expectation.json)
    ])
  }

  private func breaches() throws -> [(job: String?, breach: Breach)] {
    try writer.reader.hostEvents(EventKind.breaches).compactMap { event in
      Breach(event).map { (event.job, $0) }
    }
  }

  private func session() throws -> LedgerSession { try LedgerSession(TemporaryDirectory.ledger) }

  @Test func `records what was missed, dated when it was due, and once`() throws {
    try say("a", .every(hours(6)))
    try say("b", .every(hours(20)))
    let session = try session()
    let outcome = try session.noticeBreaches(now: now)
    #expect(outcome.isRecorded)
    #expect(outcome.found.map(\.job) == ["a"])
    let found = try breaches()
    #expect(found.map(\.job) == ["a"])
    #expect(found.map(\.breach.kind) == [.missed])
    #expect(found.map(\.breach.due) == [now - hours(4)])
    #expect(found.map(\.breach.noticed.at) == [now])
    for _ in 0..<3 { try session.noticeBreaches(now: now + hours(0.1)) }
    #expect(try breaches().count == 1)
    try session.noticeBreaches(now: now + hours(2.2))
    #expect(try breaches().map(\.breach.due) == [now - hours(4), now + hours(2)])
  }

  @Test func `appends nothing where all is well, but for a look now and then`() throws {
    try say("a", .every(hours(100)), since: 30)
    let session = try session()
    let before = try writer.reader.head().seq
    try session.noticeBreaches(now: now - hours(10))
    #expect(try writer.reader.head().seq == before)
    try session.noticeBreaches(now: now)
    try session.noticeBreaches(now: now + hours(1))
    #expect(try writer.reader.hostEvents([.expectationsJudged]).count == 1)
    #expect(try writer.reader.head().seq == before + 1)
  }

  @Test func `does nothing where nothing is expected`() throws {
    try History.append("06h0000000000001", .running, .completed, to: writer)
    try say("a", .every(hours(1)))
    try writer.append([
      NewEvent(
        at: now, mono: 1, job: "a", instance: nil, kind: .jobUnexpected,
        data: Requester.thisProcess().json)
    ])
    let before = try writer.reader.head().seq
    #expect(try session().noticeBreaches(now: now).found.isEmpty)
    #expect(try writer.reader.head().seq == before)
  }

  @Test func `finds what is wrong with a run that another has recorded`() throws {
    try say("job", .every(hours(5)))
    let id = try #require(InstanceID("06h0000000000001"))
    try writer.append([
      History.event(id, .state(.created), at: now - hours(3)),
      History.event(id, .state(.running), at: now - hours(3)),
    ])
    let session = try session()
    try session.noticeBreaches(now: now)
    let breach = try #require(try breaches().first?.breach)
    #expect(breach.kind == .late)
    #expect(breach.instance == id)
    #expect(breach.due == now - hours(5))
  }

  @Test func `and is one of many at the same moment records nothing twice`() async throws {
    for number in 0..<20 { try say("job \(number)", .every(hours(6))) }
    let (directory, now) = (TemporaryDirectory.ledger, now)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let session = try LedgerSession(directory)
          for _ in 0..<5 { try session.noticeBreaches(now: now) }
        }
      }
      try await group.waitForAll()
    }
    let found = try breaches()
    #expect(found.count == 20)
    #expect(Set(found.map(\.job)).count == 20)
  }

  @Test func `with a clock that is years ahead hides nothing from those who come after`() throws {
    try say("a", .every(hours(6)), since: 1)
    let session = try session()
    try session.noticeBreaches(now: now + hours(24 * 365))
    let wrong = try breaches().count
    #expect(wrong > 0)
    try session.noticeBreaches(now: now + hours(1))
    #expect(try breaches().count == wrong)
    try say("b", .every(hours(1)), since: 2)
    try session.noticeBreaches(now: now)
    #expect(try breaches().filter { $0.job == "b" }.map(\.breach.due) == [now - hours(1)])
  }

  @Test func `says of which job it cannot judge`() throws {
    try say("a", .times(cron: ["0 99 * * *"], calendar: []))
    try say("b", .every(hours(6)))
    let outcome = try session().noticeBreaches(now: now)
    #expect(outcome.refusals.map(\.job) == ["a"])
    #expect(outcome.found.map(\.job) == ["b"])
  }
}
