internal import Events
package import Ledger
package import Projections

/// A run among those of its job: how many failures in a row it ends, when it was well last, and how long it usually takes.
/// Dry runs and what was not executed count for nothing.
package struct RunStanding: Sendable {
  /// Failures up to this run, without one between them that was none; 0 where it is no failure itself.
  package private(set) var failures: Int64 = 0
  /// The oldest of them.
  package private(set) var firstFailure: InstanceRecord?
  /// The newest before the run that completed.
  package let lastGood: InstanceRecord?
  /// The middle of the durations of the newest that completed before it, microseconds.
  package let usual: Int64?

  /// Runs of a streak that are counted, at most.
  private static let longestStreak: Int64 = 10_000
  private static let usualRuns = 100

  private static let ends = Set(
    InstanceState.allCases.filter { $0.isTerminal && $0.group != .notExecuted })

  package init(of record: InstanceRecord, in session: LedgerSession) throws(LedgerError) {
    lastGood = try session.projections.newest(ofJob: record.job, in: [.completed], before: record)
    usual = try Self.usual(before: record, session)
    guard record.state.group == .failure, !record.isRehearsal else { return }
    var query = InstanceQuery(.ended)
    query.job = record.job
    query.states = Self.ends
    var isReached = false
    var (count, first) = (Int64(0), record)
    try session.projections.forEach(query) { other in
      isReached = isReached || other.instance == record.instance
      guard isReached, !other.isRehearsal else { return true }
      guard other.state.group == .failure else { return false }
      (count, first) = (count + 1, other)
      return count < Self.longestStreak
    }
    (failures, firstFailure) = (count, first)
  }

  private static func usual(
    before record: InstanceRecord, _ session: LedgerSession
  ) throws(LedgerError) -> Int64? {
    var query = InstanceQuery(.ended)
    query.job = record.job
    query.states = [.completed]
    query.limit = usualRuns + 1
    var times: [Int64] = []
    try session.projections.forEach(query) { other in
      guard other.instance != record.instance, !other.isRehearsal else { return true }
      if let time = other.runMicroseconds { times.append(time) }
      return true
    }
    // Of one or two runs nothing is usual.
    guard times.count > 2 else { return nil }
    return times.sorted()[times.count / 2]
  }
}
