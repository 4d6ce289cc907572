internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("What was removed from the history", .temporaryDirectory)
struct HistoryRemovedTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    try History.append("1111000000000000", job: "a", .running, .completed, to: writer)
    try History.append("2222000000000000", job: "a", .running, to: writer)
    try History.append("3333000000000000", job: "b", .running, .failed, to: writer)
  }

  private func remove(_ patterns: String..., upTo: Seq) throws {
    let removed = HistoryRemoved(patterns: patterns, upTo: upTo)
    try writer.append([
      NewEvent(at: 1, mono: 1, job: nil, instance: nil, kind: .historyRemoved, data: removed.json)
    ])
  }

  private func end(_ id: String) throws {
    let instance = try #require(InstanceID(id))
    try writer.append([History.event(instance, .state(.completed), job: "a")])
  }

  private func ids(_ query: InstanceQuery = InstanceQuery(.ended)) throws -> [String] {
    var ids: [String] = []
    try store.forEach(query) { record in
      ids.append(record.instance.text)
      return true
    }
    return ids
  }

  /// Folded event by event, folded at once, and without a database.
  private func expectEqualFolds() throws {
    let state = try Fold.state(of: store)
    #expect(state == (try Fold.pure(writer.reader)))
    #expect(state == (try Fold.rebuilt(TemporaryDirectory.ledger)))
  }

  @Test func `is not found by names any more, whatever is live stays`() throws {
    try remove("*", upTo: 100)
    try expect(ids(), is: [])
    try expect(store.records(InstanceQuery(.live)).map(\.instance.text), is: ["2222000000000000"])
    try expect(store.newest(ofJob: "b")) { $0 == nil }
    try expect(store.newest(ofJob: "a")?.instance.text, is: "2222000000000000")
    try expect(store.instances(withPrefix: "3333", limit: 9)) { $0.isEmpty }
    try expect(store.newest(named: "3333")) { $0 == nil }
    try expect(
      store.created(.newestOfEachJob()).map(\.instance.text),
      is: ["2222000000000000"])
    try expect(store.statistics(InstanceQuery(.ended))) { $0.isEmpty }
    try expect(store.count(InstanceQuery(.ended)), is: 0)
    try expectEqualFolds()
  }

  @Test func `is found by its whole id`() throws {
    try remove("b", upTo: 100)
    let id = "3333000000000000"
    try expect(store.record(of: #require(InstanceID(id)))?.isHidden, is: true)
    try expect(store.newest(named: id)?.instance.text, is: id)
    try expect(store.newest(named: "b@\(id)")?.instance.text, is: id)
    try expect(store.newest(named: "c@\(id)")) { $0 == nil }
  }

  @Test
  func
    `are the runs that had ended by the position, whether it was asked before or after that was folded`()
    throws
  {
    let position = try writer.reader.head().seq
    try end("2222000000000000")
    try remove("a", upTo: position)
    try expect(ids(), is: ["3333000000000000", "2222000000000000"])
    try History.append("4444000000000000", job: "a", .skipped, to: writer)
    try expectEqualFolds()
    try remove("a", upTo: writer.reader.head().seq)
    try expect(ids(), is: ["3333000000000000"])
    try History.append("5555000000000000", job: "a", .skipped, to: writer)
    try expect(ids(), is: ["5555000000000000", "3333000000000000"])
    try expectEqualFolds()
  }

  @Test(
    arguments: [
      ("a", ["3333000000000000"]), ("b", ["1111000000000000"]), ("1111", ["3333000000000000"]),
      ("a@1111000000000000", ["3333000000000000"]), ("*@3333*", ["1111000000000000"]),
      ("[ab]", []), ("none", ["3333000000000000", "1111000000000000"]),
      ("111", ["3333000000000000", "1111000000000000"]),
    ] as [(String, [String])])
  func `are those that match, by job, id, beginning of an id, job@instance or glob`(
    pattern: String, left: [String]
  ) throws {
    try remove(pattern, upTo: 100)
    try expect(ids(), is: left)
    try expectEqualFolds()
  }

  @Test func `is nothing when no pattern was given, or the data is of another shape`() throws {
    try remove(upTo: 100)
    try writer.append([
      NewEvent(at: 1, mono: 1, job: nil, instance: nil, kind: .historyRemoved, data: .array([1]))
    ])
    try expect(ids().count, is: 2)
    try expectEqualFolds()
  }

  @Test func `is nothing that an instance says`() throws {
    let instance = try #require(InstanceID("2222000000000000"))
    let removed = HistoryRemoved(patterns: ["*"], upTo: 100)
    let retained = JSON.object([
      .init("what", "events"), .init("instances", .strings(["1111000000000000"])),
    ])
    try writer.append([
      History.event(instance, .historyRemoved, removed.json, job: "a"),
      History.event(instance, .retained, retained, job: "a"),
    ])
    try expect(ids(), is: ["3333000000000000", "1111000000000000"])
    try expect(writer.reader.events(after: 0, limit: .max).flatMap(\.droppedInstances), is: [])
    try expectEqualFolds()
  }
}
