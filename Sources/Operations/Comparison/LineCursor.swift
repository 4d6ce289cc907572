internal import Events
internal import Ledger
internal import Matching

/// The lines of an output one after the other, by number.
struct LineCursor {
  /// So much is shown of a line at most.
  static let shownBytes = 4096

  struct Line {
    let bytes: ArraySlice<UInt8>
    let isCut: Bool
  }

  private var texts: OutputTexts
  private var block: TextBlock?
  private var place = 0
  /// The number of the line that comes next, from 0.
  private(set) var number = 0

  init(_ texts: OutputTexts) { self.texts = texts }

  /// Goes on to the line of that number.
  mutating func skip(to wanted: Int) throws {
    while number < wanted, try advance(keeping: false) != nil {}
  }

  /// Returns nil at the end.
  mutating func next() throws -> Line? { try advance(keeping: true) }

  private mutating func advance(keeping: Bool) throws -> Line? {
    while true {
      if let block, place < block.bytes.count {
        let begin = place
        let end = block.bytes.withUnsafeBytes { LineMatcher.end(ofLineAt: begin, in: $0) }
        place = end + 1
        number += 1
        guard keeping else { return Line(bytes: [], isCut: false) }
        let bytes = block.bytes[begin..<min(end, begin + Self.shownBytes)]
        return Line(bytes: bytes, isCut: bytes.endIndex < end)
      }
      switch try texts.next() {
      case .lines(let next): (block, place) = (next, 0)
      case .part(let part):
        guard part.isLast else {
          if part.isFirst { head = Array(part.bytes.prefix(Self.shownBytes))[...] }
          continue
        }
        number += 1
        defer { head = [] }
        return Line(bytes: part.isFirst ? part.bytes.prefix(Self.shownBytes) : head, isCut: true)
      case .damaged, .dropped: continue
      case nil: return nil
      }
    }
  }

  /// The beginning of a line that comes in parts.
  private var head: ArraySlice<UInt8> = []
}
