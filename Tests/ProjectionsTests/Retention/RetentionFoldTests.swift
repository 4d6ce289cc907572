internal import Events
import Ledger
import Maintenance
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("The instance projection of a ledger that retention cuts", .temporaryDirectory)
struct RetentionFoldTests {
  private let directory = TemporaryDirectory.ledger

  @Test func `is at every position what a rebuild makes of it`() throws {
    var random = SeededGenerator(for: "every position with retention")
    let writer = try LedgerWriter(directory)
    let store = try ProjectionStore(LedgerReader(directory))
    // Brought up seldom: it has missed what is gone by then.
    let lazy = try ProjectionStore(
      LedgerReader(LedgerDirectory(try Fold.aside(directory))))
    var corpus = Corpus(for: "every position with retention")
    for round in 0..<120 {
      if random.chance(25) {
        try drop(try Fold.state(of: store), writer, &random)
      } else {
        try corpus.append(1 + random.below(6), to: writer)
      }
      let incremental = try Fold.state(of: store)
      let pure = try Fold.pure(writer.reader)
      try #require(incremental == pure, "round \(round)")
      let rebuilt = try Fold.rebuilt(directory)
      try #require(incremental == rebuilt, "round \(round), rebuilt")
      if random.chance(10) {
        let caughtUp = try Fold.state(of: lazy)
        try #require(caughtUp == incremental, "round \(round), lazy")
      }
    }
    try expect(writer.reader.droppedCount(after: 0)) { $0 > 0 }
    Files.removeTree(lazy.reader.directory.path)
  }

  private func drop(
    _ records: [InstanceRecord], _ writer: LedgerWriter, _ random: inout SeededGenerator
  ) throws {
    let chosen = records.filter { _ in random.chance(30) }.map(\.instance)
    var budget = Retention.Budget()
    budget.events = 3 + random.below(20)
    let retention = Retention(writer, by: Requester(), budget: budget)
    // Perhaps not to its end.
    var rest = chosen[...]
    let what: Retained.What = random.chance(60) ? .events : .output
    for _ in 0..<random.below(4) where !rest.isEmpty {
      rest = rest.dropFirst(try retention.dropNext(what, .age, of: rest).done)
    }
  }

  @Test func `is compared rightly while it lags behind retention`() throws {
    let writer = try LedgerWriter(directory)
    var corpus = Corpus(for: "lagging behind retention")
    try corpus.append(300, to: writer)
    // One that nothing is dropped of, whatever became of the others.
    try History.append("0000000000000zzz", .running, to: writer)
    let store = try ProjectionStore(LedgerReader(directory))
    let records = try Fold.state(of: store)
    let position = try store.position()
    let retention = Retention(writer, by: Requester())
    var rest = records.map(\.instance)[...]
    while !rest.isEmpty {
      rest = rest.dropFirst(try retention.dropNext(.events, .age, of: rest).done)
    }
    let reader = try LedgerReader(directory)
    try expect(ProjectionComparison.run(reader, limit: 10), is: .equal(upTo: position))
    try expect(LedgerVerification.run(directory).problems, is: [])
    // What it folds next begins behind an event that is gone.
    try expect(Fold.state(of: store), is: Fold.pure(reader))
    try Connection(
      directory.projections, .readWrite, pages: .checked, busyMilliseconds: 1000
    ).execute(
      "UPDATE instance SET lines = lines + 1 WHERE ended_at IS NULL")
    guard case .different = try ProjectionComparison.run(reader, limit: 10) else {
      Issue.record("what is wrong is not found")
      return
    }
  }

  @Test func `live instances that were followed do not stay for ever`() throws {
    let writer = try LedgerWriter(directory)
    let instance = InstanceID(createdAt: 1)
    try writer.append([History.event(instance, .state(.created))])
    var live = try LiveInstances(ProjectionStore(LedgerReader(directory)))
    #expect(live[instance] != nil)
    try writer.append([History.event(instance, .state(.cancelled))])
    _ = try Retention(writer, by: Requester()).dropNext(.events, .age, of: [instance])
    try live.catchUp(writer.reader)
    #expect(live[instance] == nil)
    #expect(live.all.isEmpty)
  }
}
