package import Events
package import Ledger
internal import SQLite

extension ProjectionStore {
  /// The newest instance of a job that is in one of these states; of those that were created before another instance,
  /// where one is given. Nothing of what was removed from the history, and no dry run, of
  /// which nothing is known but that it was one.
  package func newest(
    ofJob job: String, in states: Set<InstanceState>, before other: InstanceRecord? = nil
  ) throws(LedgerError) -> InstanceRecord? {
    let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    let isBefore =
      other == nil
      ? ""
      : "AND (created_order, created_seq) < "
        + "(SELECT created_order, created_seq FROM instance WHERE created_seq = ?2)"
    return try ask {
      try rows(
        "WHERE job = ?1 AND state IN (\(names)) AND hidden = 0 \(isBefore) "
          + "AND \(Rehearsal.isNone) "
          + "ORDER BY \(Self.newestFirst) LIMIT 1"
      ) { statement throws(SQLiteError) in
        try statement.bind(1, job)
        if let other { try statement.bind(2, other.createdSeq) }
      }
    }.first
  }
}
