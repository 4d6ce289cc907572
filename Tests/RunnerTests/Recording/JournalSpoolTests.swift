import Events
import Ledger
import Linux
import TestSupport
import Testing

@testable import Runner

/// What becomes of what can neither be appended nor, perhaps, be spooled.
@Suite("What a journal keeps", .temporaryDirectory)
struct JournalSpoolTests: JournalSuite {
  let directory = TemporaryDirectory.ledger
  let instance = InstanceID(createdAt: WallTime.now)

  @Test func `is taken in by the next taro where even the end cannot be appended`() throws {
    do {
      var journal = try journal()
      journal.writer?.failure = timedOut
      journal.append([event(journal, .paused)], durable: true)
      journal.finish(end(), after: [])
      try expect(kinds(), is: ["created", "running"])
    }
    try takeInSpool()
    try expect(kinds(), is: ["created", "running", "paused", "completed"])
  }

  @Test func `is in memory where no spool takes it, and is appended in order`() throws {
    let refuses = Monitor(RefusingSpool.Refusal.nothing)
    var journal = try journal(refuses: refuses)
    journal.writer?.failure = timedOut
    journal.append([event(journal, .paused)], durable: true)
    refuses.change { $0 = .everything }
    journal.append([event(journal, .resumed), event(journal, .warning)], durable: true)
    // There is room again, and a place behind what is in memory.
    refuses.change { $0 = .nothing }
    journal.append([event(journal, .paused)], durable: true)
    journal.writer?.failure = nil
    journal.finish(end(), after: [])
    try expect(
      kinds(),
      is: ["created", "running", "paused", "resumed", "warning", "paused", "completed"])
  }

  @Test func `goes into the spool as soon as that takes it`() throws {
    do {
      let refuses = Monitor(RefusingSpool.Refusal.everything)
      var journal = try journal(refuses: refuses)
      journal.writer?.failure = timedOut
      journal.append([event(journal, .paused), event(journal, .resumed)], durable: true)
      refuses.change { $0 = .nothing }
      journal.finish(end(), after: [])
    }
    try takeInSpool()
    try expect(kinds(), is: ["created", "running", "paused", "resumed", "completed"])
  }

  @Test func `has no holes in the output, and counts in the end what is missing`() throws {
    do {
      let refuses = Monitor(RefusingSpool.Refusal.nothing)
      var journal = try journal(refuses: refuses)
      journal.writer?.failure = timedOut
      journal.append([output(journal, 100)], durable: true)
      refuses.change { $0 = .output }
      journal.append([output(journal, 500)], durable: true)
      // What follows would stand behind a hole.
      refuses.change { $0 = .nothing }
      // This is dropped when the end is made already.
      journal.finish(end(.failed), after: [output(journal, 1000)])
    }
    try takeInSpool()
    let events = try recorded()
    expect(
      events.map(\.kind.name), is: ["created", "running", "output", "output_gap", "failed"])
    let gap = OutputGap(try events.at(3).json)
    #expect(gap.bytes == 1500)
    #expect(gap.reason == "the ledger could not be written")
    try expect(droppedBytes(events.at(4)), is: 1500)
  }

  @Test func `is told to plugins although nobody may ever record it`() throws {
    let listener = JournalListener()
    var journal = try journal(listener, refuses: Monitor(.everything))
    journal.writer?.failure = timedOut
    journal.append([event(journal, .paused)], durable: true)
    journal.finish(end(), after: [])
    #expect(
      listener.told.change { $0 }
        == ["created", "running", "unrecorded paused", "unrecorded completed"])
  }
}
