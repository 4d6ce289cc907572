internal import Events
internal import Ledger
internal import Operations
internal import Presentation
internal import Projections

/// What `wait` still waits for.
struct Waiting {
  private let patterns: [Pattern]
  private let states: Set<InstanceState>
  private var left: Int
  /// Events up to here are the past.
  private let start: Int64
  /// Instances that patterns name; once all have ended, nothing more can happen. Nil while a pattern is about jobs,
  /// which may always run again.
  private var named: [InstanceID: (name: String, state: State)]?

  private enum State {
    case known(InstanceState)
    /// Retention has dropped it: it had ended, and how is not known any more.
    case dropped

    var isTerminal: Bool { if case .known(let state) = self { state.isTerminal } else { true } }
  }

  init(_ patterns: [Pattern], _ states: Set<InstanceState>, left: Int, from start: Int64) {
    self.patterns = patterns
    self.states = states
    self.left = left
    self.start = start
  }

  /// What was dropped of an instance that is named tells of itself.
  var namesInstances: Bool { named != nil }

  var isDone: Bool { left == 0 }

  var isHopeless: Bool { named?.values.allSatisfy { $0.state.isTerminal } ?? false }

  var describeHopelessness: String {
    let endings = (named ?? [:]).values.map { (ending) -> String in
      let name = PrintableText.escaped(ending.name)
      return switch ending.state {
      case .known(let state): "\(name) has ended as \(state.rawValue)"
      case .dropped: "\(name) has ended, and was dropped by retention"
      }
    }
    return endings.sorted().joined(separator: ", ")
  }

  /// - Throws: when a pattern begins more than one instance id.
  mutating func resolveNames(_ view: LedgerSession) throws {
    guard patterns.areExact else { return }
    var named: [InstanceID: (name: String, state: State)] = [:]
    for pattern in patterns {
      let record: InstanceRecord
      do { record = try view.instance(named: pattern.text) } catch LedgerSession.NameError.nothing {
        return
      }
      guard pattern.namesInstance(job: record.job, instance: record.instance) else { return }
      // As of the start: what has happened since, the watch tells.
      named[record.instance] = (
        record.name, .known(record.transition(at: start)?.state ?? .created)
      )
    }
    self.named = named
  }

  /// Counts instances that were in a wanted state at the start; gives the events that brought them there.
  mutating func countPast(_ view: LedgerSession) throws -> [Event] {
    var positions = try view.projections.records(
      InstanceQuery(.live, patterns, isAscending: true)
    ).compactMap(position)
    let enough = left
    try view.projections.forEach(InstanceQuery(.ended, patterns)) { record in
      if let position = position(record) { positions.append(position) }
      return positions.count < enough
    }
    var events: [Event] = []
    for position in positions.prefix(left) {
      events += try view.reader.events(after: position - 1, limit: 1)
    }
    left -= events.count
    return events
  }

  /// Where the instance entered the wanted state that it was in at the start.
  private func position(_ record: InstanceRecord) -> Int64? {
    guard let transition = record.transition(at: start),
      states.isEmpty || states.contains(transition.state)
    else { return nil }
    return transition.seq
  }

  /// True when the event counts.
  mutating func take(_ event: Event) -> Bool {
    for instance in event.droppedInstances { named?[instance]?.state = .dropped }
    guard let state = event.kind.state, let instance = event.instance else { return false }
    named?[instance]?.state = .known(state)
    guard patterns.matches(job: event.job ?? "", instance: instance),
      states.isEmpty || states.contains(state)
    else { return false }
    left -= 1
    return true
  }
}
