internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("Pages of instances", .temporaryDirectory)
struct InstancePagesTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  /// Ids in an order of their own.
  private func id(_ number: Int) -> String {
    "\(String(number * 7919 % 1000 + 1000))\(String(number + 100_000_000_000))"
  }

  private func add(_ number: Int, _ states: [InstanceState]) throws {
    let instance = try #require(InstanceID(id(number)))
    try writer.append(
      ([.created] + states).enumerated().map { step, state in
        // Ends and times in orders of their own, some alike.
        let time = Int64(number * 31 % 17) * Int64(step)
        return History.event(
          instance, .state(state), job: "job\(number % 5)",
          at: WallTime(1_700_000_000_000_000) + time,
          mono: BootTime(number * 1000) + time)
      })
  }

  private func addEnded(_ number: Int) throws {
    try add(number, number % 3 == 0 ? [.skipped] : [.running, .completed])
  }

  /// Walks to the end, and does something between two pages.
  private func walk(
    _ query: InstanceQuery, between: (Int) throws -> Void = { _ in }
  ) throws -> [InstanceRecord] {
    var (query, records, pages) = (query, [InstanceRecord](), 0)
    while true {
      let page = try store.page(query)
      #expect(page.records.count <= query.limit ?? .max)
      records += page.records
      guard let next = page.next else { return records }
      try #require(!page.records.isEmpty)
      let cursor = try #require(InstanceCursor(next.text))
      query.cursor = cursor
      try between(pages)
      pages += 1
    }
  }

  @Test(arguments: InstanceQuery.Order.allCases, [false, true])
  func `go on where the one before ended, while instances are added`(
    order: InstanceQuery.Order, isAscending: Bool
  ) throws {
    for number in 0..<60 { try addEnded(number) }
    for number in 60..<75 { try add(number, number % 2 == 0 ? [] : [.running]) }
    var added = 75
    for include in [InstanceQuery.Include.live, .ended, .all] {
      for limit in [1, 7, 60, 1000] {
        var query = InstanceQuery(include, isAscending: isAscending)
        query.order = order
        let before = try walk(query).map(\.createdSeq)
        let head = try writer.reader.head().seq
        query.limit = limit
        let seen = try walk(query) { page in
          guard page < 5 else { return }
          try addEnded(added)
          added += 1
        }.map(\.createdSeq)
        #expect(seen.filter { $0 <= head } == before)
        #expect(Set(seen).count == seen.count)
        query.asOf = head
        try expect(walk(query).map(\.createdSeq), is: before)
      }
    }
  }

  @Test func `of the last of each job go on too`() throws {
    for number in 0..<60 { try addEnded(number) }
    var query = InstanceQuery.newestOfEachJob()
    query.limit = 2
    try expect(walk(query).map(\.job), is: ["job4", "job3", "job1", "job0", "job2"])
  }

  @Test func `go on behind an instance that is gone, and in projections that were made anew`()
    throws
  {
    for number in 0..<20 { try addEnded(number) }
    for order in InstanceQuery.Order.allCases {
      var query = InstanceQuery(.ended)
      (query.order, query.limit) = (order, 4)
      let all = try walk(query).map(\.instance)
      let page = try store.page(query)
      query.cursor = page.next
      _ = try store.rebuild()
      try expect(store.page(query).records.map(\.instance), is: Array(all[4..<8]))
      try store.ask {
        try store.connection.execute(
          "DELETE FROM instance WHERE created_seq = \(page.next?.createdSeq ?? 0)")
      }
      try expect(store.page(query).records.map(\.instance), is: Array(all[4..<8]))
      _ = try store.rebuild()
    }
  }

  @Test func `hold no more than some bytes`() throws {
    let long = String(repeating: "x", count: 900_000)
    for number in 0..<20 {
      var created = Created()
      created.command = [long]
      let instance = try #require(InstanceID(id(number)))
      try writer.append([
        History.event(instance, .state(.created), created.json, job: "large"),
        History.event(instance, .state(.skipped), .object([]), job: "large"),
      ])
    }
    for order in InstanceQuery.Order.allCases {
      var query = InstanceQuery(.ended)
      query.order = order
      try expect(store.page(query).records.count, is: 5)
      try expect(walk(query).count, is: 20)
    }
  }

  @Test(arguments: [
    "", ".", "..", "1.1", "1..1", "1.1.", "1.1.1.1", "x.1.1", "1.x.1", "--1.1.1", "1.-1.1",
    "1.+1.1", " 1.1.1",
    "1.1.1\n", "1.1.12345678901234567890", "\u{661}.1.1",
  ])
  func `begin at nothing that is no cursor`(text: String) {
    #expect(InstanceCursor(text) == nil)
  }

  @Test(arguments: [
    ".1.1", "-5.0.0", "9999999999999999999.9999999999999999999.9999999999999999999",
  ])
  func `begin at any place in the order, whether an instance is there or not`(
    text: String
  ) throws {
    for number in 0..<6 { try addEnded(number) }
    for (order, isAscending) in [
      (InstanceQuery.Order.created, true), (.finished, false), (.time, true), (.created, false),
    ] {
      var query = InstanceQuery(.all, isAscending: isAscending)
      query.order = order
      let cursor: InstanceCursor = try #require(InstanceCursor(text))
      query.cursor = cursor
      _ = try store.page(query)
    }
  }

  @Test func `of one job alone, and of what somebody may see`() throws {
    for number in 0..<20 { try addEnded(number) }
    var query = InstanceQuery(.all)
    query.job = "job2"
    #expect(try walk(query).count == 4)
    // An id that looks like a pattern is no pattern here.
    query.job = "job*"
    #expect(try walk(query).isEmpty)
    query.job = nil
    query.visible = [Pattern("job[12]")]
    #expect(try Set(walk(query).map(\.job)) == ["job1", "job2"])
    let one = try #require(try walk(query).first)
    query.visible = [Pattern(one.name)]
    #expect(try walk(query).map(\.instance) == [one.instance])
    // The id alone names nobody's own.
    query.visible = [Pattern(one.instance.text)]
    #expect(try walk(query).isEmpty)
  }

  @Test func `jobs by id, and what is told of each`() throws {
    for number in 0..<20 { try addEnded(number) }
    #expect(try store.jobs(after: nil, limit: 10) == ["job0", "job1", "job2", "job3", "job4"])
    #expect(try store.jobs(after: "job1", limit: 2) == ["job2", "job3"])
    #expect(try store.jobs(after: "job4", limit: 2) == [])
    let summary = try #require(try store.summary(ofJob: "job1"))
    #expect(summary.ended.values.reduce(0, +) == 4)
    #expect(summary.live == 0)
    #expect(try summary.newest == store.newest(ofJob: "job1"))
    #expect(try store.summary(ofJob: "job") == nil)
  }
}
