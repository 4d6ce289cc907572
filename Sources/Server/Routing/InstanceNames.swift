internal import Events
internal import Operations
internal import Projections

extension Grant {
  /// The instance that a path names, for who may see it; for others there is none.
  func instance(named name: String, in session: LedgerSession?) throws -> InstanceRecord {
    let missing = Problem.notFound(
      "there is no instance \(Problem.quoted(name)); GET /instances?include=all lists what there is"
    )
    guard let session else { throw missing }
    do {
      let record = try session.instance(named: name)
      guard allows(record.job, record.instance) else { throw missing }
      return record
    } catch LedgerSession.NameError.nothing {
      throw missing
    } catch LedgerSession.NameError.ambiguous(let name, let candidates) {
      let own = candidates.filter { allows($0.job, $0.instance) }
      guard let first = own.first else { throw missing }
      guard own.count > 1 else { return first }
      throw LedgerSession.NameError.ambiguous(name, candidates: own)
    }
  }
}
