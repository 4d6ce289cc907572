internal import Events
import Glibc
import Ledger
import Linux
import Maintenance
import Operations
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
    _ job: String, _ state: InstanceState = .completed, bytes: Int = 0, at: WallTime = 1_000_000,
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
    let session = try LedgerSession(directory)
    let plan = try RetentionPlan(session.projections, limits)
    let estimated = try RetentionExecution.estimate(plan, session.reader)
    let report = try session.carryOut(plan, by: Requester())
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
    let store = try ProjectionStore(LedgerReader(directory))
    return try store.ask { try store.rows("ORDER BY created_seq") }
  }

  @Test func `nothing is dropped, and nothing said, where nothing is over a limit`() throws {
    try run("a")
    let head = try writer.reader.head().seq
    let report = try retain { ($0.maxRecords, $0.maxBytes) = (1, 1 << 30) }
    #expect(report.lines == [])
    #expect(report.bytesBefore == report.bytesAfter)
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
    let instances = try (0..<10).map { try run("a", bytes: 50_000, at: WallTime($0)) }
    let used = try writer.reader.usedBytes()
    let report = try retain { $0.maxBytes = used - 120_000 }
    #expect(report.lines.map(\.what) == [.output])
    #expect(report.lines.map(\.rule) == [.size])
    #expect(report.bytesBefore == used)
    #expect(report.bytesAfter <= used - 120_000)
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
    for index in 2..<Int64(200) { try run("a", at: WallTime(index)) }
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
        try run("a", at: WallTime(1000 * count + index)) { $0.bootID = "before \(count)" }
      }
      try expect(store.firstRun(ofBoot: "now")) { $0 == nil }
    }
    for index in 0..<9 { try run("a", at: WallTime(50_000 + index)) { $0.bootID = "now" } }
    let found = try #require(try store.firstRun(ofBoot: "now"))
    #expect(found.at == 50_000)
    #expect(found.mono == 42_000_000)
  }
}
