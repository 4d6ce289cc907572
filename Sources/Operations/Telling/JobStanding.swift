package import Events
internal import Ledger
internal import Projections

/// The way in which a job fares now, as far as it matters to whoever is told: its newest runs, and whether one is missing.
package struct JobStanding: Equatable, Sendable {
  package struct Good: Equatable, Sendable {
    package var instance: InstanceID
    package var endedAt: WallTime
    /// The position of its end.
    package var seq: Seq

    package init(_ instance: InstanceID, endedAt: WallTime, seq: Seq) {
      (self.instance, self.endedAt, self.seq) = (instance, endedAt, seq)
    }
  }

  /// Runs that have failed one after the other, up to the newest.
  package struct Streak: Equatable, Sendable {
    package var count: Int64
    /// The end of the first.
    package var since: WallTime
    package var newest: InstanceID
    /// The position of the newest one's end.
    package var seq: Seq

    package init(count: Int64, since: WallTime, newest: InstanceID, seq: Seq) {
      (self.count, self.since, self.newest, self.seq) = (count, since, newest, seq)
    }
  }

  /// The runs that failed last; nil where the newest that counts has completed.
  package var failing: Streak?
  /// Due times at which no run began, up to now.
  package var missed: Int64 = 0
  package var lastGood: Good?
  /// The end of the last run that failed, whatever came behind it.
  package var lastFailure: WallTime?
  /// Something is expected of it.
  package var isExpected = false

  package init() {}

  package var isWell: Bool { failing == nil && missed == 0 }
}

extension JobStanding {
  private static let failures = Set(InstanceState.allCases.filter { $0.group == .failure })
  /// Runs of a streak that are counted, at most.
  private static let longestStreak: Int64 = 10_000

  init(
    of job: String, _ entry: ExpectedJobs.Entry?, in session: LedgerSession, now: WallTime
  ) throws(LedgerError) {
    self.init()
    var query = InstanceQuery(.ended)
    query.job = job
    query.states = Self.failures.union([.completed])
    var (failing, good) = (Streak?.none, Good?.none)
    try session.projections.forEach(query) { record in
      guard record.countsForChanges else { return true }
      let end = record.endedAt ?? record.lastAt
      guard record.state.group == .failure else {
        good = Good(record.instance, endedAt: end, seq: record.lastSeq)
        return false
      }
      guard let streak = failing else {
        failing = Streak(count: 1, since: end, newest: record.instance, seq: record.lastSeq)
        return true
      }
      failing?.count = streak.count + 1
      failing?.since = min(streak.since, end)
      return streak.count + 1 < Self.longestStreak
    }
    (self.failing, lastGood) = (failing, good)
    lastFailure = try session.projections.newest(ofJob: job, in: Self.failures)?.endedAt
    guard let entry else { return }
    isExpected = true
    missed = try MissingRuns.breach(entry, session, now: now).map { $0.count ?? 1 } ?? 0
  }
}

extension InstanceRecord {
  /// False for what tells nothing of how the job fares: a rehearsal, and a failed try that has another behind it.
  var countsForChanges: Bool {
    !isRehearsal && !(state == .failed && (created.triesLeft ?? 0) > 0)
  }
}
