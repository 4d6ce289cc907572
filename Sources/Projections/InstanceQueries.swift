package import Ledger
internal import SQLite

/// Questions to the `instance` read model. Each catches up first, so that the answer holds everything that was
/// committed before the question.
extension ProjectionStore {
  /// Instances without a terminal event, oldest first.
  package func live() throws(LedgerError) -> [InstanceRecord] {
    try records("WHERE ended_at IS NULL ORDER BY created_seq")
  }

  /// Lost instances whose command was still running when that was found out, oldest first. It may have ended since.
  package func orphans() throws(LedgerError) -> [InstanceRecord] {
    try records("WHERE orphan IS NOT NULL ORDER BY created_seq")
  }

  package enum Order: String, Sendable { case oldestFirst = "ASC", newestFirst = "DESC" }

  /// Gives ended instances to `body` in the order of creation until it returns false. They are read in pages: a body
  /// that takes its time, say because a person reads what it prints, holds no lock.
  /// - Parameter job: only of this job, found by index.
  package func forEachEnded(
    job: String? = nil, _ order: Order, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    let isOfJob = job == nil ? "" : "AND job = ?2"
    let isBehind = order == .newestFirst ? "<" : ">"
    var last: Int64 = order == .newestFirst ? .max : 0
    // Most questions are about the newest few.
    var size = 64
    while true {
      let page = try records(
        "WHERE ended_at IS NOT NULL AND created_seq \(isBehind) ?1 \(isOfJob) "
          + "ORDER BY created_seq \(order.rawValue) LIMIT \(size)"
      ) { statement throws(SQLiteError) in
        try statement.bind(1, last)
        if let job { try statement.bind(2, job) }
      }
      for record in page {
        guard body(record) else { return }
      }
      guard let end = page.last else { return }
      last = end.createdSeq
      size = min(size * 2, 1024)
    }
  }

  package func record(of instance: InstanceID) throws(LedgerError) -> InstanceRecord? {
    try records("WHERE instance = ?", instance.text).first
  }

  /// The newest instance of a job, live or ended.
  package func newest(ofJob job: String) throws(LedgerError) -> InstanceRecord? {
    try records("WHERE job = ? ORDER BY created_seq DESC LIMIT 1", job).first
  }

  /// The newest instance of the job of that name, else the instance job@ID, else the only one whose id begins so; nil
  /// when there is none, or more than one.
  package func newest(named name: String) throws(LedgerError) -> InstanceRecord? {
    if let record = try newest(ofJob: name) { return record }
    // A job id may itself contain an @.
    if let at = name.lastIndex(of: "@"),
      let id = InstanceID(String(name[name.index(after: at)...])),
      let record = try record(of: id), record.job == name[..<at]
    {
      return record
    }
    guard InstanceID.isPrefix(name) else { return nil }
    let candidates = try instances(withPrefix: name, limit: 2)
    return candidates.count == 1 ? candidates.first : nil
  }

  /// Instances whose id begins so, up to `limit`, newest first.
  package func instances(
    withPrefix prefix: String, limit: Int
  ) throws(LedgerError) -> [InstanceRecord] {
    // "~" sorts behind every character of an id.
    try records(
      "WHERE instance >= ?1 AND instance < ?1 || '~' ORDER BY created_seq DESC LIMIT \(limit)",
      prefix)
  }

  /// Jobs whose id begins so, up to `limit`, in order: one look into the index for each, however many runs it has had.
  package func jobs(withPrefix prefix: String, limit: Int) throws(LedgerError) -> [String] {
    try ask {
      var statement = try connection.prepare("SELECT MIN(job) FROM instance WHERE job >= ?")
      var jobs: [String] = []
      var least = prefix
      while jobs.count < limit {
        try statement.bind(1, least)
        guard try statement.step(), let job = statement.optionalText(0), job.hasPrefix(prefix) else {
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

  /// Every job's newest instance, newest first.
  package func newestOfEachJob() throws(LedgerError) -> [InstanceRecord] {
    try records(
      "WHERE created_seq IN (SELECT MAX(created_seq) FROM instance GROUP BY job) "
        + "ORDER BY created_seq DESC")
  }

  private func records(
    _ clause: String, _ argument: String
  ) throws(LedgerError) -> [InstanceRecord] {
    try records(clause) { statement throws(SQLiteError) in try statement.bind(1, argument) }
  }

  private func records(
    _ clause: String, _ bind: (inout Statement) throws(SQLiteError) -> Void = { _ in }
  ) throws(LedgerError) -> [InstanceRecord] {
    try ask {
      var statement = try connection.prepare(
        "SELECT \(InstanceRow.columns) FROM instance \(clause)")
      try bind(&statement)
      var records: [InstanceRecord] = []
      while try statement.step() {
        if let record = InstanceRow.record(statement) { records.append(record) }
      }
      return records
    }
  }
}
