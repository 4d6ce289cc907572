internal import Digests
package import Events
internal import SQLite

extension LedgerReader {
  /// A piece of an instance's output with its place in the ledger.
  package struct StoredOutput {
    package let seq: Seq
    package let n: Int64
    /// The time at which the first byte was read from the job.
    package let at: WallTime
    /// The bytes; nil when what is stored is damaged: no other bytes than the event's are ever given out.
    package let chunk: OutputChunk?
  }

  package enum Order: String, Sendable { case ascending = "ASC", descending = "DESC" }

  /// Up to `limit` output chunks of the instance with `n` above or below a position, found by (instance, n) alone; fewer
  /// where they are large, none when there are no more.
  package func output(
    of instance: InstanceID, after n: Int64 = 0, before end: Int64 = .max,
    order: Order = .ascending, limit: Int
  ) throws(LedgerError) -> [StoredOutput] {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        """
        SELECT e.seq, e.n, e.at, o.codec, o.size, o.runs, o.data, e.payload FROM event e
        CROSS JOIN output o ON o.seq = e.seq
        WHERE e.instance = ? AND e.n > ? AND e.n < ? ORDER BY e.n \(order.rawValue) LIMIT \(limit)
        """)
      try statement.bind(1, instance.text)
      try statement.bind(2, n)
      try statement.bind(3, end)
      var pieces: [StoredOutput] = []
      var left = limit == .max ? .max : Self.bytesAtOnce
      while left > 0, try statement.step() {
        let piece = Self.storedOutput(statement)
        left -= piece.chunk?.bytes.count ?? 0
        pieces.append(piece)
      }
      return pieces
    }
  }

  private static func storedOutput(_ row: borrowing Statement) -> StoredOutput {
    let runs = row.bytes(5)
    let chunk = unsafe row.withBytes(6) { data in
      unsafe OutputChunk(codec: row.integer(3), size: row.integer(4), runs: runs, data: data)
    }
    let payload = row.digest(7)
    return StoredOutput(
      seq: row.seq(0), n: row.integer(1), at: row.wallTime(2),
      chunk: chunk.flatMap { Digest(of: $0.bytes) == payload ? $0 : nil })
  }
}
