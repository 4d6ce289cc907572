internal import Events
internal import Ledger

/// Checks what the events of one instance must be to each other. Memory: the instances that are live at a position.
struct InstanceCheck {
  private var live: [InstanceID: InstanceProgress] = [:]
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
    let time = EventTime(at: event.at, mono: event.mono)
    guard var progress = live[instance] else {
      return begin(instance, n, kind, time, hasEnded: hasEnded)
    }
    let violation = progress.check(kind, time, n: n, mayHaveGap: hasGaps)
    live[instance] = kind.isTerminal ? nil : progress
    switch violation {
    case .position(let expected):
      return (.instanceOrder, "its n is \(n) and has to be \(expected)")
    case .transition(let from, let to):
      return (.transition, "\(from.rawValue) cannot become \(to.rawValue)")
    case nil: return nil
    }
  }

  private mutating func begin(
    _ instance: InstanceID, _ n: Int64, _ kind: EventKind, _ time: EventTime, hasEnded: Bool
  ) -> (LedgerProblem.Kind, String)? {
    let isBeginning = kind == .state(.created) && n == 1
    if !isBeginning, hasEnded { return (.afterEnd, "its instance had ended before it") }
    if !kind.isTerminal {
      var progress = InstanceProgress()
      progress.note(kind, time, n: n)
      live[instance] = progress
    }
    return isBeginning || hasGaps
      ? nil : (.instanceOrder, "its instance does not begin with created")
  }
}
