package import Events
package import Ledger

/// An instance's output as it stands in the ledger. Read chunk by chunk, found by (instance, n) alone: memory does not
/// grow with the output.
package struct RecordedOutput {
  private let reader: LedgerReader
  package let instance: InstanceID
  /// Nil for both, as they came.
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
    case damaged(seq: Int64)
    /// Retention has dropped what comes here, or some of it; told once.
    case dropped
  }

  private static let batch = 16

  /// Gives the output from that position on to `body`, up to what is recorded by now, and returns where it ends.
  package func forEachPart(
    from start: Position = .start, _ body: (Part) throws -> Void
  ) throws -> Position {
    var position = start
    // A position inside a chunk: that chunk comes first again.
    var after = start.skip > 0 ? start.n - 1 : start.n
    var hasToldDropped = false
    func tellDropped() throws {
      if !hasToldDropped { try body(.dropped) }
      hasToldDropped = true
    }
    while true {
      let batch = try reader.outputBatch(of: instance, after: after, limit: Self.batch)
      if batch.followsDropped { try tellDropped() }
      for piece in batch.pieces {
        let skip = piece.n == start.n ? start.skip : 0
        switch piece.content {
        case .chunk(let chunk):
          let bytes = wanted(chunk)
          if skip < bytes.count { try body(.bytes(bytes[skip...])) }
        case .damaged: try body(.damaged(seq: piece.seq))
        case .absent:
          // Nobody else takes it away.
          if try hasToldDropped || reader.hasDroppedOutput(of: instance) {
            try tellDropped()
          } else {
            try body(.damaged(seq: piece.seq))
          }
        }
        after = piece.n
        position = Position(n: piece.n, skip: 0)
      }
      if !batch.hasMore { return position }
    }
  }

  /// Where the last `count` lines begin. A last line without a line feed counts.
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
