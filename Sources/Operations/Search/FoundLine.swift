internal import Documents
package import Events

/// A line of an output that somebody has looked for, or one beside it.
package struct FoundLine: Equatable, Sendable {
  package let stream: OutputStream
  /// The time at which its first byte was read.
  package let at: WallTime
  /// Without the line feed.
  package let bytes: ArraySlice<UInt8>
  /// False where it is there for the lines around it.
  package var isSelected = false
  /// Only a piece of the line, which is too long.
  package var isCut = false
  /// The places of the expression, counted from the line's first byte here; only where it was asked for.
  package var matches: [Range<Int>] = []

  init(_ stream: OutputStream, at: WallTime, _ bytes: ArraySlice<UInt8>) {
    (self.stream, self.at, self.bytes) = (stream, at, bytes)
  }

  /// The bytes of a match.
  package func bytes(of match: Range<Int>) -> ArraySlice<UInt8> {
    bytes.dropFirst(match.lowerBound).prefix(match.count)
  }

  /// It with a copy of its bytes, of which no more is kept than anybody reads.
  func kept(atMost most: Int) -> FoundLine {
    var line = FoundLine(stream, at: at, Array(bytes.prefix(most))[...])
    (line.isSelected, line.isCut) = (isSelected, isCut || bytes.count > most)
    line.matches = matches.filter { $0.upperBound <= most }
    return line
  }

  /// It, or where it is longer than `most` bytes a piece of it with the first match in it.
  package func excerpt(atMost most: Int) -> FoundLine {
    let excerpt = LineExcerpt(of: bytes.count, matches, atMost: most)
    guard excerpt.isCut else { return self }
    let bytes = bytes.dropFirst(excerpt.bytes.lowerBound).prefix(excerpt.bytes.count)
    var piece = FoundLine(stream, at: at, bytes)
    (piece.isSelected, piece.isCut) = (isSelected, true)
    piece.matches = excerpt.matches
    return piece
  }
}

/// A piece of what a search gives of one output.
package enum SearchItem: Equatable, Sendable {
  case line(FoundLine)
  /// Between the line before and the next one there are others.
  case gap
  /// A line in which the expression was given up, before it was found or behind there: it would have taken too long.
  case gaveUp(FoundLine)
  /// A chunk cannot be read; so many bytes are missing.
  case damaged(seq: Seq, bytes: Int64)
  /// Retention has dropped so many bytes here; 0 where that is not known.
  case dropped(bytes: Int64)
}
