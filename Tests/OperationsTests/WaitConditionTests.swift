import Events
import Ledger
import Projections
import TestSupport
import Testing

@testable import Operations

/// What `wait` sees when things happen between its start and its first look.
@Suite("What is waited for", .temporaryDirectory)
struct WaitConditionTests {
  private let view: LedgerSession
  private let instance = InstanceID(createdAt: 1_700_000_000_000_000)
  private let events: [Event]

  /// One run: CREATED at 1, RUNNING at 2, COMPLETED at 3.
  init() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    for state in [InstanceState.created, .running, .completed] {
      let event = NewEvent(
        at: 0, mono: 0, job: "a", instance: instance, kind: .state(state), data: .object([]))
      _ = try writer.turn(durable: false) { turn throws(LedgerError) in try turn.append(event) }
    }
    view = try LedgerSession(TemporaryDirectory.ledger)
    events = try view.reader.events(after: 0, limit: 10)
  }

  private func waiting(
    _ pattern: String, _ states: Set<InstanceState>, left: Int = 1, from start: Seq
  )
    throws -> WaitCondition
  {
    var waiting = WaitCondition([Pattern(pattern)], states, left: left, from: start)
    try waiting.resolveNames(view)
    return waiting
  }

  @Test func `is reached by an end that came between the start and the first look`() throws {
    var waiting = try waiting(instance.text, [.completed], from: 2)
    #expect(!waiting.isHopeless, "the watch has still to tell of its end")
    let isReached = try waiting.take(events.at(2))
    #expect(isReached)
    #expect(waiting.isDone)
  }

  @Test func `is hopeless once the watch has told of another end`() throws {
    var waiting = try waiting(instance.text, [.failed], from: 2)
    let isReached = try waiting.take(events.at(2))
    #expect(!isReached)
    #expect(waiting.isHopeless)
    #expect(!waiting.isDone)
    #expect(waiting.endings.map(\.name) == ["a@\(instance)"])
    #expect(waiting.endings.map(\.state) == [.completed])
    try expect(self.waiting(instance.text, [.completed], from: 3).isHopeless, is: true)
    try expect(
      self.waiting("a", [.completed], from: 3).isHopeless, is: false, "a job may run again")
  }

  @Test func `is counted once, as past or as news`() throws {
    for start in (0...3).map({ Seq($0) }) {
      var waiting = try waiting("a", [.completed], left: 2, from: start)
      let past = try waiting.countPast(view)
      let news = events.filter { $0.seq > start }.filter { waiting.take($0) }
      #expect((past + news).map(\.seq) == [3], "from \(start)")
      #expect(!waiting.isDone)
    }
  }

  @Test func `is in the past what was so at the start, whatever has become of it`() throws {
    var waiting = try waiting("a", [.running], from: 2)
    var past = try waiting.countPast(view)
    #expect(past.map(\.seq) == [2])
    waiting = try self.waiting("a", [.running], from: 3)
    past = try waiting.countPast(view)
    #expect(past.isEmpty)
    waiting = try self.waiting("a", [], from: 1)
    past = try waiting.countPast(view)
    #expect(past.map(\.seq) == [1])
  }
}
