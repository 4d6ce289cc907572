package import Events
internal import Ledger

/// Waits until a condition is met, from what stands in the ledger when it begins.
package struct WaitExecution: ~Copyable {
  package enum Outcome: Equatable, Sendable {
    case reached
    /// The instances that were named have ended otherwise.
    case impossible([WaitCondition.Ending])
    case timedOut
  }

  private let session: LedgerSession
  private var condition: WaitCondition
  private var follower: EventFollower
  private let countsPast: Bool

  /// - Parameters:
  ///   - states: empty for any change.
  ///   - count: how often it has to happen.
  ///   - countsPast: an instance that is in the state already counts.
  ///   - maintain: as for `EventFollower`.
  ///   - timeout: microseconds; nil for no end.
  ///   - reader: as for `EventFollower`.
  package init(
    _ session: LedgerSession, _ patterns: [Pattern], _ states: Set<InstanceState>, count: Int,
    countsPast: Bool, maintain: LedgerSession.Maintain?, timeout: Int64?,
    reader: (output: Int32, isGone: () -> Never)? = nil,
    notify: @escaping (EventFollower.Notice) -> Void
  ) throws {
    // What happens behind this position is seen by the follower, and by it alone.
    let start = try session.reader.head().seq
    let patterns = try session.resolved(patterns)
    let follower = EventFollower(
      session, after: start, maintain: maintain, timeout: timeout, reader: reader,
      notify: notify)
    var condition = WaitCondition(patterns, states, left: count, from: start)
    try condition.resolveNames(session)
    self.session = session
    self.countsPast = countsPast
    self.condition = condition
    self.follower = follower
  }

  /// - Parameter report: told each event that counts, when it is on disk.
  package mutating func run(_ report: (Event) -> Void) throws -> Outcome {
    if countsPast || condition.countsPast {
      follower.settled(try condition.countPast(session)).forEach(report)
    }
    while !condition.isDone {
      if condition.isHopeless { return .impossible(condition.endings) }
      if follower.isOver { return .timedOut }
      let events = try follower.next()
      if !condition.namesInstances { follower.notifyOfGap() }
      for event in events where condition.take(event) {
        report(event)
        if condition.isDone { break }
      }
    }
    return .reached
  }
}
