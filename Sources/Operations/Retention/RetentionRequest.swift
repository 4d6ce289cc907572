package import Events
package import Ledger
internal import Linux
package import Maintenance
package import Projections
package import Settings

/// Retention as the configuration wants it, planned from what the ledger has now.
package struct RetentionRequest {
  private let session: LedgerSession
  package let plan: RetentionPlan

  /// - Parameter inBackground: nobody has asked for it now.
  package init(
    _ settings: RetentionSettings, in session: LedgerSession, inBackground: Bool = false
  ) throws(LedgerError) {
    self.session = session
    let (wall, boot) = (WallTime.now, BootTime.now)
    let now =
      inBackground
      ? RetentionClock.now(
        wall: wall, boot: boot, event: try session.projections.firstRun(ofBoot: Host.bootID()))
      : wall
    var limits = RetentionLimits(settings, now: now)
    if inBackground { AutomaticRetention.limitForBackground(&limits, now: now, boot: boot) }
    plan = try RetentionPlan(session.projections, limits)
  }

  /// Tells what would be dropped; sizes are estimates.
  package func estimate() throws(LedgerError) -> RetentionExecution.Report {
    try RetentionExecution.estimate(plan, session.reader)
  }

  /// Drops it. On disk when it returns; what is left to do when it is stopped is done by the next.
  /// - Parameters:
  ///   - progress: instances so far, of all.
  ///   - isTimeOver: asked before each turn.
  package func carryOut(
    by requester: Requester, progress: (LedgerProgress) -> Void = { _ in },
    isTimeOver: () -> Bool = { false }
  ) throws(LedgerError) -> RetentionExecution.Report {
    try session.carryOut(plan, by: requester, progress: progress, isTimeOver: isTimeOver)
  }
}

extension RetentionLimits {
  package init(_ settings: RetentionSettings, now: WallTime) {
    self.init()
    endedBefore = settings.maxAge?.before(now)
    maxBytes = settings.maxBytes
    maxRecords = settings.maxRecords
    maxRecordsPerJob = settings.maxRecordsPerJob
    keepFailed = settings.keepFailed ?? 0
  }
}
