package import Events
internal import Projections

/// The instances whose output is shown, and what is waited for by who follows it. Memory: some 24 bytes an instance.
package struct FollowSelection {
  /// In the order of creation.
  package let instances: [InstanceID]
  /// Names of jobs that do not run now: their next run is meant.
  package private(set) var awaited: [Pattern] = []
  /// Awaited names that have never run.
  package private(set) var unknown: [Pattern] = []
  /// Wildcards, or no pattern at all: there can always come more.
  package let isEndless: Bool
  private let patterns: [Pattern]

  package init(_ patterns: [Pattern], _ session: LedgerSession) throws {
    let patterns = try session.resolved(patterns)
    self.patterns = patterns
    isEndless = !patterns.areExact
    guard !patterns.isEmpty else {
      var found = try session.projections.created(InstanceQuery(.live))
      if found.isEmpty { found = try session.projections.created(.newestOfEachJob()) }
      instances = found.map(\.instance)
      return
    }
    var chosen: Set<CreatedInstance> = []
    for pattern in patterns {
      var matching = try session.projections.created(InstanceQuery(.live, [pattern]))
      if matching.isEmpty {
        var namesInstance = false
        (matching, namesInstance) = try Self.ended(pattern, session)
        if !pattern.isGlob, !namesInstance {
          awaited.append(pattern)
          if matching.isEmpty { unknown.append(pattern) }
        }
      }
      chosen.formUnion(matching)
    }
    instances = chosen.sorted().map(\.instance)
  }

  /// An instance that is named is meant, newest of its job or not.
  private static func ended(
    _ pattern: Pattern, _ session: LedgerSession
  ) throws -> (found: [CreatedInstance], namesInstance: Bool) {
    guard !pattern.isGlob else {
      return (try session.projections.created(.newestOfEachJob([pattern])), false)
    }
    do {
      let record = try session.instance(named: pattern.text)
      let names = pattern.namesInstance(job: record.job, instance: record.instance)
      return (try session.projections.created(record.instance).map { [$0] } ?? [], names)
    } catch LedgerSession.NameError.nothing {
      return ([], false)
    }
  }

  /// True for an instance that has just been created and is to be followed too.
  package func takes(_ fresh: OutputFollower) -> Bool {
    patterns.isEmpty || patterns.contains { $0.isGlob && fresh.matches($0) }
  }
}
