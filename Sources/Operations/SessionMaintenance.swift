package import Ledger
package import Maintenance
internal import Projections

/// Whoever opens a session puts the ledger in order before it is asked.
extension LedgerSession {
  /// Keeps the ledger in order for who goes on looking at it.
  package typealias Maintain = (LedgerSession) throws(LedgerError) -> Void

  /// Brings in what waits in spools, and closes the instances that were lost: see ``LedgerMaintenance``. The projections know
  /// which are live, and are caught up.
  @discardableResult
  package func maintain() throws(LedgerError) -> LedgerMaintenance.Outcome {
    try LedgerMaintenance.run(
      reader, openWriter: { () throws(LedgerError) in try self.openWriterForAsking() },
      live: { () throws(LedgerError) in
        try self.projections.created(InstanceQuery(.live)).map(\.instance)
      })
  }
}
