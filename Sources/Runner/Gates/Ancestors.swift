internal import Events
internal import Ledger
internal import Projections

extension LiveInstances {
  /// An instance and those that it is part of, the nearest first, as far as this ledger knows them and they have not
  /// ended: what stands in an environment may be of another ledger, or long gone. A lost one counts while its job runs.
  func ancestors(
    from enclosing: InstanceID, _ store: ProjectionStore
  ) throws(LedgerError) -> [InstanceID] {
    var found: [InstanceID] = []
    var next: InstanceID? = enclosing
    for _ in 0..<Self.deepest {
      guard let instance = next else { break }
      var known = self[instance]
      if known == nil { known = try store.record(of: instance).map(Member.init) }
      guard let member = known else { break }
      if !member.state.isTerminal || member.leftBehind != nil { found.append(instance) }
      next = member.within
    }
    return found
  }
}
