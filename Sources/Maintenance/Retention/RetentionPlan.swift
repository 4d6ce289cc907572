package import Events

/// Instances that retention is to drop of a ledger, or their output. Memory: 24 bytes for each instance.
package struct RetentionPlan: Equatable, Sendable {
  /// Instances of one kind, the oldest first.
  package struct Part: Equatable, Sendable {
    package let what: Retained.What
    package let rule: Retained.Rule
    package var instances: [InstanceID]

    package init(_ what: Retained.What, _ rule: Retained.Rule, _ instances: [InstanceID]) {
      (self.what, self.rule, self.instances) = (what, rule, instances)
    }
  }

  /// All of these go.
  package var parts: [Part] = []
  /// While the ledger is larger, `forSpace` goes; nil: without limit.
  package var maxBytes: Int64?
  /// As much of these goes as has to, in this order, while the ledger is too large: output, then instances, and at last the
  /// output of the failures that are to be kept longer.
  package var forSpace: [Part] = []
  /// The number of instances that have ended.
  package var ended = 0

  package init() {}

  package var dropped: Int { parts.reduce(0) { $0 + $1.instances.count } }
  package var isEmpty: Bool { parts.isEmpty && forSpace.isEmpty }
}
