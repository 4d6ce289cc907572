package import Events
package import Ledger
internal import Linux
package import Maintenance
internal import Projections
package import Settings

/// Retention that nobody asks for: at most once an hour a ledger, whoever comes first.
package enum AutomaticRetention {
  /// The reason that the `retained` event has.
  package static let reason = "automatic"
  /// Microseconds.
  private static let interval: Int64 = 3_600_000_000
  /// Somebody may be just about to look at how a run has ended; microseconds.
  private static let grace: Int64 = 60_000_000

  /// True for one caller in each hour, who is to do it. Costs three system calls while it is not time.
  package static func isDue(_ directory: LedgerDirectory, _ settings: RetentionSettings) -> Bool {
    settings.isLimited
      && RetentionSchedule.isDue(directory, every: interval, now: .now)
  }

  /// Does it here and now where it is due: for a program that goes on running.
  /// - Returns: what was dropped; nil when it is not time.
  package static func runIfDue(
    _ session: LedgerSession, _ settings: RetentionSettings, by requester: Requester,
    isTimeOver: () -> Bool = { false }
  ) throws(LedgerError) -> RetentionExecution.Report? {
    guard isDue(session.directory, settings) else { return nil }
    var requester = requester
    requester.reason = requester.reason ?? reason
    return try RetentionRequest(settings, in: session, inBackground: true)
      .carryOut(by: requester, isTimeOver: isTimeOver)
  }

  /// The clock may be wrong until the host has found the time, and who watches a run may see how it ended.
  static func limitForBackground(_ limits: inout RetentionLimits, now: WallTime, boot: BootTime) {
    if boot.microseconds < interval { limits.endedBefore = nil }
    limits.sparesEndedAfter = now - grace
  }
}
