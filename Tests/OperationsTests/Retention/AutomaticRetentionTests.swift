import Events
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Operations
@testable import Projections
@testable import Settings

/// Retention by itself: when it is due, for whom, and what it spares.
@Suite("Retention by itself", .temporaryDirectory) struct AutomaticRetentionTests {
  private let directory = TemporaryDirectory.ledger
  private let writer: LedgerWriter
  private static let hour: Int64 = 3_600_000_000

  init() throws { writer = try LedgerWriter(directory) }

  /// Limits under which no ended instance stays.
  private var nothingStays: RetentionSettings {
    var settings = RetentionSettings()
    settings.maxRecords = 0
    return settings
  }

  private func run(at: WallTime = 1_700_000_000_000_000) throws {
    let instance = InstanceID(createdAt: at)
    try writer.append([
      History.event(instance, .state(.created), at: at),
      History.event(instance, .state(.completed), at: at),
    ])
  }

  private func retained() throws -> [Requester] {
    try writer.reader.events(after: 0, limit: 100).filter { $0.kind == .retained }
      .map { Retained($0.json).by }
  }

  private func runIfDue(
    _ settings: RetentionSettings, by requester: Requester = Requester(),
    isTimeOver: () -> Bool = { false }
  ) throws -> RetentionExecution.Report? {
    try AutomaticRetention.runIfDue(
      LedgerSession(directory), settings, by: requester, isTimeOver: isTimeOver)
  }

  @Test func `is due once an hour, for whoever comes first`() {
    #expect(AutomaticRetention.isDue(directory, nothingStays))
    #expect(!AutomaticRetention.isDue(directory, nothingStays))
  }

  @Test func `is due again an hour later`() {
    let now = WallTime.now
    #expect(RetentionSchedule.isDue(directory, every: Self.hour, now: now - (Self.hour + 1)))
    #expect(AutomaticRetention.isDue(directory, nothingStays))
  }

  @Test func `is never due without a limit, and takes nobody's turn then`() {
    #expect(!AutomaticRetention.isDue(directory, RetentionSettings()))
    #expect(AutomaticRetention.isDue(directory, nothingStays))
  }

  @Test func `is never due where there is no ledger`() {
    let none = LedgerDirectory("\(TemporaryDirectory.path)/none")
    #expect(!AutomaticRetention.isDue(none, nothingStays))
    #expect(!Files.exists(none.path))
  }

  @Test func `drops what is over a limit, once an hour`() throws {
    try run()
    let report = try #require(try runIfDue(nothingStays))
    #expect(report.lines.map(\.counts.instances) == [1])
    try run()
    try expect(runIfDue(nothingStays)) { $0 == nil }
    try expect(retained().count, is: 1)
  }

  @Test func `says in the ledger that nobody asked for it, but for who has a reason`() throws {
    try run()
    var requester = Requester()
    requester.user = "somebody"
    _ = try runIfDue(nothingStays, by: requester)
    try expect(retained().map(\.reason), is: ["automatic"])
    try expect(retained().map(\.user), is: ["somebody"])
    let now = WallTime.now
    #expect(RetentionSchedule.isDue(directory, every: 0, now: now - (Self.hour + 1)))
    try run()
    requester.reason = "the disk is small"
    _ = try runIfDue(nothingStays, by: requester)
    try expect(retained().map(\.reason), is: ["automatic", "the disk is small"])
  }

  @Test func `spares what has ended just now`() throws {
    try run(at: .now)
    try expect(runIfDue(nothingStays)?.lines, is: [])
    try expect(retained().count, is: 0)
  }

  @Test func `ends between two turns when its time is over`() throws {
    try run()
    try expect(runIfDue(nothingStays, isTimeOver: { true })?.lines, is: [])
    try expect(retained().count, is: 0)
  }

  @Test(arguments: [0, 3_599_999_999, 3_600_000_000] as [BootTime])
  func `drops nothing for its age in the first hour of a boot: the clock may be wrong`(
    boot: BootTime
  ) {
    let now: WallTime = 1_700_000_000_000_000
    var limits = RetentionLimits()
    limits.endedBefore = now - Int64(1)
    AutomaticRetention.limitForBackground(&limits, now: now, boot: boot)
    #expect((limits.endedBefore == nil) == (boot.microseconds < Self.hour))
    #expect(limits.sparesEndedAfter == now - Int64(60_000_000))
  }
}
