internal import Events
package import Ledger
package import Maintenance
package import Projections

/// A plan is made of what the projections have, by the limits that are set.
extension RetentionPlan {
  /// Catches the projections up, and reads every instance that has ended: about 2 us each.
  package init(_ store: ProjectionStore, _ limits: RetentionLimits) throws(LedgerError) {
    self.init()
    maxBytes = limits.maxBytes
    var decisions = RetentionDecisions(limits)
    var byRule: [Retained.Rule: [InstanceID]] = [:]
    var (kept, failures): ([InstanceID], [InstanceID]) = ([], [])
    try store.forEachEnded { instance, candidate in
      ended += 1
      switch decisions.take(candidate) {
      case .drop(let rule): byRule[rule, default: []].append(instance)
      case .keep: kept.append(instance)
      case .keepFailure: failures.append(instance)
      case .leaveAlone: break
      }
    }
    parts = Retained.Rule.allCases.compactMap { rule in
      byRule[rule].map { Part(.events, rule, $0.reversed()) }
    }
    guard limits.maxBytes != nil else { return }
    forSpace = [
      Part(.output, .size, kept.reversed()),
      Part(.events, .size, kept.reversed()),
      Part(.output, .size, failures.reversed()),
    ].filter { !$0.instances.isEmpty }
  }
}
