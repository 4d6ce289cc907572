package import Bundles
internal import Documents
package import Events
internal import Ledger
internal import Linux
package import Projections

/// Makes a bundle of one run: what the ledger has of it, and what proves that.
package struct RunBundle {
  /// The part of the chain that is in it.
  package struct Extent: Sendable {
    /// The chain goes up to this position, whose digest was kept elsewhere; nil: to the last that there is.
    package var head: ChainPosition?
    /// Nothing of other runs is in it: then no head proves its events.
    package var isAlone = false

    package init(head: ChainPosition? = nil, isAlone: Bool = false) {
      self.head = head
      self.isAlone = isAlone
    }
  }

  /// The reasons that there is no bundle for.
  package enum Refusal: Error, Sendable {
    /// The kept head is not one of this ledger, or is before the run.
    case anotherHead(ChainPosition, found: Digest?)
    case headBeforeRun(ChainPosition, first: Seq)
    /// Retention was there before it was made.
    case droppedMeanwhile
    /// Somebody redacts just now.
    case redactedMeanwhile
    /// This event tells what was redacted in the bundle, and is behind its head, or, where that is alone, not in it.
    case redacted(by: Seq)
  }

  /// The bundle that was made.
  package struct Summary: Sendable {
    package let bytes: Int64
    package let events: Int64
    /// Those whose contents were redacted.
    package let redactedEvents: Int64
    package let outputBytes: Int64
    package let missingPieces: Int64
    package let missing: OutputPiece.Missing?
    /// Events of others, which the chain needs.
    package let otherEvents: Int64
    /// Retention has dropped what stood between the run's events, or behind them before the last position.
    package let gapsWithin: Int64
    package let head: ChainPosition
    package let hasEnded: Bool
    package let isLinked: Bool
  }

  /// The program that makes it.
  package struct Maker: Sendable {
    let requester: Requester
    let version: String
    let howToCheck: String

    /// - Parameter howToCheck: a sentence in the report.
    package init(_ requester: Requester, version: String, howToCheck: String) {
      self.requester = requester
      self.version = version
      self.howToCheck = howToCheck
    }
  }

  private let session: LedgerSession
  private let record: InstanceRecord
  private let extent: Extent
  /// The last position of the moment.
  private let end: ChainPosition
  private let redactions: Redactions

  package init(
    of record: InstanceRecord, in session: LedgerSession, _ extent: Extent
  ) throws {
    self.session = session
    self.record = record
    self.extent = extent
    // Before the head: then what is known to be redacted is told up to there.
    let redactions = try session.reader.redactions()
    self.redactions = redactions
    let head = try session.reader.head()
    guard let kept = extent.head else {
      end = ChainPosition(seq: head.seq, digest: head.digest)
      return
    }
    let found = try kept.seq > head.seq ? nil : session.reader.digest(at: kept.seq)
    guard found == kept.digest else { throw Refusal.anotherHead(kept, found: found) }
    guard kept.seq >= record.createdSeq else {
      throw Refusal.headBeforeRun(kept, first: record.createdSeq)
    }
    end = kept
    let behind = redactions.sorted.first {
      $0.seq >= record.createdSeq && $0.seq <= kept.seq && $0.replacement.by > kept.seq
    }
    if let behind { throw Refusal.redacted(by: behind.replacement.by) }
  }

  /// - Parameters:
  ///   - path: of a file that is not there yet; it appears when it is whole and on disk.
  ///   - sign: makes a signature of the manifest's text.
  ///   - progress: told how many events of output were written, and their bytes.
  package func make(
    _ path: String, by maker: Maker,
    sign: ((String) throws -> String)? = nil,
    progress: (_ events: Int64, _ bytes: Int64) -> Void = { _, _ in }
  ) throws -> Summary {
    let madeAt = WallTime.now
    var writer = try BundleWriter(
      path,
      BundleManifest(
        version: maker.version, madeAt: madeAt, user: maker.requester.user,
        uid: maker.requester.uid, host: maker.requester.host))
    let events = try writeEvents(to: &writer)
    let output = try writeOutput(upTo: events.last.n, to: &writer, progress)
    let chain = try writeChain(events, to: &writer)
    try writer.begin(.proof)
    try writer.write(
      line: BundleProof(
        ledgerID: session.reader.ledgerID, chainID: session.reader.originID, job: record.job,
        instance: record.instance, hasEnded: events.last.hasEnded, events: events.count,
        from: events.from, head: chain.head, isLinked: !extent.isAlone,
        redactions: told(from: events.from.seq, upTo: chain.head.seq)
      ).json)
    try writer.end()
    try writer.begin(.host)
    try writer.write(line: try HostDescription.document().json)
    try writer.end()
    let report = BundleReport(
      InstanceDocument(record, bootNow: .now), head: chain.head,
      madeAt: madeAt, howToCheck: maker.howToCheck, note: note(events.last))
    try write(report, upTo: events.last.n, output.excerpt, to: &writer)
    // It drops a run from its first event on: as long as that is there, everything was.
    guard try !isDropped() else { throw Refusal.droppedMeanwhile }
    let bytes = try writer.finish(sign: sign)
    return Summary(
      bytes: bytes, events: events.count, redactedEvents: events.redacted,
      outputBytes: output.bytes,
      missingPieces: output.missingPieces, missing: output.missing, otherEvents: chain.others,
      gapsWithin: chain.gapsWithin, head: chain.head, hasEnded: events.last.hasEnded,
      isLinked: !extent.isAlone)
  }

  /// The events may end at another moment than the one that the record is of.
  private func note(_ last: EventsWritten.Last) -> String? {
    switch (record.endedAt != nil, last.hasEnded) {
    case (true, false): "what was recorded up to event \(last.position.seq), before the run's end"
    case (false, true): "the run's end too, which came while this was made"
    case (true, true), (false, false): nil
    }
  }

  private func isDropped() throws -> Bool {
    let head = try session.reader.head().seq
    let stretch = try session.reader.chain(after: record.createdSeq - 1, upTo: head, limit: 1)
    guard case .dropped = stretch.links.first else { return false }
    return true
  }

  /// The events that tell of what was redacted in that part of the chain.
  private func told(from start: Seq, upTo end: Seq) -> [Seq] {
    let found = redactions.sorted.filter { $0.seq > start && $0.seq <= end }
    return Set(found.map(\.replacement.by)).sorted()
  }

  /// - Throws: where an event is not what was recorded, nor what was put in its place.
  private func check(_ event: Event, after previous: Digest) throws {
    guard !ChainLine.fits(event, after: previous, redactions) else { return }
    guard try session.reader.redactions() == redactions else { throw Refusal.redactedMeanwhile }
    throw damaged("event \(event.seq) and its digest do not fit the event before it")
  }

  private func damaged(_ reason: String) -> LedgerError {
    .damaged(path: session.directory.path, reason: reason)
  }

  // MARK: Events

  private struct EventsWritten {
    var count: Int64 = 0
    var redacted: Int64 = 0
    var from = ChainPosition(seq: .start, digest: .ofNothing)
    var last = Last()

    struct Last {
      var n: Int64 = 0
      var position = ChainPosition(seq: .start, digest: .ofNothing)
      var hasEnded = false
    }
  }

  private func writeEvents(to writer: inout BundleWriter) throws -> EventsWritten {
    var written = EventsWritten()
    try writer.begin(.events)
    while true {
      let page = try session.reader.linkedEvents(
        of: record.instance, after: written.last.n, upTo: end.seq)
      for (event, previous) in page {
        try check(event, after: previous)
        if let replacement = redactions[event.seq] {
          guard !extent.isAlone else { throw Refusal.redacted(by: replacement.by) }
          written.redacted += 1
        }
        if written.count == 0 {
          guard event.n == 1 else {
            if try isDropped() { throw Refusal.droppedMeanwhile }
            throw damaged("the run's first event is not there")
          }
          written.from = ChainPosition(seq: event.seq - 1, digest: previous)
        }
        written.count += 1
        written.last = .init(
          n: event.n ?? 0, position: ChainPosition(seq: event.seq, digest: event.digest),
          hasEnded: event.kind.isTerminal)
        try writer.write(line: ChainLine.json(LinkedEvent(event, previous: previous)))
      }
      if page.isEmpty { break }
    }
    guard written.count > 0 else {
      if try isDropped() { throw Refusal.droppedMeanwhile }
      throw damaged("the run's events are not there")
    }
    try writer.end()
    return written
  }

  // MARK: Output

  private struct OutputWritten {
    var bytes: Int64 = 0
    var missingPieces: Int64 = 0
    var missing: OutputPiece.Missing?
    var excerpt = OutputExcerpt()
  }

  /// Bytes and pieces are known together, and a member is written after the other: the pieces wait in a file without a name.
  private func writeOutput(
    upTo last: Int64, to writer: inout BundleWriter, _ progress: (Int64, Int64) -> Void
  ) throws -> OutputWritten {
    var written = OutputWritten()
    var count: Int64 = 0
    var isDropped = record.outputRemovedAt != nil
    var isKnown = isDropped
    let pieces = try WaitingLines()
    try writer.begin(.output)
    try forEachPiece(upTo: last) { piece in
      if case .absent = piece.content, !isKnown {
        // Nobody else takes it away.
        isDropped = try session.reader.hasDroppedOutput(of: record.instance)
        isKnown = true
      }
      let line = OutputPiece(seq: piece.seq, content(of: piece, isDropped: isDropped))
      try pieces.append(line.json.text)
      switch line.content {
      case .missing(let missing):
        written.missingPieces += 1
        written.missing = written.missing ?? missing
      case .bytes:
        guard case .chunk(let chunk) = piece.content else { return }
        try chunk.bytes.withUnsafeBytes { bytes throws in try writer.write(bytes) }
        var start = 0
        for run in chunk.runs {
          written.excerpt.append(chunk.bytes[start..<(start + run.length)], run.stream)
          start += run.length
        }
        written.bytes += Int64(chunk.bytes.count)
        count += 1
        progress(count, written.bytes)
      }
    }
    try writer.end()
    try writer.begin(.pieces)
    try pieces.forEach { bytes throws in try writer.write(bytes) }
    try writer.end()
    written.excerpt.finish()
    return written
  }

  private func forEachPiece(
    upTo last: Int64, _ body: (OutputBatch.Piece) throws -> Void
  ) throws {
    var n: Int64 = 0
    while true {
      let batch = try session.reader.outputBatch(
        of: record.instance, after: n, upTo: last, limit: 16, bytes: LedgerReader.outputAtOnce)
      for piece in batch.pieces {
        try body(piece)
        n = piece.n
      }
      guard batch.hasMore else { return }
    }
  }

  private func content(
    of piece: OutputBatch.Piece, isDropped: Bool
  ) -> OutputPiece.Content {
    switch piece.content {
    case .chunk(let chunk):
      .bytes(
        Int64(chunk.bytes.count),
        chunk.runs.map {
          .init(stream: $0.stream, offset: $0.offset, length: Int64($0.length))
        })
    case .damaged, .gap: .missing(.damaged)
    case .absent: .missing(isDropped ? .droppedByRetention : .damaged)
    }
  }

  // MARK: Chain

  private struct ChainWritten {
    var head: ChainPosition
    var others: Int64 = 0
    var gapsWithin: Int64 = 0
  }

  /// Behind the run's end it goes on as far as nothing was dropped: what comes behind that proves nothing of the run.
  private func writeChain(
    _ events: EventsWritten, to writer: inout BundleWriter
  ) throws -> ChainWritten {
    guard !extent.isAlone else { return ChainWritten(head: events.last.position) }
    var written = ChainWritten(head: events.from)
    // What tells of a redaction is needed.
    let needed =
      redactions.sorted.filter { $0.seq > events.from.seq }.map(\.replacement.by).max()
      .map { max($0, events.last.position.seq) } ?? events.last.position.seq
    try writer.begin(.chain)
    walk: while written.head.seq < end.seq {
      let stretch = try session.reader.chain(after: written.head.seq, upTo: end.seq)
      if stretch.links.isEmpty { break }
      for link in stretch.links {
        switch link {
        case .event(let event):
          try check(event, after: written.head.digest)
          written.head = ChainPosition(seq: event.seq, digest: event.digest)
          guard event.instance != record.instance else { continue }
          written.others += 1
          try writer.write(line: ChainLine.json(.event(event)))
        case .dropped(let range, let digest):
          guard range.lowerBound < needed else { break walk }
          written.gapsWithin += 1
          written.head = ChainPosition(seq: range.upperBound, digest: digest)
          try writer.write(line: ChainLine.json(.gap(range, digest)))
        }
      }
    }
    try writer.end()
    return written
  }

  // MARK: Report

  private func write(
    _ begun: BundleReport, upTo last: Int64, _ excerpt: OutputExcerpt,
    to writer: inout BundleWriter
  ) throws {
    var report = begun
    try writer.begin(.report)
    try writer.write(report.beginning)
    var n: Int64 = 0
    while n < last {
      let page = try session.reader.events(of: record.instance, after: n)
      for event in page where event.n ?? 0 <= last { try writer.write(report.row(event)) }
      guard let next = page.last?.n else { break }
      n = next
    }
    try writer.write(report.ending(excerpt))
    try writer.end()
  }
}
