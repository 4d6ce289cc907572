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
    var query = HistoryQuery()
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

  @Test("of an empty ledger have no answer")
  func empty() throws {
    #expect(try store.live().isEmpty)
    #expect(try ended(.newestFirst).isEmpty)
    #expect(try store.newest(ofJob: "a") == nil)
    #expect(try store.newestOfEachJob().isEmpty)
    #expect(try store.position() == 0)
  }

  @Test("tell the live ones, oldest first")
  func live() throws {
    try addThree()
    #expect(
      try store.live().map(\.instance.text) == ["2222000000000000", "3333000000000000"])
  }

  @Test("tell the ended ones in the order of creation, whatever their ids, and of one job")
  func endedOrders() throws {
    try addThree()
    let oldestFirst = ["1111000000000000", "1111111100000000", "0000000000000001"]
    #expect(try ended(.oldestFirst) == oldestFirst)
    #expect(try ended(.newestFirst) == oldestFirst.reversed())
    #expect(try ended(job: "a", .newestFirst) == ["0000000000000001", "1111000000000000"])
    #expect(try ended(job: "b", .oldestFirst) == ["1111111100000000"])
    #expect(try ended(job: "none", .oldestFirst).isEmpty)
  }

  @Test("end where who asked has enough")
  func enough() throws {
    try addThree()
    var ids: [String] = []
    try store.forEach(HistoryQuery()) { record in
      ids.append(record.instance.text)
      return ids.count < 2
    }
    #expect(ids == ["0000000000000001", "1111111100000000"])
  }

  @Test("leave nothing out between two pages", arguments: [63, 64, 65, 192, 500])
  func pages(count: Int) throws {
    let ids = (0..<count).map { "0000000000\(100_000 + $0)" }
    for (index, id) in ids.enumerated() {
      try History.append(id, job: index % 2 == 0 ? "even" : "odd", .skipped, to: writer)
    }
    #expect(try ended(.oldestFirst) == ids)
    #expect(try ended(.newestFirst) == ids.reversed())
    #expect(try ended(job: "even", .oldestFirst).count == (count + 1) / 2)
  }

  @Test("see what was appended while somebody looked at the answer")
  func appendedMeanwhile() throws {
    try addThree()
    var ids: [String] = []
    var oldestFirst = HistoryQuery()
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

  @Test("find the newest of a job, live or ended, and of every job")
  func newest() throws {
    try addThree()
    #expect(try store.newest(ofJob: "a")?.instance.text == "0000000000000001")
    #expect(try store.newest(ofJob: "b")?.instance.text == "1111111100000000")
    #expect(
      try store.newestOfEachJob().map(\.instance.text) == ["0000000000000001", "1111111100000000"])
  }

  @Test(
    "find ids by their beginning",
    arguments: [
      ("1111", ["1111111100000000", "1111000000000000"]), ("11111", ["1111111100000000"]),
      ("1111000000000000", ["1111000000000000"]), ("2222", ["2222000000000000"]), ("9999", []),
      ("zzzz", []),
    ] as [(String, [String])])
  func prefixes(prefix: String, expected: [String]) throws {
    try addThree()
    #expect(
      try store.instances(withPrefix: prefix, limit: 11).map(\.instance.text) == expected)
    #expect(
      try store.instances(withPrefix: prefix, limit: 1).map(\.instance.text)
        == Array(expected.prefix(1)))
  }

  @Test("give back every fact of a record")
  func wholeRecord() throws {
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
