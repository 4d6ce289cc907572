internal import Documents
package import Events
package import Ledger
internal import Projections

/// The times at which jobs are due next, of those that are expected.
package struct NextDueTimes: Sendable {
  private var times: [String: WallTime] = [:]

  package init(_ session: LedgerSession, now: WallTime = .now) throws(LedgerError) {
    for entry in try ExpectedJobs(reader: session.reader).entries {
      let lastRun = try session.projections.newestRun(ofJob: entry.job)?.createdAt
      times[entry.job] = entry.document(lastRun: lastRun, now: now).nextDue
    }
  }

  package var isEmpty: Bool { times.isEmpty }

  package func of(_ job: String) -> WallTime? { times[job] }
}
