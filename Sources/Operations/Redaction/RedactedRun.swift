internal import Events
package import Ledger
package import Projections

extension LedgerSession {
  /// Tells whether what a run was started with was redacted: it is not what was run any more. In the ledger after a damaged one
  /// nobody knows what of a run was; then it may have been.
  package func isLaunchRedacted(_ record: InstanceRecord) throws(LedgerError) -> Bool {
    for event in try reader.hostEvents([.redacted]) {
      guard let redacted = Redacted(event.json), redacted.instance == record.instance else {
        continue
      }
      if redacted.positions.isEmpty { return true }
      if redacted.positions.contains(where: { $0.seq == record.createdSeq }) { return true }
    }
    return false
  }
}
