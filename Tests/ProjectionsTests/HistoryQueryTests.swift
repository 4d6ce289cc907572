internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("A history query", .temporaryDirectory)
struct HistoryQueryTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  private func answer(_ query: HistoryQuery) throws -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    try store.forEach(query) { record in
      records.append(record)
      return true
    }
    return records
  }

  @Test
  func `gives what a naive filter over all records gives, whatever is asked together`() throws {
    var corpus = Corpus(for: "history query corpus")
    var records: [InstanceRecord] = []
    // Chance brings hidden and live ones sooner or later.
    for _ in 0..<20
    where !records.contains(where: \.isHidden) || !records.contains(where: { $0.endedAt == nil }) {
      try corpus.append(2000, to: writer)
      records = try Fold.pure(writer.reader)
    }
    try #require(records.contains { $0.isHidden } && records.contains { $0.endedAt == nil })
    var random = RandomQuery(records, for: "history queries")
    var answered = 0
    for _ in 0..<600 {
      let query = random.next()
      let expected = Naive.answer(query, records)
      let found = try answer(query)
      try #require(found.map(\.createdSeq) == expected.map(\.createdSeq), "\(query)")
      #expect(found == expected)
      var all = query
      (all.limit, all.isLastOfEachJob) = (nil, false)
      try expect(store.count(all), is: Int64(Naive.answer(all, records).count), "\(all)")
      answered += found.isEmpty ? 0 : 1
    }
    #expect(answered > 100, "most questions had no answer: nothing was tested")
  }

  @Test func `that is asked while the ledger grows gives everything once`() throws {
    var corpus = Corpus(for: "history query pages")
    try corpus.append(6000, to: writer)
    for order in HistoryQuery.Order.allCases {
      var query = HistoryQuery()
      query.order = order
      query.until = 1_690_000_000_000_000
      try expect(answer(query)) { $0.isEmpty }
      query.until = nil
      let before = try answer(query).map(\.createdSeq)
      #expect(before.count > 256)
      var seen: [Int64] = []
      try store.forEach(query) { record in
        if seen.count % 100 == 0 { try? corpus.append(5, to: writer) }
        seen.append(record.createdSeq)
        return true
      }
      #expect(Set(seen).count == seen.count)
      #expect(seen.count >= before.count)
    }
  }

  @Test func `ends where who asked has enough, in every order`() throws {
    var corpus = Corpus(for: "history query enough")
    try corpus.append(1000, to: writer)
    for order in HistoryQuery.Order.allCases {
      var query = HistoryQuery()
      query.order = order
      var count = 0
      try store.forEach(query) { _ in
        count += 1
        return count < 3
      }
      #expect(count == 3)
    }
  }

  @Test
  func
    `by time reads an index, and after it only the rows between the first and the last of that time`()
    throws
  {
    let plan = try store.ask {
      var statement = try store.connection.prepare(
        "EXPLAIN QUERY PLAN \(HistoryFilter.createdBetween)")
      return try statement.step() ? statement.text(3) : ""
    }
    #expect(plan.contains("COVERING INDEX instance_created (created_at>? AND created_at<?)"))
    for (order, step) in [
      (HistoryQuery.Order.created, "instance_order"), (.time, "instance_order"),
    ] {
      var query = HistoryQuery()
      (query.order, query.since) = (order, 5)
      let filter = try store.ask { try HistoryFilter(query, store.connection) }
      let plan = try store.ask {
        var statement = try store.connection.prepare(
          "EXPLAIN QUERY PLAN SELECT created_seq FROM instance WHERE \(filter.sql)")
        return try statement.step() ? statement.text(3) : ""
      }
      #expect(plan.contains(step), "\(plan)")
    }
  }

  @Test func `of one job reads its rows alone, that of the newest of each job a few`() throws {
    try History.append("1111000000000000", job: "a", .running, .completed, to: writer)
    var query = HistoryQuery()
    query.patterns = [Pattern("a")]
    let plans = try store.ask {
      let filter = try HistoryFilter(query, store.connection)
      let questions = [
        "SELECT 1 FROM instance WHERE (created_order, created_seq) < (?1, ?2) AND \(filter.sql) "
          + "ORDER BY \(ProjectionStore.newestFirst)",
        ProjectionStore.newestOfEachJob(where: "hidden = 0"),
      ]
      return try questions.map { question in
        var statement = try store.connection.prepare("EXPLAIN QUERY PLAN \(question)")
        var steps: [String] = []
        while try statement.step() { steps.append(statement.text(3)) }
        return steps
      }
    }
    try expect(
      plans.at(0), is: ["SEARCH instance USING INDEX instance_job (job=? AND created_order<?)"])
    try expect(
      plans.at(1).contains { $0.hasPrefix("SCAN instance") && !$0.contains("INDEX") }, is: false)
    try expect(plans.at(1).contains { $0.contains("TEMP B-TREE") }, is: false, "\(plans[1])")
  }
}

/// The same questions, answered by looking at every record.
private enum Naive {
  static func answer(_ query: HistoryQuery, _ records: [InstanceRecord]) -> [InstanceRecord] {
    var wanted = records.filter { matches($0, query) }
    if query.isLastOfEachJob {
      var newest: [String: InstanceRecord] = [:]
      for record in wanted { newest[record.job] = record }
      wanted = Array(newest.values)
    }
    wanted.sort { precedes($0, $1, query) }
    return Array(wanted.prefix(query.limit ?? .max))
  }

  private static func matches(_ record: InstanceRecord, _ query: HistoryQuery) -> Bool {
    guard record.endedAt != nil, !record.isHidden, query.patterns.matches(record) else {
      return false
    }
    if let since = query.since, record.createdAt < since { return false }
    if let until = query.until, record.createdAt >= until { return false }
    if let position = query.endedBy, record.lastSeq > position { return false }
    if !query.states.isEmpty, !query.states.contains(record.state) { return false }
    if let longer = query.longerThan, (record.runMicroseconds ?? -1) <= longer { return false }
    if let part = query.reason {
      guard let reason = record.ending?.reason else { return false }
      return reason.uppercased().contains(part.uppercased())
    }
    return true
  }

  private static func precedes(
    _ left: InstanceRecord, _ right: InstanceRecord, _ query: HistoryQuery
  ) -> Bool {
    if query.order == .time, (left.runMicroseconds == nil) != (right.runMicroseconds == nil) {
      return right.runMicroseconds == nil
    }
    let (first, second) = (key(left, query.order), key(right, query.order))
    guard first == second else { return (first < second) == query.isAscending }
    return (left.createdSeq < right.createdSeq) == query.isAscending
  }

  private static func key(_ record: InstanceRecord, _ order: HistoryQuery.Order) -> Int64 {
    switch order {
    case .created: record.createdSeq
    case .finished: record.endedAt ?? 0
    case .time: record.runMicroseconds ?? 0
    }
  }
}

/// Questions that have an answer more often than not.
private struct RandomQuery {
  private let records: [InstanceRecord]
  private var random: SeededGenerator

  init(_ records: [InstanceRecord], for purpose: String) {
    self.records = records
    random = SeededGenerator(for: purpose)
  }

  private mutating func record() -> InstanceRecord { records[random.below(records.count)] }

  mutating func next() -> HistoryQuery {
    var query = HistoryQuery()
    if random.chance(40) { query.patterns = (0...random.below(2)).map { _ in pattern() } }
    if random.chance(30) { query.since = record().createdAt + Int64(random.below(3)) - 1 }
    if random.chance(30) { query.until = record().createdAt + Int64(random.below(3)) - 1 }
    if random.chance(20) { query.endedBy = record().lastSeq }
    if random.chance(30) {
      let terminal = InstanceState.allCases.filter(\.isTerminal)
      query.states = Set((0...random.below(5)).map { _ in terminal[random.below(terminal.count)] })
    }
    if random.chance(20) { query.longerThan = record().runMicroseconds }
    if random.chance(20) { query.reason = ["because", "OF f", "ED", "", "x"][random.below(5)] }
    query.isLastOfEachJob = random.chance(25)
    query.order = HistoryQuery.Order.allCases[random.below(3)]
    query.isAscending = random.chance(50)
    if random.chance(50) { query.limit = 1 + random.below(100) }
    return query
  }

  private mutating func pattern() -> Pattern {
    let record = record()
    return switch random.below(8) {
    case 0, 1: Pattern(record.job)
    case 2: Pattern(record.instance.text)
    case 3: Pattern(String(record.instance.text.prefix(4 + random.below(12))))
    case 4: Pattern(record.name)
    case 5: Pattern("*\(record.instance.text.suffix(1))")
    case 6: Pattern("\(record.job.prefix(1))*")
    default: Pattern("*@*")
    }
  }
}
