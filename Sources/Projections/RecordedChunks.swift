package import Events
package import Ledger

/// The chunks of an instance's output as they stand in the ledger, one after the other: for who takes them at his own pace.
/// Memory does not grow with the output.
package struct RecordedChunks {
  /// A piece that stands at a place of the output.
  package enum Part {
    /// - Parameters:
    ///   - n: of its event.
    ///   - at: when its first byte was read.
    case chunk(OutputChunk, n: Int64, at: WallTime)
    case damaged(OutputBatch.Piece)
    /// The piece is gone; nil where it is only known that something was there.
    case dropped(OutputBatch.Piece?)
    /// Output that was passed on and not recorded stood here.
    case gap(OutputGap, n: Int64)

    /// The number of its event; nil where nothing is left of that.
    package var n: Int64? {
      switch self {
      case .chunk(_, let n, _): n
      case .damaged(let piece): piece.n
      case .dropped(let piece): piece?.n
      case .gap(_, let n): n
      }
    }
  }

  /// A place between two of them, from which another reader of the ledger may go on.
  package struct Place: Sendable {
    fileprivate var after: Int64
    fileprivate var isKnownDropped = false

    /// - Parameter n: behind the instance's event of that number.
    package init(after n: Int64 = 0) { after = n }
  }

  private static let batchLimit = 16

  private let reader: LedgerReader
  private let instance: InstanceID
  private let end: Int64
  private let bytes: Int
  private var pieces: ArraySlice<OutputBatch.Piece> = []
  /// Behind the last one that was given.
  private(set) package var place: Place
  /// False when nothing is left in the ledger behind what was read.
  private(set) var mayHaveMore = true

  /// - Parameters:
  ///   - place: what stands behind it is given.
  ///   - end: the instance's last event that counts.
  ///   - bytes: about so many are read at once.
  package init(
    _ reader: LedgerReader, _ instance: InstanceID, from place: Place = Place(),
    upTo end: Int64 = .max,
    bytes: Int = LedgerReader.outputAtOnce
  ) {
    (self.reader, self.instance, self.place) = (reader, instance, place)
    (self.end, self.bytes) = (end, bytes)
  }

  /// True when the next one has been read already.
  var hasNextAtHand: Bool { !pieces.isEmpty }

  /// The next of what was recorded when it is asked for; nil at the end.
  package mutating func next() throws -> Part? {
    while true {
      guard let piece = try nextPiece() else { return nil }
      // Where nothing is missing it was not delivered, and stands in the record.
      if case .gap(let gap, _) = piece, gap.bytes <= 0 { continue }
      return piece
    }
  }

  private mutating func nextPiece() throws -> Part? {
    while pieces.isEmpty {
      guard mayHaveMore else { return nil }
      let batch = try reader.outputBatch(
        of: instance, after: place.after, upTo: end, limit: Self.batchLimit, bytes: bytes,
        withGaps: true)
      (pieces, mayHaveMore) = (batch.pieces[...], batch.hasMore)
      if batch.followsDropped, !place.isKnownDropped {
        place.isKnownDropped = true
        return .dropped(nil)
      }
    }
    let piece = pieces.removeFirst()
    place.after = piece.n
    switch piece.content {
    case .chunk(let chunk): return .chunk(chunk, n: piece.n, at: piece.at)
    case .damaged: return .damaged(piece)
    case .gap(let gap): return .gap(gap, n: piece.n)
    case .absent:
      // Nobody else takes it away.
      place.isKnownDropped =
        try place.isKnownDropped || reader.hasDroppedOutput(of: instance)
      return place.isKnownDropped ? .dropped(piece) : .damaged(piece)
    }
  }
}
