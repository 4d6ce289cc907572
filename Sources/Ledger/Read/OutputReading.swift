internal import Digests
package import Events
internal import SQLite

/// Some of an instance's output, with what retention has taken of it meanwhile.
package struct OutputBatch: Sendable {
  package struct Piece: Sendable {
    package let seq: Seq
    package let n: Int64
    /// The time at which its first byte was read.
    package let at: WallTime
    package let content: Content
    /// The event's data; parsed only where the bytes themselves are not there.
    fileprivate let data: String

    /// The amount of output, also where it cannot be read any more.
    package var totals: OutputTotals {
      (try? JSON(parsing: data)).map { OutputTotals($0) } ?? OutputTotals()
    }
  }

  package enum Content: Sendable {
    case chunk(OutputChunk)
    /// The stored bytes do not fit the event: no other bytes than the event's are ever given out.
    case damaged
    /// The event is there, and its output is not.
    case absent
    /// Output that was passed on and not recorded stood here; only where gaps were asked for.
    case gap(OutputGap)
  }

  package internal(set) var pieces: [Piece] = []
  /// There are more behind them.
  package internal(set) var hasMore = false
  /// Events of the instance behind the position that was asked for have been dropped.
  package internal(set) var followsDropped = false
}

extension LedgerReader {
  /// So many bytes of output are read at once, and a piece more.
  package static let outputAtOnce = bytesAtOnce

  /// Up to `limit` pieces of the instance's output with `n` above a position and not above `end`, no more when they have
  /// `bytes` together, found by (instance, n) alone, all of one moment.
  package func outputBatch(
    of instance: InstanceID, after n: Int64, upTo end: Int64, limit: Int, bytes: Int,
    withGaps: Bool = false
  ) throws(LedgerError) -> OutputBatch {
    do throws(SQLiteError) {
      // Until it is reset at the end: one read transaction.
      var first = try connection.prepare("SELECT MIN(n) FROM event WHERE instance = ?")
      try first.bind(1, instance.text)
      let firstN = try first.step() ? first.optionalInteger(0) : nil
      var statement = try connection.prepare(
        """
        SELECT e.seq, e.n, o.codec, o.size, o.runs, o.data, e.payload, e.at, e.data, e.kind FROM event e
        LEFT JOIN output o ON o.seq = e.seq
        WHERE e.instance = ? AND e.n > ? AND e.n <= ? AND e.kind IN ('output'\(withGaps ? ", 'output_gap'" : ""))
        ORDER BY e.n LIMIT \(limit + 1)
        """)
      try statement.bind(1, instance.text)
      try statement.bind(2, n)
      try statement.bind(3, end)
      var batch = OutputBatch()
      // Retention drops an instance from its first event on.
      batch.followsDropped = firstN.map { $0 > n + 1 } ?? true
      var left = bytes
      while try statement.step() {
        guard batch.pieces.count < limit, left > 0 else {
          batch.hasMore = true
          break
        }
        let piece = Self.piece(statement)
        if case .chunk(let chunk) = piece.content { left -= chunk.bytes.count }
        batch.pieces.append(piece)
      }
      first.reset()
      return batch
    } catch { throw LedgerError(error, directory.path) }
  }

  private static func piece(_ row: borrowing Statement) -> OutputBatch.Piece {
    func piece(_ content: OutputBatch.Content) -> OutputBatch.Piece {
      let data = row.text(8)
      // Few are, and whoever follows reads many.
      let late =
        data.contains("\"late_us\"")
        ? (try? JSON(parsing: data)).map { OutputTotals($0).late } ?? 0 : 0
      return OutputBatch.Piece(
        seq: row.seq(0), n: row.integer(1), at: row.wallTime(7) - late, content: content,
        data: data)
    }
    guard row.text(9) == "output" else {
      return piece(.gap((try? JSON(parsing: row.text(8))).map { OutputGap($0) } ?? OutputGap()))
    }
    guard !row.isNull(2) else { return piece(.absent) }
    let runs = row.bytes(4)
    let chunk = unsafe row.withBytes(5) { data in
      unsafe OutputChunk(codec: row.integer(2), size: row.integer(3), runs: runs, data: data)
    }
    let payload = row.digest(6)
    guard let chunk, Digest(of: chunk.bytes) == payload else { return piece(.damaged) }
    return piece(.chunk(chunk))
  }

  /// Gives the size of each piece of the instance's output with its `n`, in order, until `body` returns false. Reads no
  /// output.
  package func forEachOutputSize(
    of instance: InstanceID, _ body: (_ n: Int64, OutputTotals) -> Bool
  ) throws(LedgerError) {
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        "SELECT n, data FROM event WHERE instance = ? AND kind = 'output' ORDER BY n")
      try statement.bind(1, instance.text)
      while try statement.step() {
        let totals = (try? JSON(parsing: statement.text(1))).map { OutputTotals($0) }
        guard body(statement.integer(0), totals ?? OutputTotals()) else { break }
      }
    } catch { throw LedgerError(error, directory.path) }
  }

  /// The number of the instance's last piece of output whose first byte was read then or before; nil when there is none.
  /// Reads no output.
  package func lastOutput(
    of instance: InstanceID, notAfter time: WallTime
  ) throws(LedgerError) -> Int64? {
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        "SELECT MAX(n) FROM event WHERE instance = ? AND kind = 'output' AND at <= ?")
      try statement.bind(1, instance.text)
      try statement.bind(2, time)
      return try statement.step() ? statement.optionalInteger(0) : nil
    } catch { throw LedgerError(error, directory.path) }
  }

  /// Tells whether retention says that it has dropped the instance's output, also where it did so behind the horizon: it
  /// is gone. Reads all that it ever said.
  package func hasDroppedOutput(of instance: InstanceID) throws(LedgerError) -> Bool {
    try hostEvents([.retained], withLater: true).contains { event in
      let retained = Retained(event.json)
      return retained.what == .output && retained.instances.contains(instance)
    }
  }
}
