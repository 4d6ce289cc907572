package import Events

/// Limits on what is kept of ended instances; nil: without limit.
package struct RetentionLimits: Equatable, Sendable {
  /// Runs that ended before this time go.
  package var endedBefore: WallTime?
  /// While the ledger is larger, output goes, and then runs; the oldest first.
  package var maxBytes: Int64?
  /// So many runs are kept, the newest.
  package var maxRecords: Int?
  package var maxRecordsPerJob: Int?
  /// So many of each job's last failures are kept all the same; their output goes last, for want of space.
  package var keepFailed = 0
  /// Runs that ended after this time are left alone: somebody may just be looking at how they end.
  package var sparesEndedAfter: WallTime?

  package init() {}
}

/// A run that has ended, as far as it matters for whether it is kept.
package struct RetentionCandidate: Equatable, Sendable {
  package var job: String
  package var endedAt: WallTime
  package var isFailure: Bool
  /// False: `persistence.enabled: off`.
  package var isToBeKept = true
  /// Its command outlived its runner, and still runs.
  package var isOrphanRunning = false

  package init(job: String, endedAt: WallTime, isFailure: Bool) {
    self.job = job
    self.endedAt = endedAt
    self.isFailure = isFailure
  }
}
