package import Events
package import Ledger
internal import Projections

/// Something that happens in a replay.
package enum ReplayItem: Equatable, Sendable {
  /// Bytes of one stream that were read at that time.
  case output(OutputStream, at: WallTime, ArraySlice<UInt8>)
  case event(Event)
  /// So many bytes that stood here cannot be read, or were dropped by retention (0 where that is not known).
  case damaged(seq: Seq, at: WallTime, bytes: Int64)
  case dropped(at: WallTime, bytes: Int64)
  /// Output that was passed on and not recorded stood here.
  case gap(OutputGap, at: WallTime)

  package var at: WallTime {
    switch self {
    case .output(_, let at, _), .damaged(_, let at, _), .dropped(let at, _), .gap(_, let at): at
    case .event(let event): event.at
    }
  }
}

/// An instance's output as it came, piece by piece with the time of each, and its events between them where they are wanted.
package struct ReplayItems {
  package struct Request: Sendable {
    /// The stream; nil for both.
    package var stream: OutputStream?
    /// State changes, requests, warnings too.
    package var withEvents = false
    /// Pieces of one stream that follow one another come as one: their times are of no interest.
    package var isCoalesced = false
    /// Only what happened then or later, and then or before.
    package var from: WallTime?
    package var to: WallTime?

    package init() {}
  }

  private let reader: LedgerReader
  private let instance: InstanceID
  private let request: Request
  private var chunks: RecordedChunks
  /// The pieces of the chunk that was read last, without those that were given.
  private var pieces: ArraySlice<ReplayItem> = []
  private var events: ArraySlice<Event> = []
  private var lastEvent: Int64 = 0
  private var hasMoreEvents: Bool
  /// The time of the last piece.
  private var at = WallTime.epoch
  private var isOver = false

  /// - Parameter n: of the event behind which output is read; nil to find the place by itself.
  package init(
    _ reader: LedgerReader, _ instance: InstanceID, _ request: Request, after n: Int64? = nil
  ) throws {
    (self.reader, self.instance, self.request) = (reader, instance, request)
    hasMoreEvents = request.withEvents
    var after = n ?? 0
    if n == nil, let from = request.from,
      let first = try reader.lastOutput(of: instance, notAfter: from)
    {
      after = first - 1
    }
    chunks = RecordedChunks(reader, instance, from: .init(after: after))
  }

  /// The next one; nil at the end of what is recorded and wanted.
  package mutating func next() throws -> ReplayItem? {
    while !isOver {
      guard let item = try merged() else { return nil }
      if let to = request.to, item.at > to {
        isOver = true
        return nil
      }
      if let from = request.from, item.at < from { continue }
      return item
    }
    return nil
  }

  private mutating func merged() throws -> ReplayItem? {
    while pieces.isEmpty {
      guard let part = try chunks.next() else { break }
      pieces = items(of: part)[...]
    }
    if hasMoreEvents, events.isEmpty {
      events = try reader.events(of: instance, after: lastEvent)[...]
      lastEvent = events.last?.n ?? lastEvent
      hasMoreEvents = !events.isEmpty
    }
    guard let event = events.first else { return pieces.popFirst() }
    if let piece = pieces.first, piece.at < event.at { return pieces.popFirst() }
    events.removeFirst()
    return .event(event)
  }

  private mutating func items(of part: RecordedChunks.Part) -> [ReplayItem] {
    switch part {
    case .damaged(let piece):
      at = piece.at
      return [.damaged(seq: piece.seq, at: at, bytes: size(piece))]
    case .dropped(let piece):
      at = piece?.at ?? at
      return [.dropped(at: at, bytes: piece.map(size) ?? 0)]
    // Among the events it is one.
    case .gap(let gap, _): return request.withEvents ? [] : [.gap(gap, at: at)]
    case .chunk(let chunk, _, let began):
      at = began
      return items(of: chunk, began)
    }
  }

  private func items(of chunk: OutputChunk, _ began: WallTime) -> [ReplayItem] {
    var items: [ReplayItem] = []
    var (begin, end): (Int, Int) = (0, 0)
    var first: OutputSegment?
    func give() {
      guard let first, end > begin, request.stream == nil || request.stream == first.stream else {
        return
      }
      items.append(.output(first.stream, at: began + first.offset, chunk.bytes[begin..<end]))
    }
    for run in chunk.runs {
      if !coalesces || run.stream != first?.stream {
        give()
        (begin, first) = (end, run)
      }
      end += run.length
    }
    give()
    return items
  }

  /// Not where times matter all the same.
  private var coalesces: Bool {
    request.isCoalesced && !request.withEvents && request.from == nil && request.to == nil
  }

  private func size(_ piece: OutputBatch.Piece) -> Int64 {
    switch request.stream {
    case .stdout: piece.totals.stdoutBytes
    case .stderr: piece.totals.stderrBytes
    case nil: piece.totals.bytes
    }
  }
}
