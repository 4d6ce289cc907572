package import Events
package import Ledger

/// An instance's output as it stands in the ledger. Read chunk by chunk, found by (instance, n) alone: memory does not
/// grow with the output.
package struct RecordedOutput {
  private let reader: LedgerReader
  package let instance: InstanceID
  /// The wanted stream; nil for both, as they came.
  package let stream: OutputStream?

  package init(_ reader: LedgerReader, _ instance: InstanceID, stream: OutputStream?) {
    self.reader = reader
    self.instance = instance
    self.stream = stream
  }

  /// A place between two bytes of the output: chunk, and bytes of the wanted stream to skip in it.
  package struct Position: Equatable, Sendable {
    package var n: Int64
    package var skip: Int

    package init(n: Int64, skip: Int) { (self.n, self.skip) = (n, skip) }

    package static let start = Position(n: 0, skip: 0)
  }

  /// A part of the output, in order.
  package enum Part {
    case bytes(ArraySlice<UInt8>)
    /// A chunk cannot be read: what is stored of it is damaged.
    case damaged(seq: Seq)
    /// Retention has dropped what comes here, or some of it; told once.
    case dropped
  }

  /// A part of the output that keeps what is known of it.
  package enum Piece {
    /// Consecutive bytes of one stream, and when the first of them was read.
    case bytes(ArraySlice<UInt8>, OutputStream, at: WallTime)
    /// A chunk cannot be read; so many bytes of the wanted stream are missing.
    case damaged(seq: Seq, bytes: Int64)
    /// Retention has dropped so many bytes here; 0 where that is not known.
    case dropped(bytes: Int64)
  }

  private static let batch = 16

  /// Gives the output from that position on to `body`, up to what is recorded by now, and returns where it ends.
  package func forEachPart(
    from start: Position = .start, _ body: (Part) throws -> Void
  ) throws -> Position {
    var hasToldDropped = false
    return try forEachChunk(from: start) { piece, skip in
      switch piece {
      case .chunk(let chunk):
        let bytes = wanted(chunk)
        if skip < bytes.count { try body(.bytes(bytes[skip...])) }
      case .damaged(let damaged): try body(.damaged(seq: damaged.seq))
      case .dropped:
        if !hasToldDropped { try body(.dropped) }
        hasToldDropped = true
      }
    }
  }

  /// The same, with streams and times.
  package func forEachPiece(
    from start: Position = .start, upTo end: Int64 = .max, _ body: (Piece) throws -> Void
  ) throws -> Position {
    var (position, hasMore) = (start, true)
    while hasMore {
      (position, hasMore) = try forSomePieces(
        from: position, upTo: end, bytes: LedgerReader.outputAtOnce, body)
    }
    return position
  }

  /// The same of what is read at once: some `bytes`, and a chunk more. Where it ends there may be more.
  /// - Parameter end: the instance's last event that counts.
  package func forSomePieces(
    from start: Position, upTo end: Int64, bytes: Int, _ body: (Piece) throws -> Void
  ) throws -> (position: Position, hasMore: Bool) {
    var at = WallTime.epoch
    var reading = Reading(position: start)
    let hasMore = try forSomeChunks(&reading, upTo: end, bytes: bytes, began: { at = $0 }) {
      piece, skip in
      switch piece {
      case .chunk(let chunk): try forEachStretch(of: chunk, at: at, after: skip, body)
      case .damaged(let damaged):
        try body(.damaged(seq: damaged.seq, bytes: damaged.totals.bytes(of: stream)))
      case .dropped(let dropped):
        try body(.dropped(bytes: dropped.map { $0.totals.bytes(of: stream) } ?? 0))
      }
    }
    return (reading.position, hasMore)
  }

  /// A piece that stands at a place of the output.
  private enum Found {
    case chunk(OutputChunk)
    case damaged(OutputBatch.Piece)
    /// The piece is gone; nil where it is only known that something was there.
    case dropped(OutputBatch.Piece?)
  }

  private func forEachChunk(
    from start: Position, _ body: (Found, _ skip: Int) throws -> Void
  ) throws -> Position {
    var reading = Reading(position: start)
    while try forSomeChunks(&reading, upTo: .max, bytes: LedgerReader.outputAtOnce, body) {}
    return reading.position
  }

  /// The place that a reader has reached.
  private struct Reading {
    var position: Position
    var isKnownDropped = false
  }

  /// - Parameter began: told when a chunk's first byte was read, before the chunk is given.
  /// - Returns: whether there are more.
  private func forSomeChunks(
    _ reading: inout Reading, upTo end: Int64, bytes: Int,
    began: (WallTime) -> Void = { _ in }, _ body: (Found, _ skip: Int) throws -> Void
  ) throws -> Bool {
    let start = reading.position
    // A position inside a chunk: that chunk comes first again.
    let batch = try reader.outputBatch(
      of: instance, after: start.skip > 0 ? start.n - 1 : start.n, upTo: end, limit: Self.batch,
      bytes: bytes)
    if batch.followsDropped {
      try body(.dropped(nil), 0)
      reading.isKnownDropped = true
    }
    for piece in batch.pieces {
      let skip = piece.n == start.n ? start.skip : 0
      began(piece.at)
      switch piece.content {
      case .chunk(let chunk): try body(.chunk(chunk), skip)
      case .damaged: try body(.damaged(piece), skip)
      case .absent:
        // Nobody else takes it away.
        reading.isKnownDropped =
          try reading.isKnownDropped || reader.hasDroppedOutput(of: instance)
        try body(reading.isKnownDropped ? .dropped(piece) : .damaged(piece), skip)
      }
      reading.position = Position(n: piece.n, skip: 0)
    }
    return batch.hasMore
  }

  /// Gives the chunk's bytes, those of one stream that follow one another together.
  private func forEachStretch(
    of chunk: OutputChunk, at: WallTime, after skip: Int, _ body: (Piece) throws -> Void
  ) throws {
    if let stream {
      let bytes = chunk.bytes(of: stream)
      guard skip < bytes.count else { return }
      let first = chunk.runs.first { $0.stream == stream }?.offset ?? 0
      return try body(.bytes(bytes[skip...], stream, at: at + first))
    }
    var (begin, end) = (0, 0)
    var first: OutputSegment?
    func give() throws {
      guard let first, end > max(begin, skip) else { return }
      try body(.bytes(chunk.bytes[max(begin, skip)..<end], first.stream, at: at + first.offset))
    }
    for run in chunk.runs {
      if run.stream != first?.stream {
        try give()
        (begin, first) = (end, run)
      }
      end += run.length
    }
    try give()
  }

  /// The place that so many bytes of the wanted stream are before; the end where there are not so many.
  package func position(atOffset offset: Int64) throws -> Position {
    var (found, left) = (Position.start, max(0, offset))
    try reader.forEachOutputSize(of: instance) { n, totals in
      let size = totals.bytes(of: stream)
      if left > 0 { found = Position(n: n, skip: left < size ? Int(left) : 0) }
      left -= min(left, size)
      return left > 0
    }
    return found
  }

  /// Returns the number of bytes of the wanted stream before the place.
  package func offset(of position: Position) throws -> Int64 {
    var offset: Int64 = 0
    try reader.forEachOutputSize(of: instance) { n, totals in
      let isInside = n == position.n && position.skip > 0
      if n <= position.n { offset += isInside ? Int64(position.skip) : totals.bytes(of: stream) }
      return n < position.n
    }
    return offset
  }

  /// Behind all that is recorded by now.
  package func end() throws -> Position {
    let last = try reader.output(of: instance, order: .descending, limit: 1).first
    return Position(n: last?.n ?? 0, skip: 0)
  }

  /// The one with the greatest `n` below that; nil where there is none.
  func chunk(before n: Int64) throws -> LedgerReader.StoredOutput? {
    try reader.output(of: instance, before: n, order: .descending, limit: 1).first
  }

  func wanted(_ chunk: OutputChunk) -> ArraySlice<UInt8> {
    guard let stream else { return chunk.bytes[...] }
    return chunk.bytes(of: stream)[...]
  }
}
