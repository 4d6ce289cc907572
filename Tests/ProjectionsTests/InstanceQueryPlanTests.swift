internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

/// What SQLite reads for a question, as it tells it (EXPLAIN QUERY PLAN).
@Suite("An instance query", .temporaryDirectory)
struct InstanceQueryPlanTests {
  private let store: ProjectionStore

  init() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try History.append("1111000000000000", job: "a", .running, .completed, to: writer)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  private func plan(_ sql: (borrowing Connection) throws -> String) throws -> [String] {
    try store.ask {
      var statement = try store.connection.prepare("EXPLAIN QUERY PLAN \(sql(store.connection))")
      var steps: [String] = []
      while try statement.step() { steps.append(statement.text(3)) }
      return steps
    }
  }

  /// The plans of the parts of a page.
  private func plans(_ query: InstanceQuery) throws -> [[String]] {
    try query.parts(after: nil).map { part in
      try plan { connection in
        let filter = try InstanceFilter(query, connection)
        try filter.define(on: connection)
        return ProjectionStore.pageSQL(filter, part, limit: 64)
      }
    }
  }

  private static let byEnd = "instance_ended (ended_at>? AND (ended_at,created_order)<(?,?))"

  @Test(
    arguments: [
      (.live, .created, ["instance_live (created_order<?)"]),
      (.ended, .created, ["instance_order (created_order<?)"]),
      (.all, .created, ["instance_order (created_order<?)"]),
      (.leftBehind, .created, ["instance_orphan (created_order<?)"]),
      (.ended, .finished, [byEnd]),
      (.live, .finished, ["instance_live (created_order<?)"]),
      (.all, .finished, [byEnd, "instance_live (created_order<?)"]),
    ] as [(InstanceQuery.Include, InstanceQuery.Order, [String])])
  func `reads a page by the index of its order, and sorts nothing`(
    include: InstanceQuery.Include, order: InstanceQuery.Order, indexes: [String]
  ) throws {
    var query = InstanceQuery(include)
    query.order = order
    let expected = indexes.map { ["SEARCH instance USING INDEX \($0)"] }
    try expect(plans(query), is: expected)
    // What only looks at rows changes nothing.
    query.states = [.failed]
    query.patterns = [Pattern("a*")]
    query.parameters = [InstanceQuery.Parameter(name: "x", value: "y")]
    (query.asOf, query.longerThan, query.reason) = (5, 5, "x")
    try expect(plans(query), is: expected)
  }

  @Test
  func
    `by time reads an index, and after it only the rows between the first and the last of that time`()
    throws
  {
    try expect(plan { _ in InstanceFilter.createdBetween }) {
      $0.contains { $0.contains("COVERING INDEX instance_created (created_at>? AND created_at<?)") }
    }
    for order in [InstanceQuery.Order.created, .time] {
      var query = InstanceQuery(.ended)
      (query.order, query.since) = (order, 5)
      let steps = try plan { connection in
        let filter = try InstanceFilter(query, connection)
        return "SELECT created_seq FROM instance WHERE \(filter.sql)"
      }
      #expect(steps.contains { $0.contains("instance_order") }, "\(steps)")
    }
  }

  @Test func `of one job reads its rows alone, of one instance no other`() throws {
    try expect(
      plans(InstanceQuery(.ended, [Pattern("a")])),
      is: [["SEARCH instance USING INDEX instance_job (job=? AND created_order<?)"]])
    for name in ["1111000000000000", "1111", "a@1111000000000000"] {
      let steps = try plans(InstanceQuery(.all, [Pattern(name)])).joined()
      #expect(
        steps.contains { $0.hasPrefix("SEARCH instance USING COVERING INDEX") }, "\(Array(steps))")
      #expect(
        steps.contains { $0.hasPrefix("SEARCH instance USING INTEGER PRIMARY KEY") },
        "\(Array(steps))")
    }
  }

  @Test func `of the newest of each job reads a few rows of each`() throws {
    let steps = try plan { _ in ProjectionStore.newestOfEachJob(where: "hidden = 0") }
    #expect(!steps.contains { $0.hasPrefix("SCAN instance") && !$0.contains("INDEX") }, "\(steps)")
    #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
  }
}
