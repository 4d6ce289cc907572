package import Ledger
internal import SQLite

/// Questions to the `instance` read model. Each catches up first, so that the answer holds everything that was
/// committed before the question.
extension ProjectionStore {
  /// Instances without a terminal event, oldest first.
  package func live() throws(LedgerError) -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    try forEach("WHERE ended_at IS NULL ORDER BY created_seq") { record in
      records.append(record)
      return true
    }
    return records
  }

  package enum Order: String, Sendable { case oldestFirst = "ASC", newestFirst = "DESC" }

  /// Gives ended instances to `body` in the order of creation until it returns false.
  /// - Parameter job: only of this job, found by index.
  package func forEachEnded(
    job: String? = nil, _ order: Order, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    let filter = job == nil ? "" : "AND job = ?"
    try forEach(
      "WHERE ended_at IS NOT NULL \(filter) ORDER BY created_seq \(order.rawValue)", job, body)
  }

  package func record(of instance: InstanceID) throws(LedgerError) -> InstanceRecord? {
    try first("WHERE instance = ?", instance.text)
  }

  /// The newest instance of a job, live or ended.
  package func newest(ofJob job: String) throws(LedgerError) -> InstanceRecord? {
    try first("WHERE job = ? ORDER BY created_seq DESC LIMIT 1", job)
  }

  /// Instances whose id begins so, up to `limit`, newest first.
  package func instances(
    withPrefix prefix: String, limit: Int
  ) throws(LedgerError) -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    // "~" sorts behind every character of an id.
    try forEach(
      "WHERE instance >= ?1 AND instance < ?1 || '~' ORDER BY created_seq DESC LIMIT \(limit)",
      prefix
    ) { record in
      records.append(record)
      return true
    }
    return records
  }

  /// Every job's newest instance, newest first.
  package func newestOfEachJob() throws(LedgerError) -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    try forEach(
      "WHERE created_seq IN (SELECT MAX(created_seq) FROM instance GROUP BY job) "
        + "ORDER BY created_seq DESC"
    ) { record in
      records.append(record)
      return true
    }
    return records
  }

  private func first(_ clause: String, _ argument: String) throws(LedgerError) -> InstanceRecord? {
    var found: InstanceRecord?
    try forEach(clause, argument) { record in
      found = record
      return false
    }
    return found
  }

  private func forEach(
    _ clause: String, _ argument: String? = nil, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    try catchUp()
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT \(InstanceRow.columns) FROM instance \(clause)")
      if let argument { try statement.bind(1, argument) }
      while try statement.step() {
        guard let record = InstanceRow.record(statement) else { continue }
        guard body(record) else { return }
      }
    }
  }
}
