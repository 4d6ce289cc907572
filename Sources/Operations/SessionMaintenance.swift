internal import Events
package import Ledger
package import Maintenance
internal import Projections

/// Whoever opens a session puts the ledger in order before it is asked.
extension LedgerSession {
  /// Keeps the ledger in order for who goes on looking at it.
  package typealias Maintain = (LedgerSession) throws(LedgerError) -> Void

  /// Removes what files beside the ledger, and its own unused places, still have of what was redacted.
  /// - Returns: false where somebody is in the way: then the next does it.
  package func clean(
    for milliseconds: Int64 = Int64(LedgerMaintenance.queueMilliseconds)
  ) throws(LedgerError) -> Bool {
    guard reader.missing == nil, !reader.isCopy else { return false }
    guard try projections.clean() else { return false }
    return try LedgerCleaning.run(
      openWriterForAsking(), until: .now + milliseconds * 1000)
  }

  /// Brings in what waits in spools, and closes the instances that were lost: see ``LedgerMaintenance``. The projections know
  /// which are live, and are caught up. Then it looks whether what is expected of jobs has been so: see ``BreachNoticing``.
  @discardableResult
  package func maintain() throws(LedgerError) -> LedgerMaintenance.Outcome {
    // Somebody who redacted something was killed, or met a reader. What cannot be done now is left to the next.
    if try reader.needsCleaning() { _ = try? clean() }
    let outcome = try LedgerMaintenance.run(
      reader, openWriter: { () throws(LedgerError) in try self.openWriterForAsking() },
      live: { () throws(LedgerError) in
        try self.projections.created(InstanceQuery(.live)).map(\.instance)
      })
    // What keeps it from looking keeps nobody from asking.
    _ = try? noticeBreaches()
    return outcome
  }
}
