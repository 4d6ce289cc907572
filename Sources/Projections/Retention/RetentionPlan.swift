package import Events
package import Ledger
internal import Linux
internal import SQLite

/// What retention is to drop of a ledger by its limits, as the projections have it. Memory: 24 bytes a run that has
/// ended.
package struct RetentionPlan: Equatable, Sendable {
  /// Instances of one kind, the oldest first.
  package struct Part: Equatable, Sendable {
    package let what: Retained.What
    package let rule: Retained.Rule
    package var instances: [InstanceID]
  }

  /// All of these go.
  package var parts: [Part] = []
  /// Of these as much as has to, in this order, while the ledger is too large: output, then runs, and at last the output of
  /// the failures that are to be kept longer.
  package var forSpace: [Part] = []
  /// All runs that have ended.
  package var ended = 0

  package var dropped: Int { parts.reduce(0) { $0 + $1.instances.count } }
  package var isEmpty: Bool { parts.isEmpty && forSpace.isEmpty }

  /// Catches the projections up, and reads every run that has ended: about 2 us each.
  package init(_ store: ProjectionStore, _ limits: RetentionLimits) throws(LedgerError) {
    var decisions = RetentionDecisions(limits)
    var byRule: [Retained.Rule: [InstanceID]] = [:]
    var (kept, failures): ([InstanceID], [InstanceID]) = ([], [])
    try store.forEachEnded { instance, run in
      ended += 1
      switch decisions.take(run) {
      case .drop(let rule): byRule[rule, default: []].append(instance)
      case .keep: kept.append(instance)
      case .keepFailure: failures.append(instance)
      case .leaveAlone: break
      }
    }
    parts = Retained.Rule.allCases.compactMap { rule in
      byRule[rule].map { Part(what: .events, rule: rule, instances: $0.reversed()) }
    }
    guard limits.maxBytes != nil else { return }
    forSpace = [
      Part(what: .output, rule: .size, instances: kept.reversed()),
      Part(what: .events, rule: .size, instances: kept.reversed()),
      Part(what: .output, rule: .size, instances: failures.reversed()),
    ].filter { !$0.instances.isEmpty }
  }
}

extension ProjectionStore {
  /// Gives every run that has ended to `body`, the newest first.
  fileprivate func forEachEnded(
    _ body: (InstanceID, RetentionCandidate) -> Void
  ) throws(LedgerError) {
    let states = InstanceState.allCases.filter { $0.group == .failure }
    let failures = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    var last = Int64.max
    var page: [(Int64, InstanceID, RetentionCandidate)] = []
    repeat {
      // In pages, so that no read transaction lasts long; asked again, a page begins anew.
      page = try ask {
        var rows = try connection.prepare(
          """
          SELECT created_seq, instance, job, ended_at, state IN (\(failures)),
            instr(created, '"persist":false') > 0, orphan IS NOT NULL
          FROM instance WHERE ended_at IS NOT NULL AND created_seq < ?
          ORDER BY created_seq DESC LIMIT 10000
          """)
        try rows.bind(1, last)
        var page: [(Int64, InstanceID, RetentionCandidate)] = []
        while try rows.step() {
          guard let instance = rows.withBytes(1, { InstanceID($0) }) else { continue }
          var run = RetentionCandidate(
            job: rows.text(2), endedAt: rows.integer(3), isFailure: rows.integer(4) != 0)
          run.isToBeKept = rows.integer(5) == 0
          run.isOrphanRunning = rows.integer(6) != 0
          page.append((rows.integer(0), instance, run))
        }
        return page
      }
      for (_, instance, var run) in page {
        if run.isOrphanRunning {
          run.isOrphanRunning = try record(of: instance).map { $0.orphanSight != .gone } ?? false
        }
        body(instance, run)
      }
      last = page.last?.0 ?? 0
    } while !page.isEmpty
  }
}
