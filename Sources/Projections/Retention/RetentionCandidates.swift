package import Events
package import Ledger
internal import Linux
internal import SQLite

extension ProjectionStore {
  /// Gives every instance that has ended to `body`, the newest first.
  package func forEachEnded(
    _ body: (InstanceID, RetentionCandidate) -> Void
  ) throws(LedgerError) {
    let states = InstanceState.allCases.filter { $0.group == .failure }
    let failures = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    var last = Seq.max
    var page: [(Seq, InstanceID, RetentionCandidate)] = []
    repeat {
      // In pages, so that no read transaction lasts long; asked again, a page begins anew.
      page = try ask {
        var rows = try connection.prepare(
          """
          SELECT created_seq, instance, job, ended_at, state IN (\(failures)) AND \(Rehearsal.isNone),
            instr(created, '"persist":false') > 0, orphan IS NOT NULL
          FROM instance WHERE ended_at IS NOT NULL AND created_seq < ?
          ORDER BY created_seq DESC LIMIT 10000
          """)
        try rows.bind(1, last)
        var page: [(Seq, InstanceID, RetentionCandidate)] = []
        while try rows.step() {
          guard let instance = rows.withBytes(1, { InstanceID($0) }) else { continue }
          var run = RetentionCandidate(
            job: rows.text(2), endedAt: rows.wallTime(3), isFailure: rows.integer(4) != 0)
          run.isToBeKept = rows.integer(5) == 0
          run.isOrphanRunning = rows.integer(6) != 0
          page.append((rows.seq(0), instance, run))
        }
        return page
      }
      for (_, instance, var run) in page {
        if run.isOrphanRunning {
          let command = try record(of: instance)?.leftBehind
          run.isOrphanRunning = command.map { $0.sight != .gone } ?? false
        }
        body(instance, run)
      }
      last = page.last?.0 ?? .start
    } while !page.isEmpty
  }
}
