package import Documents
package import Events
package import Ledger
package import Projections

extension LedgerSession {
  /// Everything that is expected of jobs, in the order in which it was said.
  /// - Parameter isWanted: tells of which jobs.
  package func expectations(
    now: WallTime, _ isWanted: (String) -> Bool
  ) throws(LedgerError) -> [ExpectationDocument] {
    var documents: [ExpectationDocument] = []
    for entry in try ExpectedJobs(reader: reader).entries where isWanted(entry.job) {
      let lastRun = try projections.newestRun(ofJob: entry.job)?.createdAt
      documents.append(entry.document(lastRun: lastRun, now: now))
    }
    return documents
  }
}

extension ExpectedJobs.Entry {
  /// As it is shown.
  /// - Parameter lastRun: when the job's newest run was created; nil where it has none.
  package func document(lastRun: WallTime?, now: WallTime) -> ExpectationDocument {
    var problem: String?
    var next: WallTime?
    do throws(DueTimes.Refusal) { next = try nextDue(lastRun: lastRun, now: now) } catch {
      problem = error.description
    }
    return ExpectationDocument(
      job: job, expectation, since: since, nextDue: next, problem: problem)
  }

  /// The first due time that is still to come, or, of a run that is due so long after another, that is not over yet
  /// with its grace.
  private func nextDue(
    lastRun: WallTime?, now: WallTime
  ) throws(DueTimes.Refusal) -> WallTime? {
    switch expectation.due {
    case nil: return nil
    case .every(let period):
      guard period > 0 else { return nil }
      let first = lastRun.map { max($0, since) } ?? since
      let due = first + period
      guard due < now else { return due }
      // Of those that were missed one after the other, the next.
      return due + ((now - due) / period + 1) * period
    case .times(let cron, let calendar):
      let times = try DueTimes(cron: cron, calendar: calendar, zone: expectation.zone)
      return times.next(after: max(since, now))
    }
  }
}
