package import Events
package import Ledger
internal import SQLite

/// Instances and jobs by name. Each question catches up first, so that the answer holds everything that was committed
/// before it.
extension ProjectionStore {
  /// Also when it was removed from the history: its id names it for ever.
  package func record(of instance: InstanceID) throws(LedgerError) -> InstanceRecord? {
    try records("WHERE instance = ?", instance.text).first
  }

  /// The newest instance of a job, live or ended. This and the questions below see nothing of what was removed from the
  /// history.
  package func newest(ofJob job: String) throws(LedgerError) -> InstanceRecord? {
    try records("WHERE job = ? AND hidden = 0 ORDER BY \(Self.newestFirst) LIMIT 1", job).first
  }

  /// The newest that was no rehearsal, live or ended.
  package func newestRun(ofJob job: String) throws(LedgerError) -> InstanceRecord? {
    try records(
      "WHERE job = ? AND hidden = 0 AND \(Rehearsal.isNone) ORDER BY \(Self.newestFirst) LIMIT 1",
      job
    ).first
  }

  /// The instance that says of a job in a list how it fares: the newest that was no rehearsal, else the newest.
  package func shown(ofJob job: String) throws(LedgerError) -> InstanceRecord? {
    if let run = try newestRun(ofJob: job) { return run }
    return try newest(ofJob: job)
  }

  /// The instance that somebody means who names a job: one that is live, else the newest that was executed, else the
  /// newest. Who was skipped because another one goes on does not hide that, nor does a rehearsal, which executes nothing.
  package func meant(byJob job: String) throws(LedgerError) -> InstanceRecord? {
    for condition in ["ended_at IS NULL", Self.wasExecuted] {
      if let record = try records(
        "WHERE job = ? AND hidden = 0 AND \(condition) ORDER BY \(Self.newestFirst) LIMIT 1", job
      ).first {
        return record
      }
    }
    return try newest(ofJob: job)
  }

  /// The condition of a row: it is no instance that ended without being executed, and no rehearsal.
  static let wasExecuted =
    "state NOT IN ("
    + InstanceState.allCases.filter { $0.group == .notExecuted }
    .map { "'\($0.rawValue)'" }.joined(separator: ", ") + ") AND \(Rehearsal.isNone)"

  /// The instance that is meant by the job of that name, else the instance job@ID, else the only one whose id begins so;
  /// nil when there is none, or more than one.
  package func newest(named name: String) throws(LedgerError) -> InstanceRecord? {
    if let record = try meant(byJob: name) { return record }
    // A job id may itself contain an @.
    if let at = name.lastIndex(of: "@"),
      let id = InstanceID(String(name[name.index(after: at)...])),
      let record = try record(of: id), record.job == name[..<at]
    {
      return record
    }
    if let id = InstanceID(name), let record = try record(of: id) { return record }
    guard InstanceID.isPrefix(name) else { return nil }
    let candidates = try instances(withPrefix: name, limit: 2)
    return candidates.count == 1 ? candidates.first : nil
  }

  /// The same among those that have ended and were created before that position, and the newest that matches where the
  /// name is a glob; nil when there is none. Those that were skipped count for nothing, for another one was there, nor do
  /// rehearsals.
  package func newestEnded(
    named name: String, createdBefore position: Seq
  ) throws(LedgerError) -> InstanceRecord? {
    let ofJob = try records(
      "WHERE job = ?1 AND created_seq < ?2 AND ended_at IS NOT NULL AND hidden = 0 "
        + "AND state <> 'SKIPPED' AND \(Rehearsal.isNone) "
        + "ORDER BY \(Self.newestFirst) LIMIT 1"
    ) { statement throws(SQLiteError) in
      try statement.bind(1, name)
      try statement.bind(2, position)
    }.first
    if let ofJob { return ofJob }
    guard !Pattern(name).isGlob else {
      var query = InstanceQuery(.ended, [Pattern(name)])
      query.states = Set(InstanceState.allCases).subtracting([.skipped])
      query.leavesOutRehearsals = true
      var newest: InstanceRecord?
      try forEach(query) { record in
        if record.createdSeq < position { newest = record }
        return newest == nil
      }
      return newest
    }
    guard let named = try newest(named: name), named.job != name, named.createdSeq < position,
      !named.isRehearsal
    else { return nil }
    return named.state.isTerminal ? named : nil
  }

  /// Instances whose id begins so, up to `limit`, newest first.
  package func instances(
    withPrefix prefix: String, limit: Int
  ) throws(LedgerError) -> [InstanceRecord] {
    // "~" sorts behind every character of an id.
    try records(
      "WHERE instance >= ?1 AND instance < ?1 || '~' AND hidden = 0 "
        + "ORDER BY \(Self.newestFirst) LIMIT \(limit)",
      prefix)
  }

  /// Instances whose id ends so, up to `limit`, newest first. Ids of one hour begin alike, and end at random. It goes
  /// through all of them.
  package func instances(
    withSuffix suffix: String, limit: Int
  ) throws(LedgerError) -> [InstanceRecord] {
    try records(
      "WHERE substr(instance, -\(suffix.utf8.count)) = ? AND hidden = 0 "
        + "ORDER BY \(Self.newestFirst) LIMIT \(limit)",
      suffix)
  }

  /// Jobs whose id begins so, up to `limit`, in order; none of which everything was removed from the history. One look
  /// into the index for each, however many runs it has had.
  package func jobs(withPrefix prefix: String, limit: Int) throws(LedgerError) -> [String] {
    try ask {
      var statement = try connection.prepare(
        "SELECT job FROM instance WHERE job >= ? AND hidden = 0 ORDER BY job LIMIT 1")
      var jobs: [String] = []
      var least = prefix
      while jobs.count < limit {
        try statement.bind(1, least)
        guard try statement.step(), let job = statement.optionalText(0), job.hasPrefix(prefix)
        else {
          break
        }
        statement.reset()
        jobs.append(job)
        // The least text behind it.
        least = job + "\u{1}"
      }
      return jobs
    }
  }

  /// By creation (``CreationOrder``).
  static let newestFirst = "created_order DESC, created_seq DESC"

  /// Goes from job to job by index, and in each from its newest instance to the first that is wanted: where the
  /// condition lets much through, it reads a few rows a job. Those that were executed go before those that were not.
  static func newestOfEachJob(where condition: String) -> String {
    """
    WITH RECURSIVE jobs (name) AS (
      SELECT (SELECT job FROM instance ORDER BY job LIMIT 1)
      UNION ALL
      SELECT (SELECT job FROM instance WHERE job > jobs.name ORDER BY job LIMIT 1) FROM jobs
      WHERE jobs.name IS NOT NULL)
    SELECT COALESCE(
      (SELECT created_seq FROM (
        SELECT created_order, created_seq FROM instance
        WHERE job = jobs.name AND \(condition) AND \(wasExecuted)
        ORDER BY \(newestFirst) LIMIT 1)),
      (SELECT created_seq FROM (
        SELECT created_order, created_seq FROM instance WHERE job = jobs.name AND \(condition)
        ORDER BY \(newestFirst) LIMIT 1)))
    FROM jobs WHERE jobs.name IS NOT NULL
    """
  }

  /// The oldest that was created after that position.
  func firstRecord(createdAfter position: Seq) throws(LedgerError) -> InstanceRecord? {
    try records("WHERE created_seq > ? ORDER BY created_seq LIMIT 1") {
      statement throws(SQLiteError) in try statement.bind(1, position)
    }.first
  }

  private func records(
    _ clause: String, _ argument: String
  ) throws(LedgerError) -> [InstanceRecord] {
    try records(clause) { statement throws(SQLiteError) in try statement.bind(1, argument) }
  }

  private func records(
    _ clause: String, _ bind: (inout Statement) throws(SQLiteError) -> Void
  ) throws(LedgerError) -> [InstanceRecord] {
    try ask { try rows(clause, bind) }
  }

  /// Records of one page, in bytes as they are stored, about.
  static let pageBytes = 4 << 20

  /// As the store is, for use inside `ask`. No more than a page of them, and at least one when there is any.
  func rows(
    _ clause: String, _ bind: (inout Statement) throws(SQLiteError) -> Void = { _ in }
  ) throws(SQLiteError) -> [InstanceRecord] {
    var statement = try connection.prepare(
      "SELECT \(InstanceRow.allColumns) FROM instance \(clause)")
    try bind(&statement)
    var records: [InstanceRecord] = []
    var left = Self.pageBytes
    while left > 0, try statement.step() {
      guard let record = InstanceRow.record(statement) else { continue }
      left -= record.storedBytes
      records.append(record)
    }
    return records
  }
}
