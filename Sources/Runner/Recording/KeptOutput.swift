internal import Events
internal import Ledger
internal import Linux
internal import Settings

/// The part of a run's output that is recorded where there is a limit (`--keep-output`): its beginning, as it comes, and its
/// end, which is known when the run has ended and is held until then. Part of the recorder's thread.
///
/// Memory: the end, at most `longestEnd` bytes, and a piece more. A runner that is killed loses what it holds.
struct KeptOutput {
  /// Consecutive bytes, and when the first of them was read.
  struct Piece {
    fileprivate(set) var at: WallTime
    fileprivate(set) var mono: BootTime
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var runs: [OutputSegment] = []
  }

  static let longestEnd = 8 << 20
  static let pieceBytes = 256 << 10
  /// Runs of one stream: who writes byte by byte has many.
  private static let pieceRuns = 4096
  private static let mostPieces = 128
  /// The end begins with a whole line where that is so near.
  private static let nearestLine = 4096

  private let limit: Int64
  private var beginningLeft: Int64
  private var endsWithLine = false
  private var end: Int
  private var pieces: [Piece] = []
  private(set) var heldBytes = 0
  private var cutBytes: Int64 = 0

  init(limit: Int64) {
    self.limit = max(0, limit)
    end = Int(min(self.limit / 2, Int64(Self.longestEnd)))
    beginningLeft = self.limit - Int64(end)
  }

  /// The number of these bytes that belong to the beginning; all others are to be held. It ends with a whole line where
  /// there is one.
  mutating func takeBeginning(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard beginningLeft < bytes.count else {
      beginningLeft -= Int64(bytes.count)
      endsWithLine = bytes.last == 0x0a
      return bytes.count
    }
    let room = Int(beginningLeft)
    beginningLeft = 0
    let wholeLines = bytes[..<room].lastIndex(of: 0x0a).map { $0 + 1 }
    let taken = wholeLines ?? (endsWithLine ? 0 : room)
    // What the beginning leaves is the end's.
    end += room - taken
    return taken
  }

  /// Holds bytes that have come behind the beginning.
  mutating func hold(
    _ bytes: UnsafeRawBufferPointer, _ runs: ArraySlice<OutputSegment>, at: WallTime, mono: BootTime
  ) {
    guard !bytes.isEmpty else { return }
    var offset = 0
    for run in runs {
      let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + run.length])
      append(part, run.stream, at: at + run.offset, mono: mono + run.offset)
      offset += run.length
    }
    while let first = pieces.first,
      heldBytes - first.bytes.count >= end || pieces.count > Self.mostPieces
    {
      drop(first.bytes.count)
    }
  }

  private mutating func append(
    _ bytes: UnsafeRawBufferPointer, _ stream: OutputStream, at: WallTime, mono: BootTime
  ) {
    if pieces.last.map({ $0.bytes.count >= Self.pieceBytes || $0.runs.count >= Self.pieceRuns })
      ?? true
    {
      pieces.append(Piece(at: at, mono: mono))
    }
    let last = pieces.count - 1
    let offset = max(0, mono - pieces[last].mono)
    pieces[last].bytes += bytes
    pieces[last].runs.append(OutputSegment(stream: stream, offset: offset, length: bytes.count))
    heldBytes += bytes.count
  }

  /// Forgets so many of the oldest bytes, none behind their piece.
  private mutating func drop(_ count: Int) {
    guard count > 0 else { return }
    cutBytes += Int64(count)
    heldBytes -= count
    guard count < pieces[0].bytes.count else {
      pieces.removeFirst()
      return
    }
    pieces[0].bytes.removeFirst(count)
    var left = count
    while left > 0, let run = pieces[0].runs.first {
      let taken = min(left, run.length)
      left -= taken
      pieces[0].runs.removeFirst()
      guard taken < run.length else { continue }
      pieces[0].runs.insert(
        OutputSegment(stream: run.stream, offset: run.offset, length: run.length - taken), at: 0)
    }
    let offset = pieces[0].runs.first?.offset ?? 0
    pieces[0].at = pieces[0].at + offset
    pieces[0].mono = pieces[0].mono + offset
    pieces[0].runs = pieces[0].runs.map {
      OutputSegment(stream: $0.stream, offset: $0.offset - offset, length: $0.length)
    }
  }

  /// The end of the output, and what stands between it and the beginning, if anything does.
  mutating func finish() -> (gap: OutputGap?, pieces: [Piece]) {
    drop(max(0, heldBytes - end))
    if cutBytes > 0, let first = pieces.first {
      let beginning = first.bytes.prefix(Self.nearestLine)
      if let lineFeed = beginning.firstIndex(of: 0x0a), lineFeed + 1 < heldBytes {
        drop(lineFeed + 1)
      }
    }
    defer { (pieces, heldBytes) = ([], 0) }
    guard cutBytes > 0 else { return (nil, pieces) }
    let reason = "--keep-output \(ByteSize.text(limit)) keeps its beginning and its end"
    return (OutputGap(bytes: cutBytes, reason: reason), pieces)
  }
}

extension [OutputSegment] {
  /// Those of the first bytes, and those of the others, whose offsets stay what they are.
  func split(at count: Int) -> (before: [OutputSegment], behind: [OutputSegment]) {
    var (before, behind): ([OutputSegment], [OutputSegment]) = ([], [])
    var left = count
    for run in self {
      let taken = Swift.min(left, run.length)
      left -= taken
      if taken > 0 {
        before.append(OutputSegment(stream: run.stream, offset: run.offset, length: taken))
      }
      if taken < run.length {
        behind.append(
          OutputSegment(stream: run.stream, offset: run.offset, length: run.length - taken))
      }
    }
    return (before, behind)
  }
}
