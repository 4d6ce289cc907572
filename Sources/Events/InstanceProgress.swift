/// An instance as far as it has come by its events: what stands of it, what may follow, and what is missing before
/// that. Its runner, an intake, a recovery and a verification ask the same value, so that there is one set of rules.
/// Memory: about 40 bytes.
package struct InstanceProgress: Equatable, Sendable {
  /// The position of its last event; 0 before the first.
  package private(set) var n: Int64 = 0
  /// The state that it is in; nil before its first event, and where the event that would tell it is not there to be read.
  package private(set) var state: InstanceState?
  /// The time of the instance's last event; nil before the first.
  package private(set) var time: EventTime?

  package init() {}

  package var hasEnded: Bool { state?.isTerminal ?? false }

  // MARK: What stands

  /// Takes note of an event that stands in a ledger.
  package mutating func note(_ event: Event) {
    note(event.kind, EventTime(at: event.at, mono: event.mono), n: event.n)
  }

  /// Takes note of an event that stands in a ledger, whether it may stand there or not.
  /// - Parameter n: its position; nil: behind the last.
  package mutating func note(_ kind: EventKind, _ time: EventTime, n: Int64? = nil) {
    // Wrapping: a forged position ends no program.
    self.n = n ?? self.n &+ 1
    state = kind.state ?? state
    self.time = time
  }

  /// A rule that an event breaks by standing where it does.
  package enum Violation: Equatable, Sendable {
    case position(expected: Int64)
    case transition(from: InstanceState, to: InstanceState)
  }

  /// Takes note of an event that stands in a ledger, and says which rule it breaks there; nil when it breaks none.
  /// - Parameter mayHaveGap: events before this one are known to be missing: one that stands further on breaks no rule.
  package mutating func check(
    _ kind: EventKind, _ time: EventTime, n: Int64, mayHaveGap: Bool
  ) -> Violation? {
    let expected = self.n &+ 1
    let isBehindGap = mayHaveGap && n > expected
    let former = isBehindGap ? nil : state
    // What it was in before the gap says nothing of what it is in now.
    if isBehindGap { state = nil }
    note(kind, time, n: n)
    guard n == expected || isBehindGap else { return .position(expected: expected) }
    guard let former, let next = kind.state, !InstanceState.isPossible(from: former, to: next)
    else { return nil }
    return .transition(from: former, to: next)
  }

  // MARK: What may follow

  /// Tells whether the instance may enter that state next.
  package func allows(_ next: InstanceState) -> Bool {
    InstanceState.isPossible(from: state, to: next)
  }

  // MARK: What is missing

  /// The states that it has to enter before an event of that kind may follow, where earlier events are lost: its
  /// beginning, and that it was started where nothing but the next event shows it. None where nothing is missing.
  /// - Returns: nil when the event may not follow, whatever is put before it.
  package func missing(before kind: EventKind) -> [InstanceState]? {
    var ahead = self
    var missing: [InstanceState] = []
    if state == nil, kind != .state(.created) {
      ahead.state = .created
      missing.append(.created)
    }
    guard !ahead.hasEnded else { return nil }
    guard let next = kind.state, !ahead.allows(next) else { return missing }
    guard ahead.allows(.triggered), InstanceState.isPossible(from: .triggered, to: next) else {
      return nil
    }
    return missing + [.triggered]
  }

  /// Those states, out of the ones with which its runner began it, that it has yet to enter: another ledger has taken the
  /// place of the one in which it began.
  package func missing(of beginning: [InstanceState]) -> [InstanceState] {
    var ahead = self
    return beginning.filter { next in
      guard ahead.allows(next) else { return false }
      ahead.state = next
      return true
    }
  }
}
