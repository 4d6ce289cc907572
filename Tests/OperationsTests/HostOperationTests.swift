import Events
import Ledger
import Linux
import Projections
import TestSupport
import Testing

@testable import Operations

/// What is asked of a host: latches, jobs that are kept from running, the history.
@Suite(.temporaryDirectory) struct HostOperationTests {
  private let writer: LedgerWriter
  private let session: LedgerSession

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    session = try LedgerSession(TemporaryDirectory.ledger)
  }

  private func wait(_ id: String, for latch: String) throws {
    let instance = try #require(InstanceID(id))
    var cause = WaitCause()
    cause.latch = latch
    try writer.append([
      History.event(instance, .state(.created)),
      History.event(instance, .state(.pending), cause.json),
    ])
  }

  @Test func `a latch releases those that wait for it, and no others`() throws {
    try wait("1111000000000000", for: "mounted")
    try wait("2222000000000000", for: "other")
    let release = try LatchRelease("mounted", holdsOpen: false, by: Requester(), in: session)
    #expect(release.released.map(\.instance.text) == ["1111000000000000"])
    let last = try #require(try session.reader.events(after: 4, limit: 10).first)
    #expect(last.kind == .released)
    #expect(last.seq == release.seq)
    #expect(Released(last.json).latch == "mounted")
  }

  @Test func `a job is disabled once, and enabled by the same pattern`() throws {
    let switching = JobSwitching(session, by: Requester())
    try expect(
      switching.disable(["a*", "b", "a*"], until: nil).added.map(\.pattern), is: ["a*", "b"])
    try expect(switching.disable(["b"], until: nil).present, is: [.init(pattern: "b", seq: 2)])
    let enabled = try switching.enable(["b", "abc"])
    #expect(enabled.removed == [.init(pattern: "b", seq: 3)])
    #expect(enabled.stillDisabled.map(\.name) == ["abc"])
    #expect(enabled.stillDisabled.map(\.by) == ["a*"])
  }

  @Test func `another reason or another end is another word`() throws {
    try expect(
      JobSwitching(session, by: Requester()).disable(["a"], until: nil).added.map(\.pattern),
      is: ["a"])
    let end = WallTime.now + 3_600_000_000
    try expect(
      JobSwitching(session, by: Requester()).disable(["a"], until: end).added.map(\.pattern),
      is: ["a"])
    var requester = Requester()
    requester.reason = "why"
    try expect(
      JobSwitching(session, by: requester).disable(["a"], until: end).added.map(\.pattern),
      is: ["a"])
    try expect(
      JobSwitching(session, by: requester).disable(["a"], until: end).present.map(\.pattern),
      is: ["a"])
  }

  @Test func `what ends after it was counted stays in the history`() throws {
    try History.append("1111000000000000", job: "a", .skipped, to: writer)
    let removal = try HistoryRemoval([Pattern("a")], in: session)
    try History.append("2222000000000000", job: "a", .skipped, to: writer)
    try expect(removal.count(), is: 1)
    try removal.carryOut(by: Requester())
    var query = InstanceQuery(.ended)
    query.patterns = [Pattern("a")]
    try expect(session.projections.count(query), is: 1)
  }
}
