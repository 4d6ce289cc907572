package import Events
internal import Ledger
internal import Projections

/// A wish to be told when instances reach a state, and how much of it is left. A value: whoever sees events gives them to it.
package struct WaitCondition {
  private let patterns: [Pattern]
  private let states: Set<InstanceState>
  private var left: Int
  /// The position up to which events are the past.
  private let start: Seq
  /// Instances that patterns name; once all have ended, nothing more can happen. Nil while a pattern is about jobs,
  /// which may always run again.
  private var named: [InstanceID: Ending]?

  /// The state that a named instance has reached.
  package struct Ending: Equatable, Sendable {
    package let name: String
    /// The state; nil when retention has dropped the instance: it had ended, and how is not known any more.
    package internal(set) var state: InstanceState?

    fileprivate var hasEnded: Bool { state?.isTerminal ?? true }
  }

  /// - Parameters:
  ///   - states: empty for any change.
  ///   - left: how often it has to happen.
  ///   - start: events up to here are the past.
  package init(_ patterns: [Pattern], _ states: Set<InstanceState>, left: Int, from start: Seq) {
    self.patterns = patterns
    self.states = states
    self.left = left
    self.start = start
  }

  /// Only instances are named, and a state is: one that is in it already has reached it.
  var countsPast: Bool { named != nil && !states.isEmpty }

  /// Only instances are named: retention then tells of each that it drops.
  package var namesInstances: Bool { named != nil }

  package var isDone: Bool { left == 0 }

  /// All that were named have ended otherwise.
  package var isHopeless: Bool { named?.values.allSatisfy(\.hasEnded) ?? false }

  /// Those that were named and have ended, by name.
  package var endings: [Ending] {
    (named ?? [:]).values.filter(\.hasEnded).sorted { $0.name < $1.name }
  }

  /// - Throws: when a pattern begins more than one instance id.
  package mutating func resolveNames(_ session: LedgerSession) throws {
    guard patterns.areExact else { return }
    var named: [InstanceID: Ending] = [:]
    for pattern in patterns {
      let record: InstanceRecord
      do { record = try session.instance(named: pattern.text) } catch LedgerSession.NameError
        .nothing
      {
        return
      }
      guard pattern.namesInstance(job: record.job, instance: record.instance) else { return }
      // As of the start: what has happened since, the watch tells.
      named[record.instance] = Ending(
        name: record.name, state: record.transition(at: start)?.state ?? .created)
    }
    self.named = named
  }

  /// Counts instances that were in a wanted state at the start; gives the events that brought them there.
  package mutating func countPast(_ session: LedgerSession) throws -> [Event] {
    var positions = try session.projections.records(
      InstanceQuery(.live, patterns, isAscending: true)
    ).compactMap(position)
    let enough = left
    try session.projections.forEach(InstanceQuery(.ended, patterns)) { record in
      if let position = position(record) { positions.append(position) }
      return positions.count < enough
    }
    var events: [Event] = []
    for position in positions.prefix(left) {
      events += try session.reader.events(after: position - 1, limit: 1)
    }
    left -= events.count
    return events
  }

  /// Returns the position at which the instance entered the wanted state that it was in at the start.
  private func position(_ record: InstanceRecord) -> Seq? {
    guard let transition = record.transition(at: start),
      states.isEmpty || states.contains(transition.state)
    else { return nil }
    return transition.seq
  }

  /// True when the event counts.
  package mutating func take(_ event: Event) -> Bool {
    for instance in event.droppedInstances where named?[instance] != nil {
      named?[instance]?.state = InstanceState?.none
    }
    guard let state = event.kind.state, let instance = event.instance else { return false }
    named?[instance]?.state = state
    guard patterns.matches(job: event.job ?? "", instance: instance),
      states.isEmpty || states.contains(state)
    else { return false }
    left -= 1
    return true
  }
}
