package import Events

extension InstanceProgress {
  /// Returns those of the runner's first events that have to be appended before these: a ledger has taken the place of
  /// the one where they stood.
  package func missing(of beginning: [NewEvent], before events: [NewEvent]) -> [NewEvent] {
    let others = beginning.filter { event in !events.contains { $0.tellsTheSame(as: event) } }
    let states = missing(of: others.compactMap(\.kind.state))
    return others.filter { event in event.kind.state.map { states.contains($0) } ?? false }
  }
}
