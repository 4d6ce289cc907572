package import Events
package import Ledger
internal import SQLite

/// A job as lists tell of it: its newest instance, and how many there are; no rehearsals, where it has others.
package struct JobSummary: Equatable, Sendable {
  package let newest: InstanceRecord
  package let live: Int64
  /// Those that have ended, but for rehearsals.
  package let ended: [InstanceState.Group: Int64]

  /// - Parameter tally: of what the history has now.
  package init(newest: InstanceRecord, _ tally: JobTally) {
    self.init(newest: newest, live: tally.live, tally.ended)
  }

  fileprivate init(newest: InstanceRecord, live: Int64, _ states: [InstanceState: Int64]) {
    self.newest = newest
    self.live = live
    var ended: [InstanceState.Group: Int64] = [:]
    for (state, count) in states { ended[state.group, default: 0] += count }
    self.ended = ended
  }
}

extension ProjectionStore {
  /// Jobs whose id comes behind that one in the order of bytes, up to `limit`; none of which everything was removed from
  /// the history. One look into the index for each, however many instances it has had.
  package func jobs(after job: String?, limit: Int) throws(LedgerError) -> [String] {
    try ask {
      var statement = try connection.prepare(
        "SELECT job FROM instance WHERE job > ? AND hidden = 0 ORDER BY job LIMIT 1")
      var first = try connection.prepare(
        "SELECT job FROM instance WHERE hidden = 0 ORDER BY job LIMIT 1")
      var jobs: [String] = []
      if job == nil, limit > 0 {
        guard try first.step(), let least = first.optionalText(0) else { return [] }
        jobs.append(least)
      }
      while jobs.count < limit {
        try statement.bind(1, jobs.last ?? job)
        guard try statement.step(), let next = statement.optionalText(0) else { break }
        statement.reset()
        jobs.append(next)
      }
      return jobs
    }
  }

  /// Counts the job's instances. Nil where there is no such job, or everything of it was removed from the history.
  package func summary(ofJob job: String) throws(LedgerError) -> JobSummary? {
    try ask {
      func first(_ condition: String) throws(SQLiteError) -> InstanceRecord? {
        try rows(
          "WHERE job = ? AND hidden = 0 AND \(condition) ORDER BY \(Self.newestFirst) LIMIT 1"
        ) { statement throws(SQLiteError) in try statement.bind(1, job) }.first
      }
      guard let newest = try first(Rehearsal.isNone) ?? first("1") else { return nil }
      var statement = try connection.prepare(
        "SELECT state, COUNT(*) FROM instance WHERE job = ? AND hidden = 0 "
          + "AND (ended_at IS NULL OR \(Rehearsal.isNone)) GROUP BY state")
      try statement.bind(1, job)
      var live: Int64 = 0
      var ended: [InstanceState: Int64] = [:]
      while try statement.step() {
        guard let state = InstanceState(rawValue: statement.text(0)) else { continue }
        let count = statement.integer(1)
        if state.isTerminal { ended[state] = count } else { live += count }
      }
      return JobSummary(newest: newest, live: live, ended)
    }
  }
}
