internal import Events
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@Suite("A ledger is put in order", .temporaryDirectory)
struct LedgerMaintenanceTests {
  private let directory = TemporaryDirectory.ledger
  private let writer: LedgerWriter
  private let instance = Sample.newID()

  init() throws { writer = try LedgerWriter(directory) }

  private func maintain(
    live: [InstanceID]? = nil, openWriter: (() throws(LedgerError) -> LedgerWriter)? = nil
  ) throws(LedgerError) -> LedgerMaintenance.Outcome {
    try LedgerMaintenance.run(
      LedgerReader(directory), openWriter: openWriter ?? { [writer] in writer },
      live: { live ?? [instance] })
  }

  /// Leaves what a run could not append: it has its own process's lock no longer.
  private func leaveSpool() throws {
    let spool = Spool(directory, instance)
    let stream = InstanceStream(job: "job", instance: instance)
    for state in [InstanceState.created, .running, .completed] {
      try spool.append(Sample.event(instance, .state(state)), of: stream)
    }
  }

  @Test func `nothing is written, and no writer opened, where there is nothing to do`() throws {
    let outcome = try maintain(
      live: [],
      openWriter: { () throws(LedgerError) in
        throw .missing(path: "opened")
      })
    #expect(outcome.failure == nil)
    #expect(outcome.closed == [])
    #expect(outcome.spooled == nil)
    try expect(writer.reader.head().seq, is: 0)
  }

  @Test func `instances whose runner is gone are closed, once`() throws {
    try Sample.append(Sample.event(instance), to: writer)
    try expect(maintain().closed, is: [instance])
    try expect(writer.reader.lastEvent(of: instance)?.kind, is: .state(.lost))
    try expect(maintain().closed, is: [])
  }

  @Test func `one that lives is left alone`() throws {
    let runFile = try RunFile(instance, in: directory)
    try Sample.append(Sample.event(instance), to: writer)
    try expect(maintain().closed, is: [])
    runFile.remove()
  }

  @Test func `what waits in spools is brought in before anybody is closed`() throws {
    try leaveSpool()
    let outcome = try maintain()
    #expect(outcome.closed == [])
    #expect(outcome.spooled == nil)
    #expect(outcome.failure == nil)
    try expect(writer.reader.lastEvent(of: instance)?.kind, is: .state(.completed))
  }

  @Test func `while others hold the queue it waits for nothing else, and says what is left`() throws
  {
    try leaveSpool()
    let other = Sample.newID()
    try Sample.append(Sample.event(other), to: writer)
    let outcome = try maintain(
      live: [other],
      openWriter: { () throws(LedgerError) in
        throw .queueTimedOut(path: "queue", milliseconds: 300)
      })
    #expect(outcome.isQueueHeld)
    #expect(outcome.closed == [])
    #expect(outcome.spooled?.instances == [instance])
    try expect(writer.reader.head().seq, is: 1)
  }

  @Test func `where it cannot be written, nobody who only asks fails`() throws {
    try Sample.append(Sample.event(instance), to: writer)
    let outcome = try maintain(openWriter: { () throws(LedgerError) in
      throw .notWritable(path: "ledger", reason: "read-only")
    })
    #expect(outcome.closed == [])
    #expect(!outcome.isQueueHeld)
    guard case .notWritable = outcome.failure else {
      Issue.record("\(String(describing: outcome.failure))")
      return
    }
  }

  @Test func `a file of a spool that is damaged is told of`() throws {
    try leaveSpool()
    let spool = try #require(Files.names(in: directory.spool).first)
    let path = "\(directory.spool)/\(spool)"
    try Files.write(Files.contents(path) + Array("nothing\n".utf8), to: path)
    try expect(maintain().refused.map(\.cause), is: [.damaged])
  }
}
