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
    /// Output that was passed on and not recorded stood here.
    case gap(OutputGap)
  }

  /// A part of the output that keeps what is known of it.
  package enum Piece {
    /// Consecutive bytes of one stream, and when the first of them was read.
    case bytes(ArraySlice<UInt8>, OutputStream, at: WallTime)
    /// A chunk cannot be read; so many bytes of the wanted stream are missing.
    case damaged(seq: Seq, bytes: Int64)
    /// Retention has dropped so many bytes here; 0 where that is not known.
    case dropped(bytes: Int64)
    /// Output of both streams that was passed on and not recorded stood here.
    case gap(OutputGap)
  }

  private static let batch = 16

  /// Gives the output from that position on to `body`, up to what is recorded by now, and returns where it ends.
  package func forEachPart(
    from start: Position = .start, _ body: (Part) throws -> Void
  ) throws -> Position {
    var hasToldDropped = false
    var (position, chunks, hasMore) = (start, chunks(from: start), true)
    while hasMore {
      hasMore = try forSome(of: &chunks, from: start, reached: &position) { part, skip in
        switch part {
        case .chunk(let chunk, _, _):
          let bytes = wanted(chunk)
          if skip < bytes.count { try body(.bytes(bytes[skip...])) }
        case .damaged(let damaged): try body(.damaged(seq: damaged.seq))
        case .dropped:
          if !hasToldDropped { try body(.dropped) }
          hasToldDropped = true
        case .gap(let gap, _): try body(.gap(gap))
        }
      }
    }
    return position
  }

  /// Gives some of it, about so many `bytes`, with streams and times. Where it ends there may be more.
  /// - Parameter end: the instance's last event that counts.
  package func forSomePieces(
    from start: Position, upTo end: Int64, bytes: Int, _ body: (Piece) throws -> Void
  ) throws -> (position: Position, hasMore: Bool) {
    var (position, chunks) = (start, chunks(from: start, upTo: end, bytes: bytes))
    let hasMore = try forSome(of: &chunks, from: start, reached: &position) { part, skip in
      switch part {
      case .chunk(let chunk, _, let at): try forEachStretch(of: chunk, at: at, after: skip, body)
      case .damaged(let damaged):
        try body(.damaged(seq: damaged.seq, bytes: damaged.totals.bytes(of: stream)))
      case .dropped(let dropped):
        try body(.dropped(bytes: dropped.map { $0.totals.bytes(of: stream) } ?? 0))
      case .gap(let gap, _): try body(.gap(gap))
      }
    }
    return (position, hasMore)
  }

  private func chunks(
    from start: Position, upTo end: Int64 = .max, bytes: Int = LedgerReader.outputAtOnce
  ) -> RecordedChunks {
    // A position inside a chunk: that chunk comes first again.
    RecordedChunks(
      reader, instance, from: .init(after: start.skip > 0 ? start.n - 1 : start.n), upTo: end,
      bytes: bytes)
  }

  /// Gives those that are read at once.
  /// - Returns: whether there may be more.
  private func forSome(
    of chunks: inout RecordedChunks, from start: Position, reached position: inout Position,
    _ body: (RecordedChunks.Part, _ skip: Int) throws -> Void
  ) throws -> Bool {
    repeat {
      guard let part = try chunks.next() else { return false }
      try body(part, part.n == start.n ? start.skip : 0)
      if let n = part.n { position = Position(n: n, skip: 0) }
    } while chunks.hasNextAtHand
    return chunks.mayHaveMore
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
