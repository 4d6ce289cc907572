internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

/// Somebody holds the lock of projections.db and does not come on, as one that was stopped (Ctrl-Z) inside a fold.
@Suite("Projections that somebody holds", .temporaryDirectory)
struct ProjectionOverlayTests {
  private let writer: LedgerWriter
  private let directory = TemporaryDirectory.ledger
  private var corpus = Corpus(for: "held projections")

  init() throws {
    writer = try LedgerWriter(directory)
    try corpus.append(400, to: writer)
    _ = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
  }

  private func whileHeld(_ body: () throws -> Void) throws {
    let holder = try Connection(
      directory.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
    let transaction = try holder.begin()
    try body()
    // Rolled back, as by the end of its process.
    _ = consume transaction
  }

  private func expectAll(
    of store: ProjectionStore, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (state, expected) = (try Fold.state(of: store), try Fold.pure(writer.reader))
    #expect(state == expected, sourceLocation: sourceLocation)
  }

  private func folded() throws -> Seq {
    let file = try Connection(directory.projections, .readOnly, busyMilliseconds: 0)
    return Seq(try file.integer("SELECT seq FROM checkpoint"))
  }

  @Test mutating func `answer as ever, at each position, from what is beside the file`() throws {
    let (before, writer) = (try folded(), writer)
    let store = try ProjectionStore(LedgerReader(directory))
    var corpus = corpus
    try whileHeld {
      for size in [1, 1, 1, 5, 50, 300, 1, 700] {
        try corpus.append(size, to: writer)
        let state = try Fold.state(of: store)
        let expected = try Fold.pure(writer.reader)
        try #require(state == expected, "after \(size)")
        #expect(!store.isInFile)
        try expect(store.position(), is: writer.reader.head().seq)
      }
      // Who comes later finds the same.
      try expectAll(of: ProjectionStore(LedgerReader(directory)))
      try expect(folded(), is: before)
    }
    try expectAll(of: store)
    #expect(store.isInFile)
    try expect(folded(), is: writer.reader.head().seq)
  }

  @Test mutating func `answer each kind of question`() throws {
    var corpus = corpus
    try whileHeld {
      try corpus.append(300, to: writer)
      let held = try ProjectionStore(LedgerReader(directory))
      let free = try ProjectionStore(temporaryFor: LedgerReader(directory))
      func same<Answer: Equatable>(_ ask: (ProjectionStore) throws -> Answer) throws {
        let (answer, expected) = (try ask(held), try ask(free))
        #expect(answer == expected)
      }
      try same { try $0.records(InstanceQuery(.live)) }
      try same { try $0.records(InstanceQuery(.leftBehind)) }
      try same { try $0.created(.newestOfEachJob()) }
      try same { try $0.statistics(InstanceQuery(.ended)) }
      try same { try $0.jobs(withPrefix: "", limit: 100) }
      try same { try $0.newest(ofJob: "backup") }
      try same { try $0.instances(withPrefix: "0000", limit: 10) }
      try same { try $0.instanceCounts().ended }
      for order in InstanceQuery.Order.allCases {
        for isLast in [false, true] {
          var query = InstanceQuery(.ended)
          (query.order, query.isLastOfEachJob) = (order, isLast)
          try same { store in
            var records: [InstanceRecord] = []
            try store.forEach(query) {
              records.append($0)
              return true
            }
            return records
          }
          try same { try $0.count(query) }
        }
      }
      #expect(!held.isInFile)
    }
  }

  @Test mutating func `begin anew when the file has come on`() throws {
    var corpus = corpus
    let store = try ProjectionStore(LedgerReader(directory))
    try whileHeld {
      try corpus.append(100, to: writer)
      try expectAll(of: store)
    }
    // Another one folds before this store asks again, and a third holds it then.
    try corpus.append(50, to: writer)
    _ = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
    try corpus.append(50, to: writer)
    try whileHeld { try expectAll(of: store) }
  }

  @Test
  mutating func `that are empty yet, or of another ledger, are made from the ledger`() throws {
    for sql in ["DELETE FROM checkpoint", "UPDATE checkpoint SET ledger_id = 'other'"] {
      try Connection(directory.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
        .execute(sql)
      try whileHeld {
        let store = try ProjectionStore(LedgerReader(directory))
        try expectAll(of: store)
      }
    }
  }

  @Test mutating func `that are damaged besides are left to whoever holds them`() throws {
    try Connection(directory.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
      .execute("ALTER TABLE instance RENAME COLUMN job TO work")
    try whileHeld {
      let store = try ProjectionStore(LedgerReader(directory))
      try expectAll(of: store)
      #expect(Files.exists(directory.projections))
    }
  }

  @Test mutating func `are not folded by the end of a run, which waits for nobody`() throws {
    try corpus.append(100, to: writer)
    let before = try folded()
    try whileHeld {
      try ProjectionStore(LedgerReader(directory), patience: .none).foldSome(ifBehindBy: 10)
    }
    try expect(folded(), is: before)
    try ProjectionStore(LedgerReader(directory), patience: .none).foldSome(ifBehindBy: 1000)
    try expect(folded(), is: before)
    try ProjectionStore(LedgerReader(directory), patience: .none).foldSome(ifBehindBy: 10)
    try expect(folded(), is: writer.reader.head().seq)
  }

  @Test func `are folded in part by the end of a run, however much is lacking`() throws {
    let instance = InstanceID(createdAt: 1)
    try writer.append([History.event(instance, .state(.created))])
    try writer.append((0..<2 * ProjectionStore.batch).map { _ in History.event(instance, .status) })
    let before = try folded()
    try ProjectionStore(LedgerReader(directory), patience: .none).foldSome(ifBehindBy: 1000)
    try expect(folded(), is: before + Int64(ProjectionStore.batch))
  }

  @Test func `are folded by bytes as well as by events`() throws {
    var created = Created()
    created.command = [String(repeating: "x", count: 1 << 20)]
    for index in 0..<20 as Range<Int64> {
      let instance = InstanceID(createdAt: WallTime(1000 * (index + 1)))
      try writer.append([History.event(instance, .state(.created), created.json)])
    }
    let before = try folded()
    let store = try ProjectionStore(LedgerReader(directory))
    try expect(store.foldBatch(), is: true)
    try expect(folded()) { $0 < before + 10 }
    try expect(Fold.rebuilt(directory).count, is: Fold.state(of: store).count)
    var live = 0
    try store.forEach(InstanceQuery(.live)) {
      live += $0.created.command == created.command ? 1 : 0
      return true
    }
    #expect(live == 20)
    try expect(store.records(InstanceQuery(.live))) {
      $0.allSatisfy { $0.created.command.isEmpty || $0.storedBytes < 4096 }
    }
  }
}
