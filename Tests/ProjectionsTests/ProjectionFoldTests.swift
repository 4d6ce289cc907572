internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("The instance projection", .temporaryDirectory)
struct ProjectionFoldTests {
  @Test func `is at every position of the stream what a rebuild makes of it`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    var corpus = Corpus(for: "every position")
    var oracle = Oracle()
    for position in (1...140).map({ Seq($0) }) {
      try corpus.append(1, to: writer)
      for event in try writer.reader.events(after: position - Int64(1), limit: 2) {
        oracle.apply(event)
      }
      let incremental = try Fold.state(of: store)
      try expect(store.position(), is: position)
      try #require(incremental == oracle.records, "at \(position)")
      let rebuilt = try Fold.rebuilt(TemporaryDirectory.ledger)
      try #require(incremental == rebuilt, "at \(position), rebuilt")
    }
  }

  @Test func `is the same however many events it takes in at once`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    var corpus = Corpus(for: "many steps")
    for size in [1, 7, 300, 2, 1500, 40] {
      try corpus.append(size, to: writer)
      try expect(Fold.state(of: store), is: Fold.pure(writer.reader))
    }
    // The corpus says nothing unless it has seen everything; chance brings it sooner or later.
    var missing = Set(InstanceState.allCases)
    for _ in 0..<20 where !missing.isEmpty {
      try corpus.append(300, to: writer)
      let records = try Fold.state(of: store)
      #expect(records == (try Fold.pure(writer.reader)))
      missing.subtract(records.flatMap { $0.transitions.map(\.state) })
    }
    #expect(missing == [])
  }

  @Test func `goes on inside an instance where a batch ends`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let instance = InstanceID(createdAt: 1)
    let count = ProjectionStore.batch + 50
    var totals = OutputTotals()
    totals.stdoutBytes = 3
    totals.lines = 1
    try writer.append([History.event(instance, .state(.created))])
    try writer.append([History.event(instance, .state(.running))])
    try writer.append((0..<count).map { _ in History.event(instance, .output, totals.json) })
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    let record = try #require(try store.record(of: instance))
    #expect(record.output.stdoutBytes == Int64(3 * count))
    #expect(record.output.lines == Int64(count))
    #expect(record.lastN == Int64(count + 2))
    #expect(record.transitions.map(\.state) == [.created, .running])
  }

  @Test
  func `measures a run by the clock that nobody sets, and says nothing of a lost run's end`() throws
  {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let (ended, lost) = (InstanceID(createdAt: 1), InstanceID(createdAt: 2))
    for (instance, state) in [(ended, InstanceState.failed), (lost, .lost)] {
      try writer.append([
        History.event(instance, .state(.created), at: 10_000_000, mono: 1_000_000),
        History.event(instance, .state(.running), at: 11_000_000, mono: 2_000_000),
        // The wall clock was set back an hour meanwhile.
        History.event(instance, .state(state), at: -3_500_000_000, mono: 5_250_000),
      ])
    }
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    let record = try #require(try store.record(of: ended))
    #expect(record.runMicroseconds == 3_250_000)
    #expect(record.runMicroseconds(bootNow: 99_000_000) == 3_250_000)
    let lostRecord = try #require(try store.record(of: lost))
    #expect(lostRecord.endedAt == -3_500_000_000)
    #expect(lostRecord.runMicroseconds == nil)
    #expect(lostRecord.runMicroseconds(bootNow: 99_000_000) == nil)
  }

  @Test func `counts a live run's time up to now, and none before it runs`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let instance = InstanceID(createdAt: 1)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    try writer.append([History.event(instance, .state(.created), mono: 1_000_000)])
    try expect(store.record(of: instance)?.runMicroseconds(bootNow: 9_000_000)) { $0 == nil }
    try writer.append([History.event(instance, .state(.running), mono: 2_000_000)])
    try expect(store.record(of: instance)?.runMicroseconds(bootNow: 9_000_000), is: 7_000_000)
  }

  @Test
  func `takes the runner's totals at the end: it has counted what was not recorded too`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    let instance = InstanceID(createdAt: 1)
    var chunk = OutputTotals()
    (chunk.stdoutBytes, chunk.stderrBytes, chunk.lines) = (5, 7, 1)
    try writer.append([
      History.event(instance, .state(.created)), History.event(instance, .state(.running)),
      History.event(instance, .output, chunk.json), History.event(instance, .output, chunk.json),
      History.event(instance, .outputGap, OutputGap(bytes: 9, reason: "full").json),
    ])
    var live = OutputTotals()
    (live.stdoutBytes, live.stderrBytes, live.lines, live.droppedBytes) = (10, 14, 2, 9)
    try expect(store.record(of: instance)?.output, is: live)
    var ending = Ending()
    var total = OutputTotals()
    (total.stdoutBytes, total.lines) = (1000, 3)
    ending.output = total
    try writer.append([History.event(instance, .state(.completed), ending.json)])
    try expect(store.record(of: instance)?.output, is: total)
  }
}
