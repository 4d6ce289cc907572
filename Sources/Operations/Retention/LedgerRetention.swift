package import Events
package import Ledger
package import Maintenance
internal import Projections

/// Retention as a session has it carried out: on a ledger, and then seen by its projections.
extension LedgerSession {
  /// - Parameters:
  ///   - progress: instances so far, of all.
  ///   - isTimeOver: asked before each turn.
  package func carryOut(
    _ plan: RetentionPlan, by requester: Requester, progress: (LedgerProgress) -> Void = { _ in },
    isTimeOver: () -> Bool = { false }
  ) throws(LedgerError) -> RetentionExecution.Report {
    // What is dropped tells nobody any more whether it was as it was expected.
    _ = try? noticeBreaches()
    let report = try RetentionExecution.carryOut(
      plan, through: openWriter(), by: requester, progress: progress, isTimeOver: isTimeOver)
    try projections.catchUp()
    return report
  }
}
