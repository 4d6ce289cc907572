internal import Events
internal import Ledger

/// A run's output as it came: pieces of one stream each, with their own times.
struct TimedOutput {
  enum Item {
    /// Bytes of one stream, and the time when they were read, microseconds since 1970.
    case bytes(ArraySlice<UInt8>, OutputStream, at: WallTime)
    /// So many bytes are missing here, and why.
    case missing(Int64, String, at: WallTime)
  }

  private let session: LedgerSession
  private let instance: InstanceID
  private let isDropped: Bool

  init(of instance: InstanceID, in session: LedgerSession, isDropped: Bool) {
    self.session = session
    self.instance = instance
    self.isDropped = isDropped
  }

  func forEach(_ body: (Item) throws -> Void) throws {
    var n: Int64 = 0
    while true {
      let batch = try session.reader.outputBatch(
        of: instance, after: n, upTo: .max, limit: 16, bytes: LedgerReader.outputAtOnce,
        withGaps: true)
      for piece in batch.pieces {
        n = piece.n
        switch piece.content {
        case .chunk(let chunk):
          var start = 0
          for run in chunk.runs {
            let end = start + run.length
            try body(.bytes(chunk.bytes[start..<end], run.stream, at: piece.at + run.offset))
            start = end
          }
        case .damaged:
          try body(.missing(piece.totals.bytes, "damaged in the ledger", at: piece.at))
        case .absent:
          let why = isDropped ? "dropped by retention" : "damaged in the ledger"
          try body(.missing(piece.totals.bytes, why, at: piece.at))
        case .gap(let gap) where gap.bytes > 0:
          try body(.missing(gap.bytes, "not recorded: \(gap.reason)", at: piece.at))
        case .gap: break
        }
      }
      guard batch.hasMore else { return }
    }
  }
}
