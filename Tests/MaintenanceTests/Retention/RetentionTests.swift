internal import Events
import Glibc
import Ledger
import Maintenance
import SQLite
import TestSupport
import Testing

@Suite("Dropping runs from a ledger", .temporaryDirectory)
struct RetentionTests {
  private func ledger(_ count: Int, _ purpose: String) throws -> RetentionLedger {
    var random = SeededGenerator(for: purpose)
    var ledger = try RetentionLedger()
    try ledger.append(count, &random)
    return ledger
  }

  @Test func `dropped output is gone, its events and their digests stay`() throws {
    let ledger = try ledger(20, "dropped output")
    let before = try ledger.events()
    let dropped = Array(ledger.ended.prefix(10))
    try expect(ledger.drop(.output, dropped), is: 1)

    let after = try ledger.events()
    #expect(after.dropLast() == before[...])
    let retained = Retained(try #require(after.last).json)
    #expect(after.last?.kind == .retained)
    #expect(retained.what == .output)
    #expect(Set(retained.instances).isSubset(of: dropped))
    let chunks = before.filter { event in
      event.payload != nil && event.instance.map(dropped.contains) == true
    }
    #expect(retained.counts.chunks == Int64(chunks.count))
    #expect(chunks.count > 0)
    #expect(retained.upTo.seq == chunks.last?.seq)
    #expect(retained.upTo.digest == chunks.last?.digest)
    let reader = try LedgerReader(ledger.directory)
    for instance in ledger.ended {
      let hasOutput = before.contains { $0.instance == instance && $0.payload != nil }
      let isThere = try !reader.output(of: instance, limit: 1).isEmpty
      #expect(isThere == (hasOutput && !dropped.contains(instance)))
    }
    let report = try LedgerVerification.run(ledger.directory)
    #expect(report.problems == [])
    #expect(report.droppedChunks == Int64(chunks.count))
  }

  @Test func `dropped events are gone, and the chain still verifies`() throws {
    let ledger = try ledger(20, "dropped events")
    let before = try ledger.events()
    let head = try ledger.writer.reader.head()
    let dropped = Array(ledger.ended.prefix(12))
    try ledger.drop(.events, dropped)

    let kept = before.filter { event in event.instance.map { !dropped.contains($0) } ?? true }
    let after = try ledger.events()
    #expect(after.dropLast() == kept[...])
    #expect(after.last?.seq == head.seq + 1)
    let report = try LedgerVerification.run(ledger.directory)
    #expect(report.problems == [])
    #expect(report.dropped == Int64(before.count - kept.count))
    #expect(report.trustworthyUpTo == head.seq + 1)
    let retained = Retained(try #require(after.last).json)
    #expect(retained.instances == dropped)
    #expect(retained.unfinished == nil)
    #expect(retained.ledger.events == Int64(before.count - kept.count))
    #expect(retained.counts.events == retained.ledger.events)
  }

  @Test func `whatever is dropped in whatever steps, every step leaves a ledger that verifies`()
    throws
  {
    var random = SeededGenerator(for: "retention steps")
    var ledger = try RetentionLedger()
    var total = 0
    for _ in 0..<6 {
      try ledger.append(5 + random.below(10), &random)
      let what: Retained.What = random.chance(60) ? .events : .output
      let chosen = ledger.ended.filter { _ in random.chance(50) }
      let budget = Retention.Budget.small(
        events: 1 + random.below(12), bytes: Int64(1 + random.below(5000)))
      total += try ledger.drop(what, chosen, budget) { () throws in
        try expect(ledger.problems(), is: [])
      }
      let there = Set(try ledger.events().compactMap(\.instance))
      for instance in chosen where what == .events { #expect(!there.contains(instance)) }
      #expect(ledger.live.allSatisfy(there.contains))
    }
    #expect(total > 6)
    // Everything that has ended, so that few runs of positions are left.
    try ledger.drop(.events, ledger.ended)
    try expect(ledger.problems(), is: [])
    try expect(ledger.outputCount(), is: 0)
    try expect(ledger.events()) {
      $0.allSatisfy { $0.instance == nil || $0.instance == ledger.live.first }
    }
  }

  @Test func `live runs and those that are not there are passed over`() throws {
    let ledger = try ledger(5, "live runs")
    let before = try ledger.events()
    try ledger.drop(.events, ledger.live + [Sample.newID()])
    try ledger.drop(.output, ledger.live)
    try expect(ledger.events(), is: before, "nothing is said of nothing")
  }

  @Test func `the last event of a ledger can go, and what comes next has the next position`() throws
  {
    let ledger = try ledger(1, "last event")
    let instance = try ledger.live.at(0)
    try Sample.append(Sample.event(instance, .state(.completed)), to: ledger.writer)
    let head = try ledger.writer.reader.head().seq
    try ledger.drop(.events, [instance])
    try expect(ledger.events().filter { $0.kind == .retained }.map(\.seq), is: [head + 1])
    try expect(Sample.append(Sample.event(Sample.newID()), to: ledger.writer), is: head + 2)
    try expect(ledger.problems(), is: [])
  }

  @Test func `a run too large for a turn goes in several, and whoever comes next goes on`() throws {
    var random = SeededGenerator(for: "large runs")
    var ledger = try RetentionLedger()
    try ledger.append(4, &random)
    let large = try ledger.live.at(0)
    for _ in 0..<20 {
      try Sample.append(SampleLedger.output(large, [7], 4000), to: ledger.writer)
    }
    try Sample.append(Sample.event(large, .state(.failed)), to: ledger.writer)
    let retention = Retention(ledger.writer, by: Requester(), budget: .small())
    for what: Retained.What in [.output, .events] {
      let step = try retention.dropNext(what, .size, of: [large])
      #expect(step.done == 0)
      #expect(step.counts.instances == 1)
      try expect(ledger.writer.reader.newestRetained()?.unfinished, is: large)
      try expect(ledger.problems(), is: [])
      // Somebody else, who wants another one dropped, and knows nothing of it.
      let other = Retention(try LedgerWriter(ledger.directory), by: Requester(), budget: .small())
      var rest: ArraySlice = [ledger.ended[what == .output ? 0 : 1]]
      while !rest.isEmpty {
        rest = rest.dropFirst(try other.dropNext(.events, .age, of: rest).done)
        try expect(ledger.problems(), is: [])
      }
      try expect(LedgerReader(ledger.directory).output(of: large, limit: 1)) { $0.isEmpty }
    }
    try expect(ledger.events()) { $0.allSatisfy { $0.instance != large } }
  }

  @Test func `nobody else can delete or change an event`() throws {
    let ledger = try ledger(10, "guards")
    try ledger.drop(.events, Array(ledger.ended.prefix(5)))
    let connection = try Connection(
      ledger.directory.database, .readWrite, busyMilliseconds: 1000)
    for sql in [
      "DELETE FROM event", "DELETE FROM event WHERE seq = (SELECT MAX(seq) FROM event)",
      "UPDATE event SET at = 0",
      "INSERT OR REPLACE INTO event SELECT * FROM event LIMIT 1",
    ] {
      #expect(throws: SQLiteError.self, "\(sql)") { try connection.execute(sql) }
    }
    // Nor put one where one was.
    #expect(throws: SQLiteError.self) {
      try connection.execute(
        """
        INSERT INTO event SELECT (SELECT first FROM dropped LIMIT 1), at, mono, job, NULL, NULL, 'x',
        data, payload, digest FROM event LIMIT 1
        """)
    }
    try expect(ledger.problems(), is: [])
  }

  /// The golden ledger of the first version has no table for this, and another trigger.
  @Test func `a ledger of an earlier version is brought up by the first turn`() throws {
    let directory = TemporaryDirectory.ledger
    #expect(mkdir(directory.path, 0o700) == 0)
    try Files.write(
      try Files.contents(Repository.path("Tests/LedgerTests/Golden/v1/ledger.db")),
      to: directory.database)
    let ledger = try RetentionLedger(directory)
    try expect(ledger.problems(), is: [])
    let ended = Set(try ledger.events().filter(\.kind.isTerminal).compactMap(\.instance))
    let before = try ledger.events().count
    let some = Array(ended.sorted { $0.text < $1.text }.prefix(2))
    try ledger.drop(.output, some)
    try expect(ledger.problems(), is: [])
    try ledger.drop(.events, some)
    try expect(ledger.problems(), is: [])
    try expect(ledger.events().count) { $0 < before }
    let connection = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM event") }
    let retention = Retention(ledger.writer, by: Requester())
    try expect(retention.giveBackNext(), is: false)
    try retention.finish()
  }

  @Test func `space is given back`() throws {
    let ledger = try RetentionLedger()
    let instance = Sample.newID()
    try Sample.append(Sample.event(instance), to: ledger.writer)
    for _ in 0..<40 {
      let chunk = Sample.chunk(try Files.randomBytes(100_000))
      try Sample.append(Sample.event(instance, .output, output: chunk), to: ledger.writer)
    }
    try Sample.append(Sample.event(instance, .state(.skipped)), to: ledger.writer)
    let retention = Retention(ledger.writer, by: Requester())
    try retention.finish()
    let size = Files.size(ledger.directory.database)
    #expect(size > 4_000_000)
    try ledger.drop(.output, [instance])
    try expect(ledger.writer.reader.usedBytes()) { $0 < 200_000 }
    var turns = 0
    while try retention.giveBackNext() { turns += 1 }
    try retention.finish()
    #expect(turns > 0)
    #expect(Files.size(ledger.directory.database) < 600_000)
    try expect(ledger.integer("PRAGMA integrity_check = 1"), is: 0)
    try expect(ledger.integer("PRAGMA freelist_count")) { $0 <= 64 }
  }
}
