internal import Events
internal import Projections

/// The events that a plugin acts on: states that are entered and warnings, of jobs that match.
package struct Selection: Sendable {
  package static let keys = ["states", "warnings", "jobs"]

  private let states: Set<InstanceState>
  private let warnings: Set<Warning.Kind>
  private let jobs: [Pattern]
  /// Warnings that were there already: each wish warns once in a run, however often it happens.
  private var seen: [Warning] = []

  package init(
    states: [String], warnings: [String], jobs: [String], prefix: String = ""
  ) throws(PluginError) {
    var chosen: Set<InstanceState> = []
    for name in states { chosen.formUnion(try Self.states(named: name, prefix)) }
    var kinds: Set<Warning.Kind> = []
    for name in warnings {
      guard let kind = Warning.Kind(rawValue: name) else {
        let known = Warning.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw .settings("\(prefix)warnings: there is no warning \"\(name)\"; there are: \(known)")
      }
      kinds.insert(kind)
    }
    self.states = chosen
    self.warnings = kinds
    self.jobs = jobs.map { Pattern($0) }
  }

  /// A state, or all states of a group.
  private static func states(named name: String, _ prefix: String) throws(PluginError)
    -> [InstanceState]
  {
    // A group that is called as a state is has that state, and maybe more.
    if let group = InstanceState.Group(rawValue: name.lowercased()) {
      return InstanceState.allCases.filter { $0.group == group }
    }
    if let state = InstanceState(name: name) { return [state] }
    let known =
      InstanceState.Group.allCases.map(\.rawValue)
      + InstanceState.allCases.map { $0.rawValue.lowercased() }
    throw .settings(
      "\(prefix)states: there is no state or group \"\(name)\"; there are: "
        + known.joined(separator: ", "))
  }

  package var isEmpty: Bool { states.isEmpty && warnings.isEmpty }

  /// True when the event is one to act on.
  package mutating func takes(_ event: PluginEvent) -> Bool {
    guard jobs.isEmpty || jobs.contains(where: { $0.matches(job: event.job) }) else { return false }
    switch event.kind {
    case .state(let state): return states.contains(state)
    case .warning:
      let warning = Warning(event.data)
      guard warnings.contains(warning.kind), !seen.contains(where: warning.isSame) else {
        return false
      }
      seen.append(warning)
      return true
    default: return false
    }
  }
}
