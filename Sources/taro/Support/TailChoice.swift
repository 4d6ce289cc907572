internal import Ledger
internal import Projections

/// What `tail` shows, and what `tail -f` waits for.
struct TailChoice {
  /// In the order of creation.
  private(set) var records: [InstanceRecord] = []
  /// Names of jobs that are not running now: their next run is meant.
  private(set) var awaited: [Pattern] = []
  /// Wildcards, or no pattern at all: there can always come more.
  let isEndless: Bool
  private let patterns: [Pattern]

  init(_ patterns: [Pattern], _ view: LedgerView) throws {
    self.patterns = patterns
    isEndless = !patterns.areExact
    let live = try view.projections.live()
    guard !patterns.isEmpty else {
      records = live.isEmpty ? try view.projections.newestOfEachJob().reversed() : live
      return
    }
    for pattern in patterns {
      var matching = live.filter(pattern.matches)
      if matching.isEmpty {
        matching = try Self.ended(pattern, view)
        let namesInstance = matching.contains {
          pattern.namesInstance(job: $0.job, instance: $0.instance)
        }
        if !pattern.isGlob, !namesInstance { awaited.append(pattern) }
      }
      for record in matching where !records.contains(record) { records.append(record) }
    }
    records.sort { $0.createdSeq < $1.createdSeq }
  }

  /// An instance that is named is meant, newest of its job or not.
  private static func ended(_ pattern: Pattern, _ view: LedgerView) throws -> [InstanceRecord] {
    guard !pattern.isGlob else {
      return try view.projections.newestOfEachJob().filter(pattern.matches)
    }
    do {
      return [try view.instance(named: pattern.text)]
    } catch LedgerView.NameError.nothing {
      return []
    }
  }

  /// True for an instance that has just been created and is to be followed too.
  func takes(_ fresh: FollowedInstance) -> Bool {
    patterns.isEmpty || patterns.contains { $0.isGlob && fresh.matches($0) }
  }
}
