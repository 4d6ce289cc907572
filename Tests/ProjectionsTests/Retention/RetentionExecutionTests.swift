internal import Events
import Glibc
import Ledger
import Linux
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("Retention of a ledger", .temporaryDirectory)
struct RetentionExecutionTests {
  private let directory = TemporaryDirectory.ledger
  private let writer: LedgerWriter

  init() throws { writer = try LedgerWriter(directory) }

  /// A run of so many bytes of output that no codec makes smaller.
  @discardableResult
  private func run(
    _ job: String, _ state: InstanceState = .completed, bytes: Int = 0, at: Int64 = 1_000_000,
    _ change: (inout Created) -> Void = { _ in }
  ) throws -> InstanceID {
    let instance = InstanceID(createdAt: at)
    var created = Created()
    change(&created)
    var events = [
      History.event(instance, .state(.created), created.json, job: job, at: at),
      History.event(instance, .state(.running), job: job, at: at),
    ]
    if bytes > 0 {
      let random = try Files.randomBytes(bytes)
      var totals = OutputTotals()
      totals.stdoutBytes = Int64(bytes)
      let output = random.withUnsafeBytes {
        EncodedOutput($0, runs: [OutputSegment(stream: .stdout, offset: 0, length: bytes)])
      }
      events.append(
        History.event(instance, .output, totals.json, job: job, at: at, output: output))
    }
    events.append(History.event(instance, .state(state), job: job, at: at))
    try writer.append(events)
    return instance
  }

  private func retain(_ change: (inout RetentionLimits) -> Void) throws -> RetentionExecution.Report
  {
    var limits = RetentionLimits()
    change(&limits)
    let store = try ProjectionStore(LedgerReader(directory))
    let plan = try RetentionPlan(store, limits)
    let estimated = try RetentionExecution.estimate(plan, limits, store.reader)
    let report = try RetentionExecution.carryOut(
      plan, limits, through: LedgerWriter(directory), store, by: Requester())
    if limits.maxBytes == nil {
      #expect(estimated.lines == report.lines, "what was estimated is what happened")
    }
    let verified = try LedgerVerification.run(directory)
    #expect(verified.problems == [])
    let compared = try ProjectionComparison.run(LedgerReader(directory), limit: 10)
    #expect(compared == .equal(upTo: try writer.reader.head().seq))
    return report
  }

  private func records() throws -> [InstanceRecord] {
    try Fold.state(of: ProjectionStore(LedgerReader(directory)))
  }

  @Test func `nothing is dropped, and nothing said, where nothing is over a limit`() throws {
    try run("a")
    let head = try writer.reader.head().seq
    let report = try retain { ($0.maxRecords, $0.maxBytes) = (1, 1 << 30) }
    #expect(report.lines == [] && report.bytesBefore == report.bytesAfter)
    try expect(writer.reader.head().seq, is: head)
  }

  @Test func `each rule says what it dropped`() throws {
    try run("a", at: 1)
    try run("a", at: 90)
    try run("a", at: 91)
    let notKept = try run("b", bytes: 100, at: 92) { $0.isKept = false }
    let kept = try run("b", at: 93)
    let last = try run("a", at: 94)
    let live = InstanceID(createdAt: 5)
    try writer.append([History.event(live, .state(.created))])
    let report = try retain {
      ($0.endedBefore, $0.maxRecords, $0.maxRecordsPerJob) = (50, 3, 1)
    }
    #expect(report.lines.map(\.rule) == [.notKept, .age, .records, .recordsPerJob])
    #expect(report.lines.map(\.counts.instances) == [1, 1, 1, 1])
    #expect(report.lines.map(\.counts.events) == [4, 3, 3, 3])
    try expect(report.lines.at(0).counts.chunks, is: 1)
    try expect(report.lines.at(0).counts.bytes, is: 100)
    try expect(records().map(\.instance), is: [kept, last, live])
    try expect(writer.reader.lastEvent(of: notKept)) { $0 == nil }
  }

  @Test func `for space the oldest output goes first, as much as has to`() throws {
    let instances = try (0..<10).map { try run("a", bytes: 50_000, at: $0) }
    let used = try writer.reader.usedBytes()
    let report = try retain { $0.maxBytes = used - 120_000 }
    #expect(report.lines.map(\.what) == [.output] && report.lines.map(\.rule) == [.size])
    #expect(report.bytesBefore == used && report.bytesAfter <= used - 120_000)
    let without = try records().filter { $0.outputRemovedAt != nil }.map(\.instance)
    #expect(without == Array(instances.prefix(without.count)))
    #expect((3...5).contains(without.count))
    try expect(records().count, is: 10)
    // Again: nothing more is too large.
    try expect(retain { $0.maxBytes = used - 120_000 }.lines, is: [])
  }

  @Test func `for space runs go when no output is left, and failures to be kept lose theirs last`()
    throws
  {
    let failed = try run("a", .failed, bytes: 60_000, at: 1)
    for index in 2..<Int64(200) { try run("a", at: index) }
    try run("a", bytes: 60_000, at: 300)
    let report = try retain { ($0.maxBytes, $0.keepFailed) = (20_000, 1) }
    #expect(report.lines.map(\.what) == [.output, .events])
    #expect(report.lines.last?.counts.instances == 199)
    let left = try records()
    #expect(left.map(\.instance) == [failed])
    try expect(left.at(0).outputRemovedAt) { $0 != nil }
    #expect(report.bytesAfter < 60_000)
  }

  @Test func `a lost run whose command still runs is left alone`() throws {
    let pid = getpid()
    let started = try #require(Host.startTime(of: pid))
    let instance = InstanceID(createdAt: 1)
    var created = Created()
    created.bootID = Host.bootID()
    var ending = Ending()
    ending.evidence = Ending.Evidence(lastSignOfLife: 1, childRunning: true, rebooted: false)
    try writer.append([
      History.event(instance, .state(.created), created.json),
      History.event(
        instance, .state(.running),
        Running(pid: Int64(pid), started: started, pgid: Int64(pid)).json),
      History.event(instance, .state(.lost), ending.json),
    ])
    try expect(retain { $0.maxRecords = 0 }.lines, is: [])
    try expect(records().count, is: 1)
  }

  @Test func `the first run of this boot is found among many of others`() throws {
    let store = try ProjectionStore(LedgerReader(directory))
    try expect(store.firstRun(ofBoot: "now")) { $0 == nil }
    for count in [1, 6, 13] {
      for index in 0..<count {
        try run("a", at: Int64(1000 * count + index)) { $0.bootID = "before \(count)" }
      }
      try expect(store.firstRun(ofBoot: "now")) { $0 == nil }
    }
    for index in 0..<9 { try run("a", at: Int64(50_000 + index)) { $0.bootID = "now" } }
    let found = try #require(try store.firstRun(ofBoot: "now"))
    #expect(found.at == 50_000 && found.mono == 42_000_000)
  }
}

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
    try Connection(directory.projections, .readWrite, busyMilliseconds: 1000).execute(
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
    #expect(live[instance] == nil && live.all.isEmpty)
  }
}
