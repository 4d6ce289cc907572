import Events
import Ledger
import Linux
import Projections
import TestSupport
import Testing

@testable import Operations

/// Requests to instances, of which nobody runs here: their runners' files are held by the test itself.
@Suite(.temporaryDirectory) struct RequestTests {
  private let writer: LedgerWriter
  private let session: LedgerSession

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    session = try LedgerSession(TemporaryDirectory.ledger)
  }

  private var requester: Requester {
    var requester = Requester()
    requester.via = .rest
    requester.user = "ann"
    requester.token = "deploy"
    requester.address = "192.0.2.7"
    return requester
  }

  private func execution(
    _ patterns: String..., request: InstanceRequest = .stop(signal: "TERM")
  ) throws -> RequestExecution {
    try RequestExecution(
      session, request, by: requester, to: patterns.map { Pattern($0) }, maintain: nil)
  }

  @Test func `each live instance that matches has an outcome, and its request is on disk`() throws {
    try History.append("1111000000000000", job: "a", .running, to: writer)
    try History.append("2222000000000000", job: "a", .running, to: writer)
    try History.append("3333000000000000", job: "b", .running, to: writer)
    try History.append("4444000000000000", job: "a", .running, .completed, to: writer)
    let first = try RunFile(try #require(InstanceID("1111000000000000")), in: session.directory)
    let second = try RunFile(try #require(InstanceID("2222000000000000")), in: session.directory)
    var execution = try execution("a")
    var outcomes: [String] = []
    try execution.send { outcomes.append("\($0.instance) \($1)") }
    #expect(
      outcomes == ["1111000000000000 requested(seq: 10)", "2222000000000000 requested(seq: 11)"])
    #expect(execution.firstError == nil)
    let events = try session.reader.events(after: 0, limit: 100).suffix(2)
    #expect(events.map(\.kind) == [.stopRequested, .stopRequested])
    #expect(events.map { ControlRequest($0.json).by } == [requester, requester])
    _ = first
    _ = second
  }

  @Test(
    arguments: [
      (.resume, .isNotPaused), (.pause, nil), (.signal("HUP"), nil), (.stop(signal: "TERM"), nil),
    ] as [(InstanceRequest, InstanceRequest.Refusal?)])
  func `who runs is not asked what is of no use`(
    request: InstanceRequest, refusal: InstanceRequest.Refusal?
  ) throws {
    try History.append("1111000000000000", job: "a", .running, to: writer)
    let file = try RunFile(try #require(InstanceID("1111000000000000")), in: session.directory)
    var execution = try execution("a", request: request)
    var outcomes: [String] = []
    try execution.send { outcomes.append("\($1)") }
    let declined = refusal.map { ["\(RequestExecution.Outcome.declined($0))"] }
    #expect(outcomes == declined ?? ["requested(seq: 3)"])
    try expect(session.reader.head().seq, is: refusal == nil ? 3 : 2)
    _ = file
  }

  @Test(arguments: [InstanceRequest.pause, .resume, .signal("HUP")])
  func `who has not begun can only be ended`(request: InstanceRequest) throws {
    try History.append("1111000000000000", job: "a", to: writer)
    let record = try #require(try session.projections.newest(named: "a"))
    #expect(request.refusal(of: record) == .isNotRunning)
    #expect(InstanceRequest.stop(signal: "KILL").refusal(of: record) == nil)
  }

  @Test func `one that ends meanwhile does not keep the others from being asked`() throws {
    try History.append("1111000000000000", job: "a", .running, to: writer)
    try History.append("2222000000000000", job: "a", .running, to: writer)
    var execution = try execution("a")
    try writer.append([
      History.event(try #require(InstanceID("1111000000000000")), .state(.completed), job: "a")
    ])
    var outcomes: [String] = []
    try execution.send { outcomes.append("\($0.instance) \($1)") }
    #expect(outcomes.first == "1111000000000000 hasEnded")
    #expect(outcomes.count == 2)
  }

  @Test func `nothing matches`() throws {
    try expect(execution("nobody").isEmpty, is: true)
  }

  @Test func `what has not ended when the time is over is told`() throws {
    try History.append("1111000000000000", job: "a", .running, to: writer)
    let file = try RunFile(try #require(InstanceID("1111000000000000")), in: session.directory)
    var execution = try execution("a")
    try execution.send { _, _ in }
    let late = try execution.awaitEnd(timeout: 1000, report: { _, _ in }, notify: { _ in })
    #expect(late.map(\.instance.text) == ["1111000000000000"])
    _ = file
  }
}
