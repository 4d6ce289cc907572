internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

/// A run that could not be recorded when it was run is appended later, and stands where it belongs all the same.
@Suite(.temporaryDirectory) struct CreationOrderTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  /// A run that has ended: when it was created, in seconds since that boot, and what the wall clock said, in seconds.
  private func append(
    _ id: String, job: String = "job", boot: String, at mono: Int64, clock: Int64 = 1_800_000_000
  ) throws {
    let instance = try #require(InstanceID(id))
    var created = Created()
    // What others have named so is no boot.
    created.command = [#"{"boot_id":"no"}"#]
    created.bootID = boot
    let data: [(InstanceState, JSON)] = [
      (.created, created.json), (.running, .object([])), (.completed, .object([])),
    ]
    try writer.append(
      data.map { state, data in
        History.event(
          instance, .state(state), data, job: job, at: WallTime(clock * 1_000_000),
          mono: BootTime(mono * 1_000_000))
      })
  }

  private func order(_ change: (inout InstanceQuery) -> Void = { _ in }) throws -> [String] {
    var query = InstanceQuery(.ended)
    change(&query)
    var found: [String] = []
    try store.forEach(query) { record in
      found.append(record.instance.text)
      return true
    }
    return found
  }

  private let first = "1000000000000000"
  private let second = "2000000000000000"
  private let third = "3000000000000000"
  private let fourth = "4000000000000000"

  private func appendLate() throws {
    try append(first, boot: "a", at: 10)
    try append(third, boot: "a", at: 30)
    try append(fourth, boot: "b", at: 5)
    // From a spool; its clock had come up wrong.
    try append(second, boot: "a", at: 20, clock: 1)
  }

  @Test func `the history is in the order of creation, not in that of the ledger`() throws {
    try appendLate()
    expect(try order(), is: [fourth, third, second, first])
    expect(try order { $0.isAscending = true }, is: [first, second, third, fourth])
    expect(try order { $0.limit = 2 }, is: [fourth, third])
    expect(try order { $0.order = .time }, is: [fourth, third, second, first])
  }

  @Test func `the newest of a job is the one that was created last`() throws {
    try append(second, boot: "a", at: 20)
    try append(first, boot: "a", at: 10)
    expect(try order { $0.isLastOfEachJob = true }, is: [second])
    expect(try store.newest(ofJob: "job")?.instance.text, is: second)
    expect(try store.newest(named: "job")?.instance.text, is: second)
    let head = try writer.reader.head().seq
    let ended = try store.newestEnded(named: "job", createdBefore: head + 1)
    expect(ended?.instance.text, is: second)
    let newest = try store.created(.newestOfEachJob())
    expect(newest.map(\.instance.text), is: [second])
  }

  @Test func `a time is looked for by the clock, and its runs stand in the order of creation`()
    throws
  {
    try appendLate()
    expect(try order { $0.since = 2_000_000 }, is: [fourth, third, first])
    expect(try order { $0.until = 2_000_000 }, is: [second])
  }

  @Test func `pages begin where the one before has ended`() throws {
    // More than two pages, each third one late.
    let ids = (0..<300).map { String(5_000_000_000_000_000 + $0) }
    for (index, id) in ids.enumerated() where index % 3 != 0 {
      try append(id, boot: "a", at: Int64(index))
    }
    for (index, id) in ids.enumerated() where index % 3 == 0 {
      try append(id, boot: "a", at: Int64(index))
    }
    expect(try order(), is: ids.reversed())
    expect(try order { $0.isAscending = true }, is: ids)
  }

  @Test func `what is folded beside a file that is held stands in its place too`() throws {
    try append(first, boot: "a", at: 10)
    try append(third, boot: "a", at: 30)
    expect(try order(), is: [third, first])
    let path = TemporaryDirectory.ledger.projections
    let holder = try Connection(path, .readWrite, pages: .checked, busyMilliseconds: 1000)
    let held = try holder.begin()
    try append(second, boot: "a", at: 20)
    try append(fourth, boot: "b", at: 1)
    expect(try order(), is: [fourth, third, second, first])
    try held.commit()
    expect(try order(), is: [fourth, third, second, first])
  }

  @Test func `a page is read by index`() throws {
    try append(first, boot: "a", at: 10)
    let plan = try store.ask {
      let filter = try InstanceFilter(InstanceQuery(.ended), store.connection)
      var statement = try store.connection.prepare(
        "EXPLAIN QUERY PLAN SELECT 1 FROM instance WHERE (created_order, created_seq) < (?1, ?2) "
          + "AND \(filter.sql) ORDER BY \(ProjectionStore.newestFirst) LIMIT 64")
      var steps: [String] = []
      while try statement.step() { steps.append(statement.text(3)) }
      return steps
    }
    expect(plan, is: ["SEARCH instance USING INDEX instance_order (created_order<?)"])
  }
}
