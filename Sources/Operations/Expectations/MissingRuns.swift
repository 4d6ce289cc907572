package import Events
package import Ledger
package import Projections

/// The runs that are missing now, of all jobs that are expected.
package enum MissingRuns {
  /// As they would be told: the first time at which each was due, and how often since. In the order of that time.
  package static func now(
    _ session: LedgerSession, _ patterns: [Pattern], now: WallTime = .now
  ) throws(LedgerError) -> [BreachNoticing.Found] {
    var found: [BreachNoticing.Found] = []
    for entry in try ExpectedJobs(reader: session.reader).entries
    where patterns.isEmpty || patterns.contains(where: { $0.matches(job: entry.job) }) {
      if let breach = try breach(entry, session, now: now) {
        found.append(BreachNoticing.Found(job: entry.job, breach: breach))
      }
    }
    return found.sorted { $0.breach.due < $1.breach.due }
  }

  /// The one of a job; nil where none is missing, or where that cannot be told.
  package static func breach(
    _ entry: ExpectedJobs.Entry, _ session: LedgerSession, now: WallTime = .now
  ) throws(LedgerError) -> Breach? {
    let newest = try session.projections.newestRun(ofJob: entry.job)?.createdAt
    guard let missing = try? MissingRun(entry, newestRun: newest, now: now) else { return nil }
    var breach = Breach(
      .missed, due: missing.since, expectation: entry.seq, limit: entry.expectation.grace,
      noticed: Notice(at: now, seq: .start))
    if missing.count > 1 { breach.count = missing.count }
    return breach
  }
}
