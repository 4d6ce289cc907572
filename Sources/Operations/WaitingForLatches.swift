internal import Events
package import Ledger
package import Projections

/// The latches that live instances wait for, each with its instances.
package struct WaitingForLatches: Sendable {
  /// Latches by name; instances oldest first.
  package let byLatch: [(latch: String, instances: [InstanceRecord])]

  package init(_ session: LedgerSession) throws(LedgerError) {
    var query = InstanceQuery(.live, isAscending: true)
    query.states = [.pending]
    var instances: [String: [InstanceRecord]] = [:]
    for record in try session.projections.records(query) {
      guard let latch = record.waitCause?.latch else { continue }
      instances[latch, default: []].append(record)
    }
    byLatch = instances.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
