internal import Events
internal import Ledger

extension InstanceProgress {
  /// Takes the instance's next event, where some of those before it may be lost.
  /// - Returns: what has to be made up before it, so that it makes sense, and says so (`recovered`): its `created` where
  ///   that is lost, and `triggered` where the next event shows that it was started and nothing else does. Nil, and it is
  ///   not taken, when it may not follow.
  mutating func take(_ event: NewEvent) -> [NewEvent]? {
    guard let states = missing(before: event.kind) else { return nil }
    // It was started some time after the event before.
    let time = time ?? EventTime(at: event.at, mono: event.mono)
    var made: [NewEvent] = []
    for state in states {
      made.append(
        NewEvent(
          at: time.at, mono: time.mono, job: event.job, instance: event.instance,
          kind: .state(state), data: .object([JSON.Member("recovered", true)])))
      note(.state(state), time)
    }
    note(event.kind, EventTime(at: event.at, mono: event.mono))
    return made
  }
}
