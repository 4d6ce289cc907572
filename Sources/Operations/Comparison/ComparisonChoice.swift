internal import Events
package import Projections

/// The two instances that are compared.
package struct ComparisonChoice {
  /// The reason that there are none.
  package enum Refusal: Error, Equatable, Sendable {
    /// No instance of that job has failed.
    case noFailure(job: String)
    /// None of the job has completed before that instance.
    case noneBefore(name: String)
  }

  package let old: InstanceRecord
  package let new: InstanceRecord

  private static let good: Set<InstanceState> = [.completed]
  private static let failed = Set(InstanceState.allCases.filter { $0.group == .failure })

  package init(old: InstanceRecord, new: InstanceRecord) { (self.old, self.new) = (old, new) }

  /// These two.
  package init(_ old: String, _ new: String, in session: LedgerSession) throws {
    self.old = try session.instance(named: old)
    self.new = try session.instance(named: new)
  }

  /// The last failure of a job, or the instance that is named, and the last of its job before it that completed.
  /// - Throws: `Refusal`, `LedgerSession.NameError`, `LedgerError`.
  package init(_ name: String, in session: LedgerSession) throws {
    let named = try session.instance(named: name)
    if Pattern(name).namesInstance(job: named.job, instance: named.instance) {
      new = named
    } else {
      guard let failure = try session.projections.newest(ofJob: named.job, in: Self.failed) else {
        throw Refusal.noFailure(job: named.job)
      }
      new = failure
    }
    guard let old = try Self.lastGood(before: new, in: session) else {
      throw Refusal.noneBefore(name: new.name)
    }
    self.old = old
  }

  /// The last of the instance's job before it that completed; nil where there is none.
  package static func lastGood(
    before record: InstanceRecord, in session: LedgerSession
  ) throws -> InstanceRecord? {
    try session.projections.newest(ofJob: record.job, in: good, before: record)
  }

  /// It is a failure, and no rehearsal of one.
  package static func isFailure(_ record: InstanceRecord) -> Bool {
    failed.contains(record.state) && !record.isRehearsal
  }
}
