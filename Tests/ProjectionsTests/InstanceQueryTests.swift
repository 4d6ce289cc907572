internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("An instance query", .temporaryDirectory)
struct InstanceQueryTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  private func answer(_ query: InstanceQuery) throws -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    try store.forEach(query) { record in
      records.append(record)
      return true
    }
    return records
  }

  /// Some that are hidden, some that are live, some that have left something behind: chance brings them sooner or later.
  private func fill(for purpose: String) throws -> [InstanceRecord] {
    var corpus = Corpus(for: purpose)
    var records: [InstanceRecord] = []
    let kinds: [(InstanceRecord) -> Bool] = [
      { $0.isHidden }, { $0.endedAt == nil }, { $0.leftBehind != nil },
      { !$0.created.params.isEmpty },
    ]
    for _ in 0..<20 where !kinds.allSatisfy({ records.contains(where: $0) }) {
      try corpus.append(2000, to: writer)
      records = try Fold.pure(writer.reader)
    }
    try #require(kinds.allSatisfy { records.contains(where: $0) })
    return records
  }

  private func expectNaive(_ query: InstanceQuery, _ records: [InstanceRecord]) throws -> Int {
    let expected = Naive.answer(query, records)
    let found = try answer(query)
    try #require(found.map(\.createdSeq) == expected.map(\.createdSeq), "\(query)")
    #expect(found == expected)
    var all = query
    all.limit = nil
    try expect(store.count(all), is: Int64(Naive.answer(all, records).count), "\(all)")
    try expect(
      store.created(all).map(\.seq), is: Naive.answer(all, records).map(\.createdSeq).sorted())
    try expect(store.page(query).records, is: Array(expected.prefix(1024)))
    return found.count
  }

  @Test func `gives what a naive filter over all records gives, whatever is asked together`() throws
  {
    let records = try fill(for: "instance query corpus")
    var random = RandomQuery(records, for: "instance queries")
    var answered = 0
    for _ in 0..<600 {
      answered += try expectNaive(random.next(), records) > 0 ? 1 : 0
    }
    #expect(answered > 100, "most questions had no answer: nothing was tested")
  }

  @Test(arguments: RandomQuery.Filter.allCases)
  func `gives what a naive filter gives, by each filter alone`(filter: RandomQuery.Filter) throws {
    let records = try fill(for: "instance query filters")
    var random = RandomQuery(records, for: "instance filters")
    var answered = 0
    for include in InstanceQuery.Include.allCases {
      for _ in 0..<12 {
        var query = InstanceQuery(include)
        random.add(filter, to: &query)
        answered += try expectNaive(query, records) > 0 ? 1 : 0
      }
    }
    #expect(answered > 3, "nothing was tested")
  }

  @Test func `that is asked while the ledger grows gives everything once`() throws {
    var corpus = Corpus(for: "history query pages")
    try corpus.append(6000, to: writer)
    for order in InstanceQuery.Order.allCases {
      var query = InstanceQuery(.ended)
      query.order = order
      query.until = 1_690_000_000_000_000
      try expect(answer(query)) { $0.isEmpty }
      query.until = nil
      let before = try answer(query).map(\.createdSeq)
      #expect(before.count > 256)
      var seen: [Seq] = []
      try store.forEach(query) { record in
        if seen.count % 100 == 0 { try? corpus.append(5, to: writer) }
        seen.append(record.createdSeq)
        return true
      }
      #expect(Set(seen).count == seen.count)
      // But what was removed from the history meanwhile.
      let still = Set(before).intersection(try answer(query).map(\.createdSeq))
      #expect(still.count > 256)
      #expect(still.subtracting(seen) == [])
    }
  }

  @Test func `ends where who asked has enough, in every order`() throws {
    var corpus = Corpus(for: "history query enough")
    try corpus.append(1000, to: writer)
    for order in InstanceQuery.Order.allCases {
      var query = InstanceQuery(.ended)
      query.order = order
      var count = 0
      try store.forEach(query) { _ in
        count += 1
        return count < 3
      }
      #expect(count == 3)
    }
  }
}
