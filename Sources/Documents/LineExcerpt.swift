/// The piece of a line that is shown where the line is too long: the one that has its first match.
package struct LineExcerpt: Equatable, Sendable {
  /// Counted from the line's first byte.
  package let bytes: Range<Int>
  /// The matches, or what is here of them, counted from the piece's first byte.
  package let matches: [Range<Int>]
  package let isCut: Bool

  package init(of count: Int, _ matches: [Range<Int>], atMost most: Int) {
    isCut = count > most
    guard isCut else {
      bytes = 0..<count
      self.matches = matches
      return
    }
    let first = matches.first ?? 0..<0
    let begin = max(0, min(first.lowerBound - most / 4, count - most))
    bytes = begin..<(begin + most)
    self.matches = matches.compactMap {
      let match = ($0.lowerBound - begin)..<($0.upperBound - begin)
      let shown = match.clamped(to: 0..<most)
      return shown.isEmpty ? nil : shown
    }
  }
}
