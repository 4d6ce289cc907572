internal import Events
internal import Ledger

/// What the events of one instance must be to each other. Memory: the instances that are live at a position.
struct InstanceCheck {
  private struct Live {
    var n: Int64
    /// Nil when the event that would tell was not there to be read.
    var state: InstanceState?
  }

  private var live: [InstanceID: Live] = [:]
  /// Events were lost before here: that others lack their predecessor is no news.
  private var hasGaps = false

  mutating func skip() { hasGaps = true }

  func isLive(_ instance: InstanceID) -> Bool { live[instance] != nil }

  /// - Parameter hasEnded: whether a terminal event of the instance stands before this one; tells only of an instance
  ///   that is not live.
  /// - Returns: the rule that the event breaks, nil when it breaks none.
  mutating func take(
    _ event: StoredEvent, _ instance: InstanceID, _ n: Int64, hasEnded: Bool
  ) -> (LedgerProblem.Kind, String)? {
    let kind = event.eventKind
    guard var known = live[instance] else {
      return begin(instance, n, kind, hasEnded: hasEnded)
    }
    // Wrapping: a forged n ends no program.
    let expected = known.n &+ 1
    let isGap = hasGaps && n > expected
    known.n = n
    var broken: (LedgerProblem.Kind, String)?
    if n != expected, !isGap {
      broken = (.instanceOrder, "its n is \(n) and has to be \(expected)")
    }
    if let next = kind.state {
      if let state = known.state, !isGap, !InstanceState.isPossible(from: state, to: next) {
        broken = broken ?? (.transition, "\(state.rawValue) cannot become \(next.rawValue)")
      }
      known.state = next
    } else if isGap {
      known.state = nil
    }
    live[instance] = kind.isTerminal ? nil : known
    return broken
  }

  private mutating func begin(
    _ instance: InstanceID, _ n: Int64, _ kind: EventKind, hasEnded: Bool
  ) -> (LedgerProblem.Kind, String)? {
    if kind == .state(.created), n == 1 {
      live[instance] = Live(n: 1, state: .created)
      return nil
    }
    if hasEnded { return (.afterEnd, "its instance had ended before it") }
    if !kind.isTerminal { live[instance] = Live(n: n, state: kind.state) }
    return hasGaps ? nil : (.instanceOrder, "its instance does not begin with created")
  }
}
