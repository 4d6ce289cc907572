package import Events
package import Ledger
internal import SQLite

/// An instance on a timeline: when it was there, and what it did then.
package struct TimelineRow: Equatable, Sendable {
  package let job: String
  package let instance: InstanceID
  package let state: InstanceState
  package let createdAt: WallTime
  package let startedAt: WallTime?
  package let endedAt: WallTime?
  package let exitCode: Int64?
  package let reason: String?
  /// There was something to warn of.
  package let hasWarnings: Bool

  static let columns =
    "job, instance, state, created_at, started_at, ended_at, ended, warnings IS NOT NULL"

  /// Reads a row; returns nil when it makes no sense.
  init?(_ row: borrowing Statement) {
    guard let instance = row.withBytes(1, { InstanceID($0) }),
      let state = InstanceState(rawValue: row.text(2))
    else { return nil }
    job = row.text(0)
    self.instance = instance
    self.state = state
    createdAt = row.wallTime(3)
    startedAt = row.optionalWallTime(4)
    endedAt = row.optionalWallTime(5)
    hasWarnings = row.integer(7) != 0
    // Most have ended well, and there is nothing to say of that.
    let ended =
      state == .completed ? nil : row.optionalText(6).flatMap { try? JSON(parsing: $0) }
    let ending = ended.map { Ending($0) }
    (exitCode, reason) = (ending?.exitCode, ending?.reason)
  }
}

extension ProjectionStore {
  /// Returns those at these positions: what is not there any more is left out.
  package func timelineRows(at positions: ArraySlice<Seq>) throws(LedgerError) -> [TimelineRow] {
    try ask { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT \(TimelineRow.columns) FROM instance WHERE created_seq = ?1")
      var rows: [TimelineRow] = []
      for position in positions {
        try statement.bind(1, position)
        if try statement.step(), let row = TimelineRow(statement) { rows.append(row) }
        statement.reset()
      }
      return rows
    }
  }

  /// Returns where those were created that were there at some time between these two, job by job, and of one job in the order
  /// of creation: for who reads them piece by piece. The query's order, limit and cursor count for nothing. Memory: 8 bytes an
  /// instance.
  /// - Parameter time: the end does not belong to it.
  package func positions(
    _ query: InstanceQuery, in time: Range<WallTime>
  ) throws(LedgerError) -> [Seq] {
    try ask { () throws(SQLiteError) in
      let filter = try InstanceFilter(query, connection)
      try filter.define(on: connection)
      // Found by the index of ends; those that are live are few.
      let columns = "SELECT created_seq, job, created_order FROM instance"
      var statement = try connection.prepare(
        """
        \(columns) WHERE ended_at IS NOT NULL AND ended_at >= ?20 AND +created_at < ?21 AND \(filter.sql)
        UNION ALL
        \(columns) WHERE ended_at IS NULL AND +created_at < ?21 AND \(filter.sql)
        ORDER BY job, created_order, created_seq
        """)
      try filter.bind(to: &statement)
      try statement.bind(20, time.lowerBound)
      try statement.bind(21, time.upperBound)
      var positions: [Seq] = []
      while try statement.step() { positions.append(statement.seq(0)) }
      return positions
    }
  }
}
