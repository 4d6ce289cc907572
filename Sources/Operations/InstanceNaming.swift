package import Events
package import Projections

extension LedgerSession {
  /// The instance that somebody names who sees nothing beside what these patterns show: what is not his does not exist, and makes
  /// no name ambiguous. No patterns: he sees everything.
  package func instance(named name: String, visible: [Pattern]) throws -> InstanceRecord {
    guard !visible.isEmpty else { return try instance(named: name) }
    func isVisible(_ record: InstanceRecord) -> Bool {
      visible.contains { $0.shows(record.job, record.instance) }
    }
    var query = InstanceQuery(.all)
    query.visible = visible
    query.job = name
    query.limit = 1
    let executed = InstanceState.allCases.filter { $0.group != .notExecuted }
    for states in [executed.filter { !$0.isTerminal }, executed, []] {
      query.states = Set(states)
      if let meant = try projections.page(query).records.first { return meant }
    }
    // A job id may itself contain an @.
    if let at = name.lastIndex(of: "@"),
      let id = InstanceID(String(name[name.index(after: at)...])),
      let record = try projections.record(of: id), record.job == name[..<at], isVisible(record)
    {
      return record
    }
    if let id = InstanceID(name), let record = try projections.record(of: id), isVisible(record) {
      return record
    }
    guard InstanceID.isPrefix(name) else { throw NameError.nothing(name) }
    query.job = nil
    query.patterns = [Pattern(name)]
    query.limit = 11
    let candidates = try projections.page(query).records.filter { $0.instance.text.hasPrefix(name) }
    if candidates.count == 1, let only = candidates.first { return only }
    guard !candidates.isEmpty else { throw NameError.nothing(name) }
    throw NameError.ambiguous(name, candidates: candidates)
  }
}
