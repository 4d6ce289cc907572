internal import Events
internal import Maintenance
internal import Matching

/// Looks through one stream of an instance's output, piece by piece, for what stands within pieces and across them. Memory: a few
/// MiB, however long the stream or its lines are.
struct StreamSearch {
  /// So much is looked through at once.
  private static let window = 4 << 20
  /// The bytes at the end in which what begins is looked for again, with what comes behind: so long is what is found for certain.
  private static let overlap = 1 << 20
  /// So much before it can decide whether something is found there.
  private static let lookBehind = 4 << 10

  /// Consecutive bytes of the text, and where they stand.
  private struct Span {
    let start: Int
    let count: Int
    let n: Int64
    let payload: Digest
    /// The place in the piece's bytes.
    let offset: Int
  }

  /// A cut in the piece of output that has that `n`.
  struct Found {
    let n: Int64
    let payload: Digest
    let cut: OutputCuts.Cut
  }

  private let pattern: SecretPattern
  private var text: [UInt8] = []
  private var spans: [Span] = []
  /// Up to there nothing is to be found any more.
  private var searched = 0
  private var isFirst = true
  private(set) var places: Int64 = 0

  init(_ pattern: SecretPattern) { self.pattern = pattern }

  mutating func append(
    _ bytes: ArraySlice<UInt8>, of n: Int64, payload: Digest, at offset: Int
  ) throws -> [Found] {
    guard !bytes.isEmpty else { return [] }
    spans.append(
      Span(start: text.count, count: bytes.count, n: n, payload: payload, offset: offset))
    text += bytes
    guard text.count >= Self.window else { return [] }
    return try search(isLast: false)
  }

  /// At the end of the stream, and where something is missing in it.
  mutating func finish() throws -> [Found] {
    let found = try search(isLast: true)
    text.removeAll(keepingCapacity: true)
    spans.removeAll()
    searched = 0
    return found
  }

  private mutating func search(isLast: Bool) throws -> [Found] {
    var ranges: [(whole: Range<Int>, parts: [Range<Int>])] = []
    // What begins behind this is found the next time.
    let end = isLast ? text.count : text.count - Self.overlap
    var kept = max(searched, end)
    try text.withUnsafeBytes { text throws in
      var start = searched
      while start < end,
        let range = try pattern.matcher.next(
          in: text, from: start, isFirst: isFirst, isLast: isLast)
      {
        // It may go on; unless it is longer than what is certain to be found.
        if range.lowerBound >= end
          || (range.upperBound == text.count && !isLast && range.count < Self.overlap)
        {
          kept = min(kept, range.lowerBound)
          break
        }
        ranges.append((range, SecretPattern.places(range, in: text)))
        start = range.upperBound
        kept = max(kept, start)
      }
    }
    searched = min(kept, text.count)
    let found = ranges.flatMap { $0.parts.flatMap { cuts(of: $0) } }
    places += ranges.reduce(0) { $0 + Int64($1.parts.count) }
    if !isLast { forget() }
    return found
  }

  /// The first piece gets what comes in its place, and the others lose their part; where the length stays, each keeps its own.
  private func cuts(of place: Range<Int>) -> [Found] {
    var replacement = pattern.replacement(for: place.count)[...]
    var found: [Found] = []
    for span in spans[firstSpan(of: place.lowerBound)...] {
      let part = place.clamped(to: span.start..<(span.start + span.count))
      guard !part.isEmpty else { break }
      let own = pattern.keepsLength ? replacement.prefix(part.count) : replacement
      replacement = replacement.dropFirst(own.count)
      let lower = span.offset + part.lowerBound - span.start
      found.append(
        Found(
          n: span.n, payload: span.payload,
          cut: OutputCuts.Cut(lower..<(lower + part.count), Array(own))))
    }
    return found
  }

  private func firstSpan(of place: Int) -> Int {
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].start + spans[middle].count <= place {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private mutating func forget() {
    var start = max(0, searched - Self.lookBehind)
    // Not inside of a character.
    while start > 0, text[start] & 0xc0 == 0x80 { start -= 1 }
    guard start > 0 else { return }
    isFirst = false
    let first = firstSpan(of: start)
    text.removeFirst(start)
    searched -= start
    spans = spans[first...].map { span in
      let cut = max(0, start - span.start)
      return Span(
        start: max(0, span.start - start), count: span.count - cut, n: span.n,
        payload: span.payload, offset: span.offset + cut)
    }
  }
}
