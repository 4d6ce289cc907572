import Events
import Ledger
import Projections
import TestSupport
import Testing

@testable import Operations

/// `wait` as an operation: what is so already is answered at once, and nothing is waited for in vain.
@Suite(.temporaryDirectory) struct WaitExecutionTests {
  private let writer: LedgerWriter
  private let session: LedgerSession

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    session = try LedgerSession(TemporaryDirectory.ledger)
  }

  private func outcome(
    _ pattern: String, _ states: Set<InstanceState>, countsPast: Bool = false, timeout: Int64?,
    report: (Event) -> Void = { _ in }
  ) throws -> WaitExecution.Outcome {
    var execution = try WaitExecution(
      session, [Pattern(pattern)], states, count: 1, countsPast: countsPast, maintain: nil,
      timeout: timeout
    ) { _ in }
    return try execution.run(report)
  }

  @Test func `is reached by what is so already, and tells the event`() throws {
    try History.append("1111000000000000", job: "a", .running, .completed, to: writer)
    var told: [Seq] = []
    let outcome = try outcome("a", [.completed], countsPast: true, timeout: nil) {
      told.append($0.seq)
    }
    #expect(outcome == .reached)
    #expect(told == [3])
  }

  @Test func `is impossible for an instance that has ended otherwise`() throws {
    try History.append("1111000000000000", job: "a", .running, .failed, to: writer)
    let outcome = try outcome("1111000000000000", [.completed], timeout: nil)
    guard case .impossible(let endings) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(endings.map(\.name) == ["a@1111000000000000"])
    #expect(endings.map(\.state) == [.failed])
  }

  @Test func `is over with its time`() throws {
    try expect(outcome("a", [], timeout: 0), is: .timedOut)
  }

  @Test func `is reached by what happens after it began`() throws {
    try History.append("1111000000000000", job: "a", .running, to: writer)
    var execution = try WaitExecution(
      session, [Pattern("a")], [.completed], count: 1, countsPast: false, maintain: nil,
      timeout: 60_000_000
    ) { _ in }
    let instance = try #require(InstanceID("1111000000000000"))
    try writer.append([History.event(instance, .state(.completed), job: "a")])
    var told: [EventKind] = []
    try expect(execution.run { told.append($0.kind) }, is: .reached)
    #expect(told == [.state(.completed)])
  }
}
