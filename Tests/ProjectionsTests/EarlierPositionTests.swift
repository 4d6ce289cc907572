import Events
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

/// What is answered of an earlier position is what a fold from nothing up to there makes of the events.
@Suite("Projections at an earlier position", .temporaryDirectory)
struct EarlierPositionTests {
  private let directory = TemporaryDirectory.ledger
  private let writer: LedgerWriter
  private var corpus = Corpus(for: "earlier positions")

  init() throws { writer = try LedgerWriter(directory) }

  private func store(at position: Seq) throws -> ProjectionStore {
    try ProjectionStore(LedgerReader(directory).upTo(position))
  }

  private func dropOutput(of instances: [InstanceID], at time: WallTime) throws {
    let retained = Retained(
      .output, .age, instances, counts: .init(), upTo: ChainPosition(seq: 0, digest: .ofNothing),
      ledger: DroppedTotals(events: 0, digest: .ofNothing), by: Requester())
    try writer.append([
      NewEvent(
        at: time, mono: 1, job: nil, instance: nil, kind: .retained, data: retained.json)
    ])
  }

  private mutating func appendCorpus(_ count: Int = 120) throws {
    for round in 0..<4 as Range<Int64> {
      try corpus.append(count, to: writer)
      let ended = try Fold.pure(writer.reader).filter { $0.endedAt != nil }
      try dropOutput(
        of: ended.prefix(3 * Int(round + 1)).map(\.instance), at: WallTime(microseconds: round))
    }
  }

  /// Gives each position with the fold up to there.
  private func forEachPosition(_ body: (Seq, [InstanceRecord]) throws -> Void) throws {
    var oracle = Oracle()
    for event in try writer.reader.events(after: .start, limit: .max) {
      oracle.apply(event)
      try body(event.seq, oracle.records)
    }
  }

  @Test mutating func `are those of a fold up to there, at every one`() throws {
    try appendCorpus(45)
    try ProjectionStore(writer.reader).catchUp()
    try forEachPosition { position, expected in
      let store = try store(at: position)
      let state = try Fold.state(of: store)
      try #require(state == expected, "at \(position)")
      try expect(store.position(), is: position)
      #expect(!store.isInFile)
    }
  }

  @Test mutating func `answer each question with each filter, at every one`() throws {
    try appendCorpus(45)
    try ProjectionStore(writer.reader).catchUp()
    var random = SeededGenerator(for: "questions at earlier positions")
    try forEachPosition { position, records in
      guard !records.isEmpty, random.chance(50) else { return }
      let store = try store(at: position)
      var queries = RandomQuery(records, for: "at \(position)")
      for _ in 0..<6 {
        var query = queries.next()
        query.asOf = nil
        var found: [InstanceRecord] = []
        try store.forEach(query) {
          found.append($0)
          return true
        }
        // Whether a command that was left behind still ran was not recorded.
        let expected = query.include == .leftBehind ? [] : Naive.answer(query, records)
        try #require(found == expected, "\(query) at \(position)")
        query.limit = nil
        try expect(
          store.count(query),
          is: query.include == .leftBehind ? 0 : Int64(Naive.answer(query, records).count))
      }
    }
  }

  @Test mutating func `answer as a file that goes no further`() throws {
    try appendCorpus()
    let present = try ProjectionStore(writer.reader)
    try present.catchUp()
    let last = try writer.reader.head().seq
    for position in stride(from: Int64(1), through: last.number, by: 31).map({ Seq($0) }) {
      let past = try store(at: position)
      let reference = try ProjectionStore(
        temporaryFor: LedgerReader(directory).upTo(position))
      func same<Answer: Equatable>(_ ask: (ProjectionStore) throws -> Answer) throws {
        let (answer, expected) = (try ask(past), try ask(reference))
        try #require(answer == expected, "at \(position)")
      }
      try same { try $0.created(.newestOfEachJob()) }
      try same { try $0.statistics(InstanceQuery(.ended)) }
      try same { try $0.jobs(withPrefix: "", limit: 100) }
      try same { try $0.jobs(after: nil, limit: 100) }
      try same { try $0.jobs(after: "backup", limit: 1) }
      try same { try $0.summary(ofJob: "backup") }
      try same { try $0.newest(ofJob: "backup") }
      try same { try $0.newest(named: "x") }
      try same { try $0.instances(withPrefix: "0000", limit: 10) }
      try same { try LiveInstances($0).all }
      try same { try DisabledJobs(reader: $0.reader) }
    }
    // And the present's answers are not touched.
    try expect(Fold.state(of: present), is: Fold.pure(writer.reader))
    try expect(ProjectionComparison.run(writer.reader, limit: 9), is: .equal(upTo: last))
  }

  @Test mutating func `stay what they are while the ledger goes on`() throws {
    try appendCorpus()
    try ProjectionStore(writer.reader).catchUp()
    let position = Seq(300)
    let (store, expected) = (
      try store(at: position), try Fold.pure(writer.reader.upTo(position))
    )
    for _ in 0..<5 {
      try expect(Fold.state(of: store), is: expected)
      try corpus.append(60, to: writer)
      let ended = try Fold.pure(writer.reader).filter { $0.endedAt != nil }
      try dropOutput(of: ended.map(\.instance), at: 5)
      try ProjectionStore(writer.reader).catchUp()
    }
  }

  @Test mutating func `need no file that can be written, nor one that has come so far`() throws {
    try appendCorpus()
    // Only a part is in it, and somebody holds it.
    _ = try ProjectionStore(writer.reader).foldBatch(upTo: 200)
    let holder = try Connection(
      directory.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
    let transaction = try holder.begin()
    for position in [1, 199, 200, 201, 350, 480] as [Seq] {
      try expect(
        Fold.state(of: store(at: position)), is: Fold.pure(writer.reader.upTo(position)))
    }
    _ = consume transaction
    // None at all.
    Files.removeTree(directory.projections)
    for position in [1, 350] as [Seq] {
      try expect(
        Fold.state(of: store(at: position)), is: Fold.pure(writer.reader.upTo(position)))
    }
  }

  @Test func `of an instance with many events begin at a state that was kept`() throws {
    let instance = InstanceID(createdAt: 1)
    try writer.append([History.event(instance, .state(.created))])
    try writer.append([History.event(instance, .state(.running))])
    for number in 0..<1200 {
      try writer.append([
        History.event(instance, .status, Status(text: "line \(number)").json)
      ])
      guard number % 500 == 0 else { continue }
      try ProjectionStore(writer.reader).catchUp()
    }
    try writer.append([History.event(instance, .state(.completed))])
    let present = try ProjectionStore(writer.reader)
    try present.catchUp()
    try expect(present.connection.integer("SELECT COUNT(*) FROM kept"), is: 4)
    for position in [1, 2, 255, 256, 257, 300, 511, 512, 513, 1100, 1203] as [Seq] {
      try expect(
        Fold.state(of: store(at: position)), is: Fold.pure(writer.reader.upTo(position)))
    }
    // From there and not from the beginning: what was kept is believed.
    try present.connection.execute("UPDATE kept SET status = 'kept' WHERE last_seq = 512")
    try expect(store(at: 512).record(of: instance)?.status, is: "kept")
    try expect(store(at: 513).record(of: instance)?.status, is: "line 510")
    try expect(store(at: 511).record(of: instance)?.status, is: "line 508")
  }

  /// As redaction does it: the events are changed, and another one says so.
  private func redact(_ instance: InstanceID, _ secret: String) throws {
    let ledger = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    try ledger.execute(
      "DROP TRIGGER event_is_never_updated; UPDATE event SET data = replace(data, '\(secret)', 'x')"
    )
    let redacted = Redacted(
      job: "job", instance: instance, places: 1, keepsLength: false, positions: [], by: Requester())
    try writer.append([
      NewEvent(at: 1, mono: 1, job: nil, instance: nil, kind: .redacted, data: redacted.json)
    ])
  }

  @Test func `say nothing of what was redacted since, also to who has asked before`() throws {
    let instance = InstanceID(createdAt: 1)
    try writer.append([History.event(instance, .state(.created))])
    for _ in 0..<600 {
      try writer.append([History.event(instance, .status, Status(text: "pass S3CRET").json)])
    }
    try writer.append([History.event(instance, .state(.completed))])
    try ProjectionStore(writer.reader).catchUp()
    let positions = [2, 256, 300, 600] as [Seq]
    let before = try positions.map { try store(at: $0) }
    for store in before { try expect(store.record(of: instance)?.status, is: "pass S3CRET") }
    try redact(instance, "S3CRET")
    try ProjectionStore(writer.reader).catchUp()
    for store in try before + positions.map({ try store(at: $0) }) {
      try expect(store.record(of: instance)?.status, is: "pass x")
    }
    let file = try Connection(
      directory.projections, .readOnly, pages: .checked, busyMilliseconds: 1000)
    try expect(file.integer("SELECT COUNT(*) FROM kept WHERE status = 'pass x'"), is: 2)
    try expect(file.integer("SELECT COUNT(*) FROM kept"), is: 2)
  }

  @Test mutating func `are found by time: the first event that is later decides`() throws {
    // The clock is set back now and then in it.
    for _ in 0..<30 {
      try corpus.append(120, to: writer)
      try ProjectionStore(writer.reader).catchUp()
    }
    let store = try ProjectionStore(writer.reader)
    let events = try writer.reader.events(after: .start, limit: .max)
    let moments = try store.ask { try store.connection.integer("SELECT COUNT(*) FROM moment") }
    #expect((4...6).contains(moments))
    for index in stride(from: 0, to: events.count, by: 7) {
      for time in [-1, 0, 1].map({ events[index].at + $0 }) {
        let expected = events.prefix { $0.at <= time }.last
        let found = try store.lastEvent(at: time)
        try #require(found?.seq == expected?.seq, "at \(time)")
        #expect(found?.time.mono == expected?.mono)
      }
    }
  }
}
