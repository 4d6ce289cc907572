package import Events

/// Which ended instances are wanted, and in which order: what `hist`, `stats` and REST take. What was removed from the
/// history is never among them.
package struct HistoryQuery: Equatable, Sendable {
  package enum Order: String, CaseIterable, Sendable {
    /// Of creation: whatever somebody did to the clock, and whenever the ledger could take a run in.
    case created
    case finished
    /// How long it ran; what never ran comes last in both directions.
    case time
  }

  /// One of them matches; none at all: everything does.
  package var patterns: [Pattern] = []
  /// Created at this time or later, microseconds since 1970.
  package var since: Int64?
  /// Created before this time.
  package var until: Int64?
  /// It ended in one of them; none at all: in any.
  package var states: Set<InstanceState> = []
  /// A part of the reason that it ended so, in any case.
  package var reason: String?
  /// It ran for longer, microseconds.
  package var longerThan: Int64?
  /// It had ended when the ledger ended at this position.
  package var endedBy: Int64?
  /// Of those, the newest of each job alone.
  package var isLastOfEachJob = false
  package var order = Order.created
  package var isAscending = false
  /// The first so many in that order.
  package var limit: Int?

  package init() {}
}
