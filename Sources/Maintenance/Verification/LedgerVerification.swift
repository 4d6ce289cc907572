internal import Digests
package import Events
package import Ledger
internal import Linux
internal import SQLite

/// Checks a ledger from its first event to the last that was there at the start, while others go on writing it. It
/// writes nothing. Memory: two batches of output (`LedgerScan`) and the live instances; time: 300 MB of output a second
/// on two processors, as far as the disk gives it.
package struct LedgerVerification: ~Copyable {
  private let connection: Connection
  private let against: ChainPosition?
  private let genesis: Digest
  private var statements: Statements
  private var chain: ChainCheck
  private var instances = InstanceCheck()
  private var retained: RetainedCheck
  private var redacted: RedactedCheck
  private var problems: ProblemList
  private var report = VerificationReport()
  private let absent: MissingEvents?
  private let damagedNotes: DamagedNotes?
  private var hasMetKept = false
  /// True when something else stood here at the time when the digest was kept.
  private var isAnother = false

  private struct Statements: ~Copyable {
    var position: Statement
    var end: Statement
    var stray: Statement

    init(_ connection: borrowing Connection) throws(SQLiteError) {
      let position = try connection.prepare("SELECT seq FROM event WHERE instance = ? AND n = ?")
      let kinds = InstanceState.allCases.filter(\.isTerminal).map { "'\($0.eventKindName)'" }
      let end = try connection.prepare(
        """
        SELECT 1 FROM event WHERE instance = ? AND seq < ?
        AND kind IN (\(kinds.joined(separator: ", "))) LIMIT 1
        """)
      let stray = try connection.prepare(
        """
        SELECT seq FROM output WHERE seq BETWEEN ? AND ? AND NOT EXISTS
        (SELECT 1 FROM event WHERE event.seq = output.seq AND payload IS NOT NULL)
        """)
      self.position = position
      self.end = end
      self.stray = stray
    }
  }

  /// - Parameters:
  ///   - against: a position that has to have this digest.
  ///   - limit: problems that the report keeps; all are counted.
  ///   - progress: called after each batch.
  /// - Throws: what keeps it from reading at all (`missing`, `unsafe`, `newerFormat`, a lock). Damage is in the report.
  package static func run(
    _ directory: LedgerDirectory, against: ChainPosition? = nil, limit: Int = 100,
    progress: (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> VerificationReport {
    let start = MonotonicTime.now
    do throws(LedgerError) {
      let reader = try LedgerReader(directory)
      let end = try LedgerScan.end(of: reader.connection, path: directory.path)
      var scan = try LedgerScan(reader.connection, path: directory.path, end: end)
      var verification = try LedgerVerification(reader, against: against, limit: limit)
      return try verification.finish(&scan, since: start, progress)
    } catch {
      // Not even its tables can be found.
      guard let reason = error.damage else { throw error }
      var report = VerificationReport()
      report.add([LedgerProblem(.schema, reason)])
      report.microseconds = MonotonicTime.now - start
      return report
    }
  }

  private init(
    _ reader: LedgerReader, against: ChainPosition?, limit: Int
  ) throws(LedgerError) {
    do throws(SQLiteError) {
      let connection = try LedgerReader.open(reader.directory.database, .readOnly)
      let statements = try Statements(connection)
      self.connection = connection
      self.statements = statements
    } catch { throw LedgerError(error, reader.directory.path) }
    self.against = against
    absent = reader.absent
    damagedNotes = reader.damagedNotes
    retained = RetainedCheck(reader)
    redacted = RedactedCheck(reader)
    problems = ProblemList(limit: limit)
    report.ledgerID = reader.ledgerID
    let genesis = Chain.genesis(ledgerID: reader.originID)
    self.genesis = genesis
    chain = ChainCheck(genesis: genesis)
    report.head = ChainPosition(seq: .start, digest: genesis)
  }

  private mutating func finish(
    _ scan: inout LedgerScan, since start: MonotonicTime, _ progress: (LedgerProgress) -> Void
  ) throws(LedgerError) -> VerificationReport {
    for problem in SchemaCheck.problems(of: connection) { problems.append(problem) }
    var position = Seq.start
    // One batch is hashed while the next is read and chained.
    var payloads = PayloadCheck([])
    while let piece = try scan.next() {
      let withPayload = take(piece, &position)
      collect(payloads.finish())
      payloads = PayloadCheck(withPayload)
      progress(LedgerProgress(done: position.number, total: scan.end?.number, bytes: report.bytes))
    }
    collect(payloads.finish())
    findOutside()
    if let problem = retained.problem() { problems.append(problem) }
    if let problem = redacted.problem() { problems.append(problem) }
    compareKept(end: scan.end)
    tellAbsent()
    if let damagedNotes { problems.append(LedgerProblem(.notes, "\(damagedNotes)")) }
    if problems.count == 0 {
      for problem in StructuralCheck.problems(of: connection) { problems.append(problem) }
    }
    close()
    report.microseconds = MonotonicTime.now - start
    return report
  }

  /// Returns the events whose output is still to be checked.
  private mutating func take(_ piece: LedgerScan.Piece, _ position: inout Seq) -> [StoredEvent] {
    switch piece {
    case .events(let events):
      for event in events { take(event) }
      position = events.last?.seq ?? position
      findStray(from: events.first?.seq ?? .first, to: position)
      return events.filter { $0.hasPayload && $0.payload != nil && !isDroppedOutput($0) }
    case .dropped(let range, let digest):
      chain.resume(after: digest)
      report.dropped += range.length
      if let against, range.contains(against.seq) { compareDropped(range, digest, against) }
      position = range.upperBound
    case .missing(let range):
      lose(LedgerProblem(.missing, at: range.lowerBound, to: range.upperBound, "not there"))
      position = range.upperBound
    case .unreadable(let range, let reason):
      lose(
        LedgerProblem(
          .unreadable, at: range.lowerBound, to: range.upperBound, "cannot be read: \(reason)"))
      position = range.upperBound
    case .rest(let from, let reason):
      lose(
        LedgerProblem(
          .unreadable, at: from, "and all behind it, nobody knows how many: \(reason)"))
      position = max(position, from)
    }
    return []
  }

  private mutating func isDroppedOutput(_ event: StoredEvent) -> Bool {
    guard case .absent = event.chunk, let instance = event.instanceID else { return false }
    guard retained.hasDroppedOutput(of: instance) else { return false }
    report.droppedChunks += 1
    return true
  }

  /// Only of the last of a run the digest is still known.
  private mutating func compareDropped(
    _ range: ClosedRange<Seq>, _ digest: Digest, _ kept: ChainPosition
  ) {
    hasMetKept = true
    if kept.seq == range.upperBound { return compare(digest, kept) }
    report.keptIsDropped = true
  }

  private mutating func lose(_ problem: LedgerProblem) {
    problems.append(problem)
    chain.skip()
    instances.skip()
  }

  private mutating func take(_ event: StoredEvent) {
    report.events += 1
    if let digest = event.digest { report.head = ChainPosition(seq: event.seq, digest: digest) }
    let verdict = follow(event)
    if let against, against.seq == event.seq {
      hasMetKept = true
      compare(event.digest, against)
    }
    if let malformation = event.malformation {
      problems.append(LedgerProblem(.malformed, at: event.seq, malformation))
      return instances.skip()
    }
    switch verdict {
    case .doesNotFit:
      problems.append(
        LedgerProblem(.digest, at: event.seq, "it and its digest do not fit the event before it"))
      // What it says may not be what was written.
      return instances.skip()
    case .fits, .fitsContentBefore:
      if problems.firstBadEvent != nil { report.fittingBehind += 1 }
    case .unproven: break
    }
    guard let instance = event.instanceID, let n = event.n else { return }
    checkInstance(event, instance, n)
  }

  /// It may have been redacted since the beginning: then it is taken once more.
  private mutating func follow(_ event: StoredEvent) -> ChainCheck.Verdict {
    var event = event
    event.replacement = redacted.redactions[event.seq]
    let before = chain
    var verdict = chain.take(event)
    if verdict == .doesNotFit, redacted.readOn(), let new = redacted.redactions[event.seq] {
      event.replacement = new
      chain = before
      verdict = chain.take(event)
    }
    if event.replacement != nil, verdict != .doesNotFit { report.redacted += 1 }
    return verdict
  }

  private mutating func checkInstance(_ event: StoredEvent, _ instance: InstanceID, _ n: Int64) {
    do throws(SQLiteError) {
      // Retention may have dropped it since it was read.
      if try indexedPosition(instance, n) != event.seq,
        try DroppedRanges.run(around: event.seq, in: connection) == nil
      {
        problems.append(
          LedgerProblem(.index, at: event.seq, "it is not found by its instance and n"))
      }
    } catch {
      problems.append(
        LedgerProblem(
          .index, at: event.seq, "its instance and n cannot be looked up: \(error.message)"))
    }
    let hasEnded = !instances.isLive(instance) && n > 1 && hasEnded(instance, before: event.seq)
    let broken = instances.take(event, instance, n, hasEnded: hasEnded)
    // Of one that retention has begun to drop the rest is there.
    if broken != nil, retained.hasBegunToDrop(instance) { return }
    if let (kind, text) = broken { problems.append(LedgerProblem(kind, at: event.seq, text)) }
  }

  private mutating func indexedPosition(
    _ instance: InstanceID, _ n: Int64
  ) throws(SQLiteError) -> Seq? {
    defer { statements.position.reset() }
    try statements.position.bind(1, instance.text)
    try statements.position.bind(2, n)
    return try statements.position.step() ? statements.position.seq(0) : nil
  }

  private mutating func hasEnded(_ instance: InstanceID, before seq: Seq) -> Bool {
    defer { statements.end.reset() }
    do throws(SQLiteError) {
      try statements.end.bind(1, instance.text)
      try statements.end.bind(2, seq)
      return try statements.end.step()
    } catch {
      // The index check has told of it.
      return false
    }
  }

  private mutating func findStray(from first: Seq, to last: Seq) {
    defer { statements.stray.reset() }
    do throws(SQLiteError) {
      try statements.stray.bind(1, first)
      try statements.stray.bind(2, last)
      while try statements.stray.step() {
        problems.append(
          LedgerProblem(
            .strayOutput, at: statements.stray.seq(0), "there is output of no output event"))
      }
    } catch {
      problems.append(
        LedgerProblem(
          .strayOutput, at: first, to: last,
          "the table of output cannot be searched: \(error.message)"))
    }
  }

  /// Looks for events and output before the first position and behind the last, in one statement each: they are of one
  /// moment.
  private mutating func findOutside() {
    let queries: [(LedgerProblem.Kind, String, String)] = [
      (
        .malformed, "SELECT COUNT(*) FROM event WHERE seq < 1",
        "events stand before the first position"
      ),
      (
        .strayOutput,
        "SELECT COUNT(*) FROM output WHERE seq < 1 OR seq > (SELECT IFNULL(MAX(seq), 0) FROM event)",
        "pieces of output stand outside of all events"
      ),
    ]
    for (kind, query, text) in queries {
      do throws(SQLiteError) {
        let count = try connection.integer(query)
        if count > 0 { problems.append(LedgerProblem(kind, "\(count) \(text)")) }
      } catch {
        problems.append(LedgerProblem(kind, "the table cannot be searched: \(error.message)"))
      }
    }
  }

  private mutating func collect(_ result: PayloadCheck.Result) {
    for problem in result.problems { problems.append(problem) }
    report.chunks += result.chunks
    report.bytes += result.bytes
  }

  private mutating func compare(_ digest: Digest?, _ kept: ChainPosition) {
    guard digest != kept.digest else { return }
    isAnother = true
    problems.append(
      LedgerProblem(
        .against, at: kept.seq,
        "its digest is \(digest.map(\.description) ?? "damaged") and was \(kept.digest): something up to here was "
          + "rewritten, or this is another ledger"))
  }

  /// Compares the digest that was kept when no event was read at its position.
  private mutating func compareKept(end: Seq?) {
    guard let against else { return }
    if against.seq == .start { return compare(genesis, against) }
    guard !hasMetKept else { return }
    let text =
      if let end, against.seq > end { "there is no such event: the ledger ends at \(end)" } else {
        "there is no such event that could be compared"
      }
    problems.append(LedgerProblem(.against, at: against.seq, text))
  }

  /// Reports the events that ledger.lock knows of and that are not there.
  private mutating func tellAbsent() {
    guard let absent else { return }
    guard absent.cause == .damage else { return report.powerCut = absent }
    guard !absent.isAnother else {
      isAnother = true
      return problems.append(
        LedgerProblem(
          .against, at: absent.last,
          "it is not the one that was written: something up to here was rewritten"))
    }
    problems.append(
      LedgerProblem(
        .missing, at: absent.first, to: absent.last, "not there any more, and had been written"))
  }

  private mutating func close() {
    report.problems = problems.kept
    report.problemCount = problems.count
    report.badPayloads = problems.badPayloads
    guard !isAnother else { return }
    report.trustworthyUpTo = problems.firstBadEvent.map { $0 - 1 } ?? report.head?.seq ?? .start
  }
}

extension LedgerError {
  /// SQLite's reason, where the file is damaged so that nothing of it can be read.
  fileprivate var damage: String? {
    switch self {
    case .damaged(_, let reason), .inputOutput(_, let reason): reason
    default: nil
    }
  }
}
