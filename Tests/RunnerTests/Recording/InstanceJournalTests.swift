import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@testable import Runner

/// What becomes of an instance's events where the ledger takes them, or does not.
@Suite("A journal", .temporaryDirectory)
struct InstanceJournalTests: JournalSuite {
  let directory = TemporaryDirectory.ledger
  let instance = InstanceID(createdAt: WallTime.now)

  // MARK: Appending

  @Test func `appends what has happened, in order, and waits for the queue as long as one may`()
    throws
  {
    var journal = try journal()
    journal.append([event(journal, .paused), event(journal, .resumed)], durable: false)
    journal.finish(end(), after: [event(journal, .warning)])
    try expect(
      kinds(), is: ["created", "running", "paused", "resumed", "warning", "completed"])
    let appends = journal.writer?.appends ?? []
    #expect(appends.map(\.queueMilliseconds) == [10_000, 10_000, 10_000])
    #expect(appends.map(\.isDurable) == [true, false, true])
    expect(journal.isInTrouble, is: false)
  }

  @Test func `keeps what cannot be appended, tries again later, and appends it in order`() throws {
    var journal = try journal()
    let before = journal.writer?.appends.count ?? 0
    journal.writer?.failure = timedOut
    journal.append([event(journal, .paused)], durable: true)
    expect(journal.isInTrouble, is: true)
    // It is too early for another try.
    journal.append([event(journal, .resumed)], durable: true)
    expect(journal.writer?.appends.count, is: before + 1)
    let dueAt = journal.dueAt
    expect(dueAt) { ($0 ?? 0) > MonotonicTime.now }
    try expect(kinds(), is: ["created", "running"])
    journal.writer?.failure = nil
    // The end does not wait for that, and waits for the queue but a moment.
    journal.finish(end(), after: [])
    try expect(kinds(), is: ["created", "running", "paused", "resumed", "completed"])
    expect(
      journal.writer?.appends.dropFirst(before + 1).map(\.queueMilliseconds), is: [1000, 1000])
    expect(journal.isInTrouble, is: false)
    expect(journal.dueAt, is: nil)
  }

  @Test func `waits for nobody while it is in trouble`() throws {
    var journal = try journal()
    journal.writer?.failure = timedOut
    journal.append([event(journal, .paused)], durable: true)
    let deadline = BootTime.now + 60_000_000
    let before = journal.writer?.appends.count ?? 0
    while journal.writer?.appends.count == before, BootTime.now < deadline {
      _ = Poll.wait(-1, for: .readable, milliseconds: 20)
      journal.append([], durable: false)
    }
    expect(journal.writer?.appends.last?.queueMilliseconds, is: 0)
  }

  @Test func `does not append twice what was appended without its learning of it`() throws {
    var journal = try journal()
    journal.writer?.failure = .after(.inputOutput(path: "the ledger", reason: "a flush"))
    journal.append([event(journal, .paused)], durable: true)
    try expect(kinds(), is: ["created", "running", "paused"])
    journal.writer?.failure = nil
    journal.finish(end(), after: [])
    try expect(kinds(), is: ["created", "running", "paused", "completed"])
  }

  @Test func `of a ledger that cannot be opened is kept, and appended when that can be`() throws {
    var journal = try newJournal(isOpen: false)
    let end = journal.create(Created(), .now, isRequired: false) { _ in nil }
    #expect(end == nil)
    journal.isUnopened("no reason", leavesGatesUnasked: false)
    expect(journal.isInTrouble, is: true)
    journal.append([event(journal, .state(.running))], durable: true)
    expect(journal.writer == nil, is: true)
    expect(journal.dueAt, is: nil)
    journal.finish(self.end(), after: [])
    try expect(kinds(), is: ["created", "running", "completed"])
  }

  // MARK: The beginning

  @Test func `ends at once what is not to run`() throws {
    var journal = try newJournal()
    var ending = Ending()
    ending.reason = "disabled"
    let end = journal.create(Created(), .now, isRequired: false) { _ in (.disabled, ending) }
    #expect(end == .disabled)
    expect(journal.state, is: .disabled)
    try expect(kinds(), is: ["created", "disabled"])
  }

  @Test func `knows the end that it was not told of`() throws {
    var journal = try newJournal()
    journal.writer?.failure = .after(.inputOutput(path: "the ledger", reason: "a flush"))
    let end = journal.create(Created(), .now, isRequired: false) { _ in (.disabled, Ending()) }
    #expect(end == .disabled)
    expect(journal.isInTrouble, is: false)
  }

  @Test func `keeps a beginning that cannot be appended`() throws {
    var journal = try newJournal()
    journal.writer?.failure = timedOut
    let end = journal.create(Created(), .now, isRequired: false) { _ in (.disabled, Ending()) }
    // Nobody could be asked.
    #expect(end == nil)
    expect(journal.isInTrouble, is: true)
    journal.writer?.failure = nil
    journal.end(in: .cancelled, Ending())
    try expect(kinds(), is: ["created", "cancelled"])
  }

  // MARK: Output that is lost

  @Test func `says once how much output is missing`() throws {
    var journal = try journal()
    journal.drop(60, "the ledger could not keep up")
    journal.drop(40, "the ledger could not keep up")
    // The gap is in the ledger now, and the journal does not know it.
    journal.writer?.failure = .after(.inputOutput(path: "the ledger", reason: "a flush"))
    journal.append([event(journal, .paused)], durable: true)
    journal.note(.now)
    journal.writer?.failure = nil
    journal.finish(end(), after: [])
    try expect(kinds(), is: ["created", "running", "output_gap", "paused", "completed"])
    let events = try recorded()
    try expect(OutputGap(events.at(2).json).bytes, is: 100)
    try expect(droppedBytes(events.at(4)), is: 100)
  }

  @Test func `says anew what is missing since`() throws {
    var journal = try journal()
    journal.drop(60, "the ledger could not keep up")
    journal.append([], durable: false)
    // Nothing has happened that would be appended.
    try expect(kinds(), is: ["created", "running"])
    journal.append([event(journal, .paused)], durable: true)
    journal.drop(7, "the ledger could not keep up")
    journal.finish(end(), after: [])
    let events = try recorded()
    expect(
      events.map(\.kind.name),
      is: ["created", "running", "output_gap", "paused", "output_gap", "completed"])
    try expect(OutputGap(events.at(2).json).bytes, is: 60)
    try expect(OutputGap(events.at(4).json).bytes, is: 7)
    try expect(droppedBytes(events.at(5)), is: 67)
  }

  // MARK: Reading

  @Test func `reads what others have asked, and tells it once`() throws {
    let listener = JournalListener()
    var journal = try journal(listener)
    let other = try LedgerWriter(directory)
    let request = ControlRequest(by: .thisProcess(reason: "enough"), signal: "TERM")
    try other.turn(durable: false) { turn throws(LedgerError) in
      _ = try turn.append(
        .now(.stopRequested, request.json, of: instance, "job"), .next)
    }
    journal.read()
    let requests = journal.takeRequests()
    #expect(requests.map(\.kind) == [.stopRequested])
    #expect(requests.first?.request.by.reason == "enough")
    expect(journal.takeRequests().isEmpty, is: true)
    #expect(listener.told.change { $0 } == ["created", "running", "stop_requested"])
  }

  @Test func `reads again what it could not read`() throws {
    var journal = try journal()
    journal.writer?.readFailure = .queueTimedOut(path: "the ledger", milliseconds: 0)
    journal.read()
    let dueAt = journal.dueAt
    expect(dueAt) { ($0 ?? 0) > MonotonicTime.now }
    // It is too early.
    journal.writer?.readFailure = nil
    journal.readIfDue()
    expect(journal.dueAt, is: dueAt)
    journal.read()
    expect(journal.dueAt, is: nil)
  }

  @Test func `reads nothing while this process is about to stop`() throws {
    let (turns, isStopped, goesOn) = (TurnGate(), Monitor(false), Monitor(true))
    let journal = try journal(nil, turns, isStopped: isStopped)
    switch LendingThread.start(with: journal, { while goesOn.change({ $0 }) { $0.read() } }) {
    case .running(let thread):
      for _ in 0..<200 {
        turns.close(until: MonotonicTime.now + 60_000_000) {
          isStopped.change { $0 = true }
          sched_yield()
          isStopped.change { $0 = false }
        }
      }
      goesOn.change { $0 = false }
      let journal = thread.join()
      expect(journal.writer?.readsWhileStopped, is: 0)
    case .refused: Issue.record("no thread")
    }
  }

  // MARK: Plugins

  @Test func `tells plugins at once what cannot be recorded, and not again when it is`() throws {
    let listener = JournalListener()
    var journal = try journal(listener)
    journal.writer?.failure = timedOut
    journal.append([event(journal, .paused), event(journal, .status)], durable: true)
    journal.append([event(journal, .resumed)], durable: true)
    let before = ["created", "running", "unrecorded paused", "unrecorded resumed"]
    #expect(listener.told.change { $0 } == before)
    journal.writer?.failure = nil
    journal.finish(end(), after: [])
    try expect(kinds(), is: ["created", "running", "paused", "resumed", "completed"])
    #expect(listener.told.change { $0 } == before + ["completed"])
  }
}
