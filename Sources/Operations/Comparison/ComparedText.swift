internal import Events
internal import Ledger
internal import Matching
internal import Projections

/// The numbers that lines of an output are compared by, and what of it is missing. Memory: 8 bytes a line.
struct ComparedText {
  private(set) var keys: [UInt64] = []
  /// There are more lines than were to be compared.
  private(set) var isTruncated = false
  private(set) var damagedBytes: Int64 = 0
  private(set) var droppedBytes: Int64 = 0
  private(set) var isDropped = false

  init(_ texts: OutputTexts, isExact: Bool, maximum: Int) throws {
    var texts = texts
    var part = Hasher()
    while let text = try texts.next() {
      switch text {
      case .lines(let block):
        block.bytes.withUnsafeBytes { take($0, isExact, maximum) }
      case .part(let piece):
        if piece.isFirst { part = Hasher() }
        piece.bytes.withUnsafeBytes {
          part.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[piece.overlap...]))
        }
        if piece.isLast { append(UInt64(bitPattern: Int64(part.finalize())), maximum) }
      case .damaged(_, let bytes): damagedBytes += bytes
      case .dropped(let bytes):
        isDropped = true
        droppedBytes += bytes
      }
      if isTruncated { return }
    }
  }

  private mutating func take(_ text: UnsafeRawBufferPointer, _ isExact: Bool, _ maximum: Int) {
    var place = 0
    while place < text.count, !isTruncated {
      let end = LineMatcher.end(ofLineAt: place, in: text)
      let line = UnsafeRawBufferPointer(rebasing: text[place..<end])
      append(isExact ? LineKey.exact(line) : LineKey.normalized(line), maximum)
      place = end + 1
    }
  }

  private mutating func append(_ key: UInt64, _ maximum: Int) {
    if keys.count < maximum { keys.append(key) } else { isTruncated = true }
  }
}
