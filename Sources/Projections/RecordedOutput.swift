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
    from start: Position = .start, _ body: (Piece) throws -> Void
  ) throws -> Position {
    var at = WallTime.epoch
    return try forEachChunk(from: start, began: { at = $0 }) { piece, skip in
      switch piece {
      case .chunk(let chunk): try forEachStretch(of: chunk, at: at, after: skip, body)
      case .damaged(let damaged):
        try body(.damaged(seq: damaged.seq, bytes: size(damaged.totals)))
      case .dropped(let dropped): try body(.dropped(bytes: dropped.map { size($0.totals) } ?? 0))
      }
    }
  }

  /// A piece that stands at a place of the output.
  private enum Found {
    case chunk(OutputChunk)
    case damaged(OutputBatch.Piece)
    /// The piece is gone; nil where it is only known that something was there.
    case dropped(OutputBatch.Piece?)
  }

  /// - Parameter began: told when a chunk's first byte was read, before the chunk is given.
  private func forEachChunk(
    from start: Position, began: (WallTime) -> Void = { _ in },
    _ body: (Found, _ skip: Int) throws -> Void
  ) throws -> Position {
    var position = start
    // A position inside a chunk: that chunk comes first again.
    var after = start.skip > 0 ? start.n - 1 : start.n
    var isKnownDropped = false
    while true {
      let batch = try reader.outputBatch(of: instance, after: after, limit: Self.batch)
      if batch.followsDropped {
        try body(.dropped(nil), 0)
        isKnownDropped = true
      }
      for piece in batch.pieces {
        let skip = piece.n == start.n ? start.skip : 0
        began(piece.at)
        switch piece.content {
        case .chunk(let chunk): try body(.chunk(chunk), skip)
        case .damaged: try body(.damaged(piece), skip)
        case .absent:
          // Nobody else takes it away.
          isKnownDropped = try isKnownDropped || reader.hasDroppedOutput(of: instance)
          try body(isKnownDropped ? .dropped(piece) : .damaged(piece), skip)
        }
        after = piece.n
        position = Position(n: piece.n, skip: 0)
      }
      if !batch.hasMore { return position }
    }
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

  /// Returns the size of the wanted stream's part, in bytes.
  private func size(_ totals: OutputTotals) -> Int64 {
    switch stream {
    case .stdout: totals.stdoutBytes
    case .stderr: totals.stderrBytes
    case nil: totals.bytes
    }
  }

  /// The place that so many bytes of the wanted stream are before; the end where there are not so many.
  package func position(atOffset offset: Int64) throws -> Position {
    var (found, left) = (Position.start, max(0, offset))
    try reader.forEachOutputSize(of: instance) { n, totals in
      let size = size(totals)
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
      if n <= position.n { offset += isInside ? Int64(position.skip) : size(totals) }
      return n < position.n
    }
    return offset
  }

  /// Returns the position at which the last `count` lines begin. A last line without a line feed counts.
  package func startOfLastLines(_ count: Int) throws -> Position {
    guard count > 0 else { return try end() }
    var wantedFeeds = count
    var before = Int64.max
    var isLastByte = true
    while true {
      let pieces = try reader.output(
        of: instance, before: before, order: .descending, limit: 1)
      guard let piece = pieces.first else { return .start }
      before = piece.n
      guard let chunk = piece.chunk else { continue }
      let bytes = wanted(chunk)
      var index = bytes.count
      while index > 0 {
        index -= 1
        // The very last line feed ends the last line and begins none.
        if bytes[index] == 0x0a, !isLastByte {
          wantedFeeds -= 1
          if wantedFeeds == 0 { return Position(n: piece.n, skip: index + 1) }
        }
        isLastByte = false
      }
    }
  }

  /// Behind all that is recorded by now.
  package func end() throws -> Position {
    let last = try reader.output(of: instance, order: .descending, limit: 1).first
    return Position(n: last?.n ?? 0, skip: 0)
  }

  private func wanted(_ chunk: OutputChunk) -> ArraySlice<UInt8> {
    guard let stream else { return chunk.bytes[...] }
    return chunk.bytes(of: stream)[...]
  }
}
