package import Events
package import SQLite

/// Reads a ledger from its first event to where it ended when the scan began, with the output, in short read
/// transactions, and goes on behind what cannot be read. Memory: one batch, about 4 MiB and the largest chunk.
package struct LedgerScan: ~Copyable {
  package enum Piece: Sendable {
    /// One or more, each behind the one before it.
    case events([StoredEvent])
    /// Retention has dropped the events at these positions; the digest of the last.
    case dropped(ClosedRange<Seq>, Digest)
    /// There are no events at these positions.
    case missing(ClosedRange<Seq>)
    /// SQLite cannot read what is at these positions.
    case unreadable(ClosedRange<Seq>, reason: String)
    /// From there on nothing can be read, and how much there was is not known.
    case rest(from: Seq, reason: String)
  }

  /// A batch has at most so many events, and bytes of their data and of output as stored.
  package static let batchEvents = 1000
  package static let batchBytes = 4 << 20
  /// Positions asked for one by one in a gap before the scan gives it up: a key that damage has made huge must not
  /// keep it busy for ever.
  package static let patience = 1_000_000
  /// The same where the end cannot be read: more than the events below one inner page of the table.
  package static let patienceAtUnknownEnd = 100_000

  private static let probesTogether = 10_000

  /// The last position; nil when it cannot be read.
  package let end: Seq?
  private var position = Seq.first
  private var isOver = false
  private let path: String
  private var events: Statement
  private var output: Statement
  /// Not at its end, it keeps a read transaction open.
  private var holding: Statement
  private var dropped: Statement

  /// - Parameters:
  ///   - path: of the ledger, for errors.
  ///   - end: from `end(of:path:)`.
  package init(_ connection: borrowing Connection, path: String, end: Seq?) throws(LedgerError) {
    do throws(SQLiteError) {
      let events = try connection.prepare(
        "SELECT \(StoredEvent.columns) FROM event WHERE seq >= ? AND seq <= ? ORDER BY seq")
      let output = try connection.prepare(
        "SELECT codec, size, runs, data FROM output WHERE seq = ?")
      let holding = try connection.prepare("SELECT 1 FROM sqlite_schema")
      let dropped = try Self.prepareDropped(connection)
      self.dropped = dropped
      self.events = events
      self.output = output
      self.holding = holding
    } catch {
      guard Self.isDamage(error) else { throw LedgerError(error, path) }
      throw .damaged(path: path, reason: error.message)
    }
    self.path = path
    self.end = end
  }

  /// The first run of dropped positions that ends here or later, if there are no events from here to its end: in one
  /// statement, of one moment.
  private static func prepareDropped(
    _ connection: borrowing Connection
  ) throws(SQLiteError) -> Statement {
    guard try DroppedRanges.exist(in: connection) else {
      return try connection.prepare("SELECT 0, 0, NULL WHERE ?1 IS NULL")
    }
    return try connection.prepare(
      """
      SELECT first, last, digest FROM dropped WHERE last = (SELECT MIN(last) FROM dropped WHERE last >= ?1)
      AND NOT EXISTS (SELECT 1 FROM event WHERE seq BETWEEN MAX(?1, dropped.first) AND dropped.last)
      """)
  }

  /// The last position now; nil when it cannot be read.
  package static func end(of connection: borrowing Connection, path: String) throws(LedgerError)
    -> Seq?
  {
    do throws(SQLiteError) {
      return min(Seq(try connection.integer("SELECT MAX(seq) FROM event")), .largest)
    } catch {
      try throwUnlessDamage(error, path)
      return nil
    }
  }

  /// The next piece, in order of position; nil at the end.
  /// - Throws: what is no damage: a lock, a file that is gone.
  package mutating func next() throws(LedgerError) -> Piece? {
    guard !isOver, position <= end ?? .max else { return nil }
    let batch = try batch(upTo: end ?? .max)
    guard batch.isEmpty else {
      position += Int64(batch.count)
      return .events(batch)
    }
    return try gap()
  }

  /// Consecutive events from `position` on, as far as nothing is in the way.
  private mutating func batch(upTo last: Seq) throws(LedgerError) -> [StoredEvent] {
    var found: [StoredEvent] = []
    var bytes = 0
    defer { events.reset() }
    do throws(SQLiteError) {
      try events.bind(1, position)
      try events.bind(2, last)
      while found.count < Self.batchEvents, bytes < Self.batchBytes, try events.step() {
        var event = StoredEvent(events)
        // Anything else is for the gap to tell: pages may be in the wrong order too.
        guard event.seq == position + Int64(found.count) else { break }
        if event.hasPayload { event.chunk = try chunk(of: event.seq) }
        bytes += event.data.utf8.count
        if case .stored(let chunk) = event.chunk { bytes += chunk.data.count }
        found.append(event)
      }
    } catch { try Self.throwUnlessDamage(error, path) }
    return found
  }

  private mutating func chunk(of seq: Seq) throws(SQLiteError) -> StoredEvent.Chunk {
    defer { output.reset() }
    do throws(SQLiteError) {
      try output.bind(1, seq)
      return try output.step() ? .stored(StoredChunk(output)) : .absent
    } catch {
      guard Self.isDamage(error) else { throw error }
      return .unreadable(error.message)
    }
  }

  private enum Probe: Equatable {
    case there
    case absent
    case failed(String)
  }

  /// The positions from here on that fail alike. Each is asked for by itself: a page that cannot be read, or a key
  /// that is wrong, hides those behind it from a query for a range.
  private mutating func gap() throws(LedgerError) -> Piece? {
    let first = position
    let kind = try probe(first)
    // What a range did not find, a search for it may.
    if kind == .there {
      let batch = try batch(upTo: first)
      position += 1
      return batch.isEmpty ? .missing(first...first) : .events(batch)
    }
    let run = kind == .absent ? try nextRun(from: first) : nil
    if let run, run.first <= first {
      position = run.last + 1
      return .dropped(first...run.last, run.digest)
    }
    let limit = min(end ?? .max, run.map { $0.first - 1 } ?? .max)
    var probes = 0
    let patience = end == nil ? Self.patienceAtUnknownEnd : Self.patience
    position += 1
    defer { holding.reset() }
    while position <= limit {
      // A read transaction for each would cost most of the time; one for all would hold checkpoints back.
      if probes.isMultiple(of: Self.probesTogether) {
        holding.reset()
        _ = try? holding.step()
      }
      guard try Self.isAlike(probe(position), kind) else { break }
      position += 1
      probes += 1
      guard probes < patience else { return try giveUp(first, kind) }
    }
    return Self.piece(first...(position - 1), kind)
  }

  /// The dropped positions that are next; nil where there are none.
  private mutating func nextRun(from seq: Seq) throws(LedgerError) -> DroppedRanges.Run? {
    defer { dropped.reset() }
    do throws(SQLiteError) {
      try dropped.bind(1, seq)
      return try dropped.step() ? DroppedRanges.run(dropped) : nil
    } catch {
      try Self.throwUnlessDamage(error, path)
      return nil
    }
  }

  /// Too many positions in a row: on to the next event that a query finds, if it finds one.
  private mutating func giveUp(_ first: Seq, _ kind: Probe) throws(LedgerError) -> Piece {
    guard let end else {
      isOver = true
      guard case .failed(let reason) = kind else {
        return .rest(from: first, reason: "there are no more events, and the end cannot be read")
      }
      return .rest(from: first, reason: reason)
    }
    position = try nextFound(upTo: end) ?? end + 1
    return Self.piece(first...(position - 1), kind)
  }

  private mutating func nextFound(upTo last: Seq) throws(LedgerError) -> Seq? {
    defer { events.reset() }
    do throws(SQLiteError) {
      try events.bind(1, position)
      try events.bind(2, last)
      guard try events.step() else { return nil }
      let seq = events.seq(0)
      return seq >= position && seq <= last ? seq : nil
    } catch {
      try Self.throwUnlessDamage(error, path)
      return nil
    }
  }

  private mutating func probe(_ seq: Seq) throws(LedgerError) -> Probe {
    defer { events.reset() }
    do throws(SQLiteError) {
      try events.bind(1, seq)
      try events.bind(2, seq)
      return try events.step() && events.seq(0) == seq ? .there : .absent
    } catch {
      try Self.throwUnlessDamage(error, path)
      return .failed(error.message)
    }
  }

  private static func isAlike(_ one: Probe, _ other: Probe) -> Bool {
    switch (one, other) {
    case (.absent, .absent), (.failed, .failed): true
    default: false
    }
  }

  private static func piece(_ range: ClosedRange<Seq>, _ kind: Probe) -> Piece {
    guard case .failed(let reason) = kind else { return .missing(range) }
    return .unreadable(range, reason: reason)
  }

  /// Tells whether a damaged page can lead to this error: a length that makes no sense may also end as too big or out
  /// of memory.
  package static func isDamage(_ error: SQLiteError) -> Bool {
    switch error.kind {
    case .damaged, .inputOutput, .other: true
    case .full, .readOnly, .cannotOpen, .busy, .constraint: false
    }
  }

  private static func throwUnlessDamage(
    _ error: SQLiteError, _ path: String
  ) throws(LedgerError) {
    guard isDamage(error) else { throw LedgerError(error, path) }
  }
}
