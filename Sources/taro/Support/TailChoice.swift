internal import Events
internal import Operations
internal import Projections

/// What `tail` shows, and what `tail -f` waits for. Memory: some 24 bytes an instance.
struct TailChoice {
  /// In the order of creation.
  let instances: [InstanceID]
  /// Names of jobs that are not running now: their next run is meant.
  private(set) var awaited: [Pattern] = []
  /// Those of them that have never run.
  private(set) var unknown: [Pattern] = []
  /// Wildcards, or no pattern at all: there can always come more.
  let isEndless: Bool
  private let patterns: [Pattern]

  init(_ patterns: [Pattern], _ view: LedgerSession) throws {
    self.patterns = patterns
    isEndless = !patterns.areExact
    guard !patterns.isEmpty else {
      var found = try view.projections.created(InstanceQuery(.live))
      if found.isEmpty { found = try view.projections.created(.newestOfEachJob()) }
      instances = found.map(\.instance)
      return
    }
    var chosen: Set<CreatedInstance> = []
    for pattern in patterns {
      var matching = try view.projections.created(InstanceQuery(.live, [pattern]))
      if matching.isEmpty {
        var namesInstance = false
        (matching, namesInstance) = try Self.ended(pattern, view)
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
    _ pattern: Pattern, _ view: LedgerSession
  ) throws -> (found: [CreatedInstance], namesInstance: Bool) {
    guard !pattern.isGlob else {
      return (try view.projections.created(.newestOfEachJob([pattern])), false)
    }
    do {
      let record = try view.instance(named: pattern.text)
      let names = pattern.namesInstance(job: record.job, instance: record.instance)
      return (try view.projections.created(record.instance).map { [$0] } ?? [], names)
    } catch LedgerSession.NameError.nothing {
      return ([], false)
    }
  }

  /// True for an instance that has just been created and is to be followed too.
  func takes(_ fresh: FollowedInstance) -> Bool {
    patterns.isEmpty || patterns.contains { $0.isGlob && fresh.matches($0) }
  }
}
