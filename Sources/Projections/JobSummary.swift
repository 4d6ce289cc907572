package import Events
package import Ledger
internal import SQLite

/// A job, as a list of jobs tells of it: its newest instance, and the number of instances of each group.
package struct JobSummary: Equatable, Sendable {
  package let newest: InstanceRecord
  package let counts: [InstanceState.Group: Int64]

  package var live: Int64 {
    InstanceState.Group.allCases.reduce(0) { sum, group in
      Self.liveGroups.contains(group) ? sum + (counts[group] ?? 0) : sum
    }
  }

  private static let liveGroups: [InstanceState.Group] = [.beforeExecution, .waiting, .executing]
}

extension ProjectionStore {
  /// Jobs whose id comes behind that one in the order of bytes, up to `limit`; none of which everything was removed from
  /// the history. One look into the index for each, however many instances it has had.
  package func jobs(after job: String?, limit: Int) throws(LedgerError) -> [String] {
    try ask {
      var statement = try connection.prepare(
        "SELECT MIN(job) FROM instance WHERE job > ? AND hidden = 0")
      var first = try connection.prepare("SELECT MIN(job) FROM instance WHERE hidden = 0")
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

  /// Returns nil where there is no such job, or everything of it was removed from the history.
  package func summary(ofJob job: String) throws(LedgerError) -> JobSummary? {
    try ask {
      let newest = try rows("WHERE job = ? AND hidden = 0 ORDER BY \(Self.newestFirst) LIMIT 1") {
        statement throws(SQLiteError) in try statement.bind(1, job)
      }.first
      guard let newest else { return nil }
      var statement = try connection.prepare(
        "SELECT state, COUNT(*) FROM instance WHERE job = ? AND hidden = 0 GROUP BY state")
      try statement.bind(1, job)
      var counts: [InstanceState.Group: Int64] = [:]
      while try statement.step() {
        guard let state = InstanceState(rawValue: statement.text(0)) else { continue }
        counts[state.group, default: 0] += statement.integer(1)
      }
      return JobSummary(newest: newest, counts: counts)
    }
  }
}
