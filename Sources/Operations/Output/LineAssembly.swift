package import Events
package import Ledger
internal import Linux
internal import Matching

/// Makes texts of lines of the chunks of an output. A line is one of its stream: where both streams are wanted, it stands
/// where it ended, and no line has anything of the other stream in it.
///
/// Memory: a chunk, and for each stream the beginning of a line, at most `limit` and a chunk more.
package struct LineAssembly: Sendable {
  /// A line that is longer, and goes on, is given in parts, of which each begins with the last `overlap` bytes of the one before.
  package static let limit = 1 << 20
  package static let overlap = 4096

  /// A line that has not ended yet.
  private struct Open: Sendable {
    var bytes: [UInt8] = []
    var at = WallTime.epoch
    /// The line has begun in a part; so many of the bytes were in it.
    var overlap: Int?
    var isEmpty: Bool { bytes.isEmpty && overlap == nil }
  }

  private let stream: OutputStream?
  private let limit: Int
  private let overlap: Int
  private var open: [Open]
  private var block = TextBlock()
  private var ready: [OutputText] = []

  /// - Parameter stream: nil for both.
  package init(
    _ stream: OutputStream?, limit: Int = LineAssembly.limit, overlap: Int = LineAssembly.overlap
  ) {
    (self.stream, self.limit, self.overlap) = (stream, limit, overlap)
    open = OutputStream.allCases.map { _ in Open() }
  }

  /// Takes the next chunk; returns what it completes.
  /// - Parameter at: when its first byte was read.
  package mutating func take(_ chunk: OutputChunk, at: WallTime) -> [OutputText] {
    chunk.bytes.withUnsafeBytes { bytes in
      var (first, begin, end) = (0, 0, 0)
      for (index, run) in chunk.runs.enumerated() {
        end += run.length
        let isEnd = index + 1 == chunk.runs.count || chunk.runs[index + 1].stream != run.stream
        guard isEnd else { continue }
        if stream == nil || stream == run.stream {
          take(
            UnsafeRawBufferPointer(rebasing: bytes[begin..<end]), chunk.runs[first...index], at: at)
        }
        (first, begin) = (index + 1, end)
      }
    }
    return takeReady()
  }

  /// The lines that have not ended: nothing that belongs to them comes.
  package mutating func finish() -> [OutputText] {
    let streams = OutputStream.allCases.filter { !open[Int($0.rawValue)].isEmpty }
      .sorted { open[Int($0.rawValue)].at < open[Int($1.rawValue)].at }
    for stream in streams {
      let line = open[Int(stream.rawValue)]
      open[Int(stream.rawValue)] = Open()
      if let overlap = line.overlap {
        giveBlock()
        ready.append(
          .part(
            LinePart(
              stream: stream, at: line.at, bytes: line.bytes, overlap: overlap, isLast: true)))
      } else {
        block.mark(stream, at: line.at)
        line.bytes.withUnsafeBytes { block.append($0) }
        giveBlock()
      }
    }
    return takeReady()
  }

  /// Consecutive bytes of one stream.
  private mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ runs: ArraySlice<OutputSegment>, at: WallTime
  ) {
    guard let stream = runs.first?.stream else { return }
    let place = Int(stream.rawValue)
    var begin = 0
    if open[place].overlap != nil {
      begin = min(LineMatcher.end(ofLineAt: 0, in: bytes) + 1, bytes.count)
      open[place].bytes.append(contentsOf: bytes[..<begin])
      if begin > 0, bytes[begin - 1] == 0x0a {
        open[place].bytes.removeLast()
        givePart(stream, isLast: true)
      }
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[begin...])
    let end = begin + LinePieces.wholeLines(rest)
    if end > begin {
      if !open[place].isEmpty {
        block.mark(stream, at: open[place].at)
        open[place].bytes.withUnsafeBytes { block.append($0) }
        open[place] = Open()
      }
      append(bytes, begin..<end, runs, at: at)
    }
    guard end < bytes.count else { return giveLongPart(stream) }
    if open[place].isEmpty { open[place].at = Self.time(of: end, runs, at: at) }
    open[place].bytes.append(contentsOf: bytes[end...])
    giveLongPart(stream)
  }

  private mutating func append(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ runs: ArraySlice<OutputSegment>,
    at: WallTime
  ) {
    var begin = 0
    for run in runs {
      let end = begin + run.length
      let wanted = range.clamped(to: begin..<end)
      if !wanted.isEmpty {
        block.mark(run.stream, at: at + run.offset)
        block.append(UnsafeRawBufferPointer(rebasing: bytes[wanted]))
      }
      begin = end
    }
  }

  private static func time(of offset: Int, _ runs: ArraySlice<OutputSegment>, at: WallTime)
    -> WallTime
  {
    var end = 0
    for run in runs {
      end += run.length
      if offset < end { return at + run.offset }
    }
    return at
  }

  private mutating func giveLongPart(_ stream: OutputStream) {
    if open[Int(stream.rawValue)].bytes.count > limit { givePart(stream, isLast: false) }
  }

  private mutating func givePart(_ stream: OutputStream, isLast: Bool) {
    giveBlock()
    let line = open[Int(stream.rawValue)]
    ready.append(
      .part(
        LinePart(
          stream: stream, at: line.at, bytes: line.bytes, overlap: line.overlap ?? 0,
          isLast: isLast)))
    open[Int(stream.rawValue)] = Open()
    guard !isLast else { return }
    let kept = line.bytes.suffix(overlap)
    open[Int(stream.rawValue)] = Open(bytes: Array(kept), at: line.at, overlap: kept.count)
  }

  private mutating func giveBlock() {
    guard !block.bytes.isEmpty else { return }
    ready.append(.lines(block))
    block = TextBlock()
  }

  private mutating func takeReady() -> [OutputText] {
    giveBlock()
    defer { ready = [] }
    return ready
  }
}
