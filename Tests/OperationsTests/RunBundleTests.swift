import Events
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Operations
@testable import Projections

@Suite("A bundle in the making", .temporaryDirectory) struct RunBundleTests {
  private let writer: LedgerWriter
  private let session: LedgerSession
  private let record: InstanceRecord

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    let instance = try #require(InstanceID("06h0d1qcrty15cma"))
    let other = try #require(InstanceID("06h0d1qcrty15cmb"))
    let bytes = Array("printed\n".utf8)
    var totals = OutputTotals()
    totals.stdoutBytes = Int64(bytes.count / 2)
    totals.stderrBytes = Int64(bytes.count) - totals.stdoutBytes
    try writer.append([
      History.event(other, .state(.created)), History.event(instance, .state(.created)),
      History.event(instance, .output, totals.json, output: Sample.chunk(bytes)),
      History.event(instance, .state(.completed)), History.event(other, .state(.completed)),
    ])
    session = try LedgerSession(TemporaryDirectory.ledger)
    record = try session.instance(named: instance.text)
  }

  private func drop() throws {
    let retention = Retention(writer, by: Requester())
    let all = [record.instance]
    var rest = all[...]
    while !rest.isEmpty {
      rest = rest.dropFirst(try retention.dropNext(.events, .age, of: rest).done)
    }
  }

  private func make(
    _ bundle: RunBundle, progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws {
    _ = try bundle.make(
      "\(TemporaryDirectory.path)/a.tar",
      by: RunBundle.Maker(.thisProcess(), version: "0", howToCheck: "So."), progress: progress)
  }

  private func expectNone(_ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { error in
      guard case RunBundle.Refusal.droppedMeanwhile = error else { return false }
      return true
    }
    #expect(!Files.exists("\(TemporaryDirectory.path)/a.tar"))
  }

  @Test func `is none when retention drops the run before it`() throws {
    let bundle = try RunBundle(of: record, in: session, .init())
    try drop()
    expectNone { try make(bundle) }
  }

  @Test func `is none when retention drops the run behind what was read`() throws {
    let bundle = try RunBundle(of: record, in: session, .init())
    var failure: (any Error)?
    expectNone {
      try make(bundle) { _, _ in
        do { try drop() } catch { failure = error }
      }
    }
    #expect(failure == nil)
  }
}
