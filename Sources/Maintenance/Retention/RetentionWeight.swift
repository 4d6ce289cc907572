package import Events
package import Ledger
internal import SQLite

/// Dropping an instance would bring this.
package struct RetentionWeight: Sendable {
  package internal(set) var counts = Retained.Counts()
  /// About so much becomes free in the database.
  package internal(set) var bytesFreed: Int64 = 0

  /// Takes its output away: that goes otherwise.
  package mutating func forgetOutput() {
    bytesFreed -= outputBytes
    (counts.chunks, counts.bytes, outputBytes) = (0, 0, 0)
  }

  /// Those of `bytesFreed` that its output takes.
  var outputBytes: Int64 = 0

  /// The bytes that an event takes beside its data and its output: the other columns, twice the instance, two digests,
  /// and pages that are not full [measured].
  static let bytesOfEvent: Int64 = 260
}

extension LedgerReader {
  /// About 3 us an event.
  package func weight(
    of instance: InstanceID, _ what: Retained.What
  ) throws(LedgerError) -> RetentionWeight {
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        """
        SELECT COUNT(*), COUNT(o.seq), IFNULL(SUM(LENGTH(o.data)), 0),
          IFNULL(SUM(LENGTH(o.runs)), 0), IFNULL(SUM(LENGTH(e.data)), 0)
        FROM event e LEFT JOIN output o ON o.seq = e.seq WHERE e.instance = ?
        """)
      try statement.bind(1, instance.text)
      var weight = RetentionWeight()
      guard try statement.step() else { return weight }
      let (events, chunks) = (statement.integer(0), statement.integer(1))
      guard what == .events ? events > 0 : chunks > 0 else { return weight }
      weight.counts.instances = 1
      weight.counts.chunks = chunks
      weight.counts.bytes = statement.integer(2)
      weight.outputBytes = statement.integer(2) + statement.integer(3)
      weight.bytesFreed = weight.outputBytes
      guard what == .events else { return weight }
      weight.counts.events = events
      weight.bytesFreed += statement.integer(4) + events * RetentionWeight.bytesOfEvent
      return weight
    } catch { throw LedgerError(error, directory.path) }
  }
}
