internal import Events
package import Matching

/// Looks through one output, text by text.
///
/// Memory: the lines before a hit that are asked for, of each a piece where it is long.
package struct TextSearch {
  package typealias Give = (SearchItem) throws -> Void

  /// So much is shown of a line that is too long to be kept.
  static let pieceBytes = 4096
  private static let keptBytes = 64 << 10
  /// So many matches in a line are shown where not all are wanted.
  private static let mostMatches = 1000

  private let request: SearchRequest
  private let search: LineMatcher
  /// Lines that were selected.
  package private(set) var count: Int64 = 0
  /// The last ones that were not given, of the texts before.
  private var tail: [FoundLine] = []
  /// Lines were passed over since one was given.
  private var hasSkipped = false
  private var hasGiven = false
  private var afterLeft = 0
  /// For each stream, what is known of a line that comes in parts.
  private var parts = OutputStream.allCases.map { _ in PartState() }

  private struct PartState {
    var head: FoundLine?
    var isDecided = false
  }

  /// - Parameter search: of the request's expression; for one thread at a time.
  package init(_ request: SearchRequest, _ search: LineMatcher) {
    (self.request, self.search) = (request, search)
  }

  /// Nothing more is wanted of this output.
  package var isDone: Bool { isFull && afterLeft == 0 }
  private var isFull: Bool { request.maximum.map { count >= $0 } ?? false }

  package mutating func take(_ text: OutputText, _ give: Give) throws {
    switch text {
    case .lines(let block): try take(block, give)
    case .part(let part): try take(part, give)
    case .damaged(let seq, let bytes): try give(.damaged(seq: seq, bytes: bytes))
    case .dropped(let bytes): try give(.dropped(bytes: bytes))
    }
  }

  // MARK: Lines

  /// The text that is being looked through: all before `shown` was given or is no matter.
  private struct Region {
    let block: TextBlock
    var shown = 0

    func line(_ range: Range<Int>) -> FoundLine {
      let mark = block.mark(at: range.lowerBound)
      return FoundLine(mark?.stream ?? .stdout, at: mark?.at ?? .epoch, block.bytes[range])
    }
  }

  private mutating func take(_ block: TextBlock, _ give: Give) throws {
    try block.bytes.withUnsafeBytes { bytes in
      var region = Region(block: block)
      var place = 0
      while !isDone, let found = search.next(in: bytes, from: place) {
        try pass(place..<found.range.lowerBound, bytes, &region, give)
        guard !isDone else { return }
        switch found {
        case .line(let range): try meet(range, bytes, &region, give)
        case .gaveUp(let range):
          try give(.gaveUp(region.line(range).excerpt(atMost: Self.pieceBytes)))
        }
        place = found.range.upperBound + 1
      }
      guard !isDone else { return }
      if place < bytes.count { try pass(place..<bytes.count, bytes, &region, give) }
      keepTail(bytes, region)
    }
  }

  /// Lines that have not the expression.
  private mutating func pass(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ region: inout Region, _ give: Give
  ) throws {
    guard request.isInverted else {
      return try leave(range, bytes, &region, give)
    }
    if request.countsOnly, request.maximum == nil {
      count += Self.lines(in: range, bytes)
      return
    }
    var place = range.lowerBound
    while place < range.upperBound, !isDone {
      let end = LineMatcher.end(ofLineAt: place, in: bytes)
      try select(place..<end, bytes, &region, give)
      place = end + 1
    }
  }

  /// A line that has it.
  private mutating func meet(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ region: inout Region, _ give: Give
  ) throws {
    if request.isInverted {
      try leave(range.lowerBound..<range.upperBound + 1, bytes, &region, give)
    } else {
      try select(range, bytes, &region, give)
    }
  }

  /// Lines that are not wanted, but may stand behind one that is.
  private mutating func leave(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ region: inout Region, _ give: Give
  ) throws {
    var place = range.lowerBound
    while afterLeft > 0, place < min(range.upperBound, bytes.count) {
      let end = LineMatcher.end(ofLineAt: place, in: bytes)
      afterLeft -= 1
      try self.give(region.line(place..<end), give)
      place = end + 1
      region.shown = place
    }
  }

  private mutating func select(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ region: inout Region, _ give: Give
  ) throws {
    // Those behind the last that was wanted are no more than that.
    guard !isFull else {
      return try leave(range.lowerBound..<range.upperBound + 1, bytes, &region, give)
    }
    count += 1
    guard !request.countsOnly else { return }
    let first = start(ofLines: request.before, before: range.lowerBound, bytes, region)
    var begin = first.place
    if region.shown < begin { hasSkipped = true }
    if first.missing < tail.count { hasSkipped = true }
    for line in tail.suffix(first.missing) { try self.give(line, give) }
    tail = []
    while begin < range.lowerBound {
      let end = LineMatcher.end(ofLineAt: begin, in: bytes)
      try self.give(region.line(begin..<end), give)
      begin = end + 1
    }
    var line = region.line(range)
    line.isSelected = true
    if request.wantsMatches, !request.isInverted {
      let places = search.places(
        in: UnsafeRawBufferPointer(rebasing: bytes[range]),
        atMost: request.wantsAllMatches ? .max : Self.mostMatches)
      line.matches = places.ranges
      if request.wantsAllMatches, !places.isWhole {
        try give(.gaveUp(line.excerpt(atMost: Self.pieceBytes)))
      }
    }
    try self.give(line, give)
    afterLeft = request.after
    region.shown = range.upperBound + 1
  }

  private mutating func give(_ line: FoundLine, _ give: Give) throws {
    if hasSkipped, hasGiven, request.wantsContext { try give(.gap) }
    (hasSkipped, hasGiven) = (false, true)
    try give(.line(line))
  }

  /// Returns where the last so many lines before that place begin that were not given, and how many are missing there.
  private func start(
    ofLines wanted: Int, before end: Int, _ bytes: UnsafeRawBufferPointer, _ region: Region
  ) -> (place: Int, missing: Int) {
    var (place, missing) = (end, wanted)
    while missing > 0, place > region.shown {
      place = LineMatcher.line(around: place - 1, in: bytes).lowerBound
      missing -= 1
    }
    return (place, missing)
  }

  private mutating func keepTail(_ bytes: UnsafeRawBufferPointer, _ region: Region) {
    let isEnded = bytes.last == 0x0a
    let end = isEnded ? bytes.count : bytes.count + 1
    guard region.shown < bytes.count else { return }
    guard request.before > 0, !request.countsOnly else {
      hasSkipped = true
      return
    }
    let first = start(ofLines: request.before, before: end, bytes, region)
    if first.place > region.shown || first.missing < tail.count { hasSkipped = true }
    tail = tail.suffix(first.missing)
    var place = first.place
    while place < bytes.count {
      let end = LineMatcher.end(ofLineAt: place, in: bytes)
      tail.append(region.line(place..<end).kept(atMost: Self.keptBytes))
      place = end + 1
    }
  }

  private static func lines(in range: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Int64 {
    var (count, place): (Int64, Int) = (0, range.lowerBound)
    while place < range.upperBound {
      place = LineMatcher.end(ofLineAt: place, in: bytes) + 1
      count += 1
    }
    return count
  }

  // MARK: Lines in parts

  private mutating func take(_ part: LinePart, _ give: Give) throws {
    let place = Int(part.stream.rawValue)
    if part.isFirst { parts[place] = PartState() }
    if parts[place].head == nil {
      var head = FoundLine(part.stream, at: part.at, part.bytes[...]).kept(
        atMost: Self.pieceBytes)
      head.isCut = true
      parts[place].head = head
    }
    if !parts[place].isDecided {
      try part.bytes.withUnsafeBytes { bytes in
        let outcome = search.find(
          in: bytes, LineMatcher.Part(isFirst: part.isFirst, isLast: part.isLast))
        switch outcome {
        case .notFound: break
        case .gaveUp:
          parts[place].isDecided = true
          if let head = parts[place].head { try give(.gaveUp(head)) }
        case .found:
          parts[place].isDecided = true
          var line = FoundLine(part.stream, at: part.at, part.bytes[...])
          line.matches = search.places(in: bytes, atMost: 1).ranges
          line.isCut = true
          try decide(line.excerpt(atMost: Self.pieceBytes), has: true, give)
        }
      }
    }
    guard part.isLast else { return }
    if !parts[place].isDecided, let head = parts[place].head {
      try decide(head, has: false, give)
    }
    parts[place] = PartState()
  }

  private mutating func decide(_ line: FoundLine, has: Bool, _ give: Give) throws {
    guard has != request.isInverted, !isFull else {
      if afterLeft > 0 {
        afterLeft -= 1
        return try self.give(line, give)
      }
      if tail.count >= request.before { hasSkipped = true }
      tail = (tail + [line.kept(atMost: Self.pieceBytes)]).suffix(request.before)
      return
    }
    count += 1
    guard !request.countsOnly else { return }
    for line in tail { try self.give(line, give) }
    tail = []
    var line = line
    line.isSelected = true
    if !request.wantsMatches { line.matches = [] }
    try self.give(line, give)
    afterLeft = request.after
  }
}
