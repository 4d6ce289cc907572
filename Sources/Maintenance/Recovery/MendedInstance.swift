internal import Events
internal import Ledger

/// Where an instance stands of which events may be lost, and what is made up so that the next one makes sense: its
/// `created` where that is lost, and `triggered` where the next event shows that it was started and nothing else does.
struct MendedInstance {
  /// Nil before its first event.
  private(set) var state: InstanceState?
  /// Of its last event.
  private var at: Int64 = 0
  private var mono: Int64 = 0

  /// Takes note of an event that stands in the ledger.
  mutating func note(_ event: Event) {
    state = event.kind.state ?? state
    (at, mono) = (event.at, event.mono)
  }

  /// Takes the instance's next event.
  /// - Returns: what has to be made up before it; nil, and it is not taken, when it may not follow.
  mutating func take(_ event: NewEvent) -> [NewEvent]? {
    var mended = self
    var made: [NewEvent] = []
    if state == nil, event.kind != .state(.created) {
      made.append(mended.makeUp(.created, for: event, at: event.at, mono: event.mono))
    }
    guard !(mended.state?.isTerminal ?? false) else { return nil }
    if let next = event.kind.state, !InstanceState.isPossible(from: mended.state, to: next) {
      guard InstanceState.isPossible(from: mended.state, to: .triggered),
        InstanceState.isPossible(from: .triggered, to: next)
      else { return nil }
      // It was started some time after the event before.
      made.append(mended.makeUp(.triggered, for: event, at: mended.at, mono: mended.mono))
    }
    self = mended
    state = event.kind.state ?? state
    (at, mono) = (event.at, event.mono)
    return made
  }

  private mutating func makeUp(
    _ state: InstanceState, for event: NewEvent, at: Int64, mono: Int64
  ) -> NewEvent {
    (self.state, self.at, self.mono) = (state, at, mono)
    return NewEvent(
      at: at, mono: mono, job: event.job, instance: event.instance, kind: .state(state),
      data: .object([JSON.Member("recovered", true)]))
  }
}
