internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("Queries", .temporaryDirectory)
struct QueryTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  private enum Order { case oldestFirst, newestFirst }

  private func ended(job: String? = nil, _ order: Order) throws -> [String] {
    var ids: [String] = []
    var query = InstanceQuery(.ended)
    query.patterns = job.map { [Pattern($0)] } ?? []
    query.isAscending = order == .oldestFirst
    try store.forEach(query) { record in
      ids.append(record.instance.text)
      return true
    }
    return ids
  }

  private func addThree() throws {
    try History.append("1111000000000000", job: "a", .running, .completed, to: writer)
    try History.append("2222000000000000", job: "b", .running, to: writer)
    try History.append("1111111100000000", job: "b", .skipped, to: writer)
    try History.append("3333000000000000", job: "a", to: writer)
    try History.append("0000000000000001", job: "a", .running, .failed, to: writer)
  }

  @Test func `of an empty ledger have no answer`() throws {
    try expect(store.records(InstanceQuery(.live, isAscending: true))) { $0.isEmpty }
    try expect(ended(.newestFirst)) { $0.isEmpty }
    try expect(store.newest(ofJob: "a")) { $0 == nil }
    try expect(store.created(.newestOfEachJob())) { $0.isEmpty }
    try expect(store.position(), is: 0)
  }

  @Test func `tell the live ones, oldest first`() throws {
    try addThree()
    try expect(
      store.records(InstanceQuery(.live, isAscending: true)).map(\.instance.text),
      is: ["2222000000000000", "3333000000000000"])
  }

  @Test
  func `tell the ended ones in the order of creation, whatever their ids, and of one job`() throws {
    try addThree()
    let oldestFirst = ["1111000000000000", "1111111100000000", "0000000000000001"]
    try expect(ended(.oldestFirst), is: oldestFirst)
    try expect(ended(.newestFirst), is: oldestFirst.reversed())
    try expect(ended(job: "a", .newestFirst), is: ["0000000000000001", "1111000000000000"])
    try expect(ended(job: "b", .oldestFirst), is: ["1111111100000000"])
    try expect(ended(job: "none", .oldestFirst)) { $0.isEmpty }
  }

  @Test func `end where who asked has enough`() throws {
    try addThree()
    var ids: [String] = []
    try store.forEach(InstanceQuery(.ended)) { record in
      ids.append(record.instance.text)
      return ids.count < 2
    }
    #expect(ids == ["0000000000000001", "1111111100000000"])
  }

  @Test(arguments: [63, 64, 65, 192, 500])
  func `leave nothing out between two pages`(count: Int) throws {
    let ids = (0..<count).map { "0000000000\(100_000 + $0)" }
    for (index, id) in ids.enumerated() {
      try History.append(id, job: index % 2 == 0 ? "even" : "odd", .skipped, to: writer)
    }
    try expect(ended(.oldestFirst), is: ids)
    try expect(ended(.newestFirst), is: ids.reversed())
    try expect(ended(job: "even", .oldestFirst).count, is: (count + 1) / 2)
  }

  @Test func `see what was appended while somebody looked at the answer`() throws {
    try addThree()
    var ids: [String] = []
    var oldestFirst = InstanceQuery(.ended)
    oldestFirst.isAscending = true
    try store.forEach(oldestFirst) { record in
      if ids.isEmpty {
        // One who reads slowly keeps nobody from writing and folding.
        try? History.append("4444000000000000", job: "a", .cancelled, to: writer)
        let other = try? ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
        #expect((try? other?.newest(ofJob: "a")?.instance.text) == "4444000000000000")
      }
      ids.append(record.instance.text)
      return true
    }
    #expect(ids.prefix(3) == ["1111000000000000", "1111111100000000", "0000000000000001"])
  }

  @Test func `find the newest of a job, live or ended, and of every job`() throws {
    try addThree()
    try expect(store.newest(ofJob: "a")?.instance.text, is: "0000000000000001")
    try expect(store.newest(ofJob: "b")?.instance.text, is: "1111111100000000")
    try expect(
      store.created(.newestOfEachJob()).map(\.instance.text),
      // The newest of b was not executed, and hides nothing.
      is: ["2222000000000000", "0000000000000001"])
  }

  @Test(
    arguments: [
      ("1111", ["1111111100000000", "1111000000000000"]), ("11111", ["1111111100000000"]),
      ("1111000000000000", ["1111000000000000"]), ("2222", ["2222000000000000"]), ("9999", []),
      ("zzzz", []),
    ] as [(String, [String])])
  func `find ids by their beginning`(prefix: String, expected: [String]) throws {
    try addThree()
    try expect(store.instances(withPrefix: prefix, limit: 11).map(\.instance.text), is: expected)
    try expect(
      store.instances(withPrefix: prefix, limit: 1).map(\.instance.text),
      is: Array(expected.prefix(1)))
  }

  @Test func `give back every fact of a record`() throws {
    var corpus = Corpus(for: "whole record")
    try corpus.append(500, to: writer)
    for record in try Fold.pure(writer.reader) {
      let read = try #require(try store.record(of: record.instance))
      #expect(read == record)
      #expect(read.created == record.created)
      #expect(read.running == record.running)
      #expect(read.ending == record.ending)
      #expect(read.name == "\(record.job)@\(record.instance)")
    }
  }
}
