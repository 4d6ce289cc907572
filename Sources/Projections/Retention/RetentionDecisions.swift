package import Events

/// Decides which ended runs go, one after the other from the newest to the oldest. What they need of space is
/// another matter: who is kept here may still go for that. Memory: two numbers a job.
package struct RetentionDecisions {
  package enum Verdict: Equatable, Sendable {
    case drop(Retained.Rule)
    case keep
    /// One of the last failures of its job, which are to be kept longer.
    case keepFailure
    /// Not to be touched, whatever is wanting.
    case leaveAlone
  }

  private let limits: RetentionLimits
  private var records = 0
  private var ofJobs: [String: (records: Int, failures: Int)] = [:]

  package init(_ limits: RetentionLimits) { self.limits = limits }

  package mutating func take(_ run: RetentionCandidate) -> Verdict {
    let isSpared = run.isOrphanRunning || limits.sparesEndedAfter.map { run.endedAt > $0 } ?? false
    guard run.isToBeKept || isSpared else { return .drop(.notKept) }
    var ofJob = ofJobs[run.job] ?? (0, 0)
    defer { ofJobs[run.job] = ofJob }
    if run.isFailure { ofJob.failures += 1 }
    let rule = rule(run, ofJob: &ofJob.records)
    if isSpared { return .leaveAlone }
    guard !run.isFailure || ofJob.failures > limits.keepFailed else { return .keepFailure }
    return rule.map { .drop($0) } ?? .keep
  }

  private mutating func rule(_ run: RetentionCandidate, ofJob: inout Int) -> Retained.Rule? {
    if let time = limits.endedBefore, run.endedAt < time { return .age }
    records += 1
    ofJob += 1
    if let most = limits.maxRecords, records > most { return .records }
    if let most = limits.maxRecordsPerJob, ofJob > most { return .recordsPerJob }
    return nil
  }
}
