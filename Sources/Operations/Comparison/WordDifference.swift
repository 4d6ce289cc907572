/// The differences between two lines.
package enum WordDifference {
  /// Differences with more lines are not looked at word by word.
  static let mostLines = 100
  private static let mostWords = 2000

  /// The ranges of each that the other has not, in words and signs.
  package static func marks(
    _ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>, isExact: Bool
  ) -> (old: [Range<Int>], new: [Range<Int>]) {
    let (before, after) = (words(old, isExact), words(new, isExact))
    guard before.count <= mostWords, after.count <= mostWords else { return ([], []) }
    let differences = Difference.all(between: before.map(\.key), and: after.map(\.key))
    return (
      joined(differences.compactMap { range(before, $0.old) }, old),
      joined(differences.compactMap { range(after, $0.new) }, new)
    )
  }

  /// Makes one range of those with nothing but blanks between them.
  private static func joined(_ ranges: [Range<Int>], _ line: ArraySlice<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges {
      if let last = result.last,
        line.dropFirst(last.upperBound).prefix(range.lowerBound - last.upperBound)
          .allSatisfy({ $0 == 0x20 })
      {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
    }
    return result
  }

  private struct Word {
    let range: Range<Int>
    let key: UInt64
  }

  private static func range(_ words: [Word], _ wanted: Range<Int>) -> Range<Int>? {
    guard let first = words[wanted].first, let last = words[wanted].last else { return nil }
    return first.range.lowerBound..<last.range.upperBound
  }

  private static func words(_ line: ArraySlice<UInt8>, _ isExact: Bool) -> [Word] {
    line.withUnsafeBytes { bytes in
      let text = VariableText(bytes)
      var words: [Word] = []
      var place = 0
      while place < bytes.count {
        let begin = place
        if !isExact, let found = text.next(at: place) {
          place = found.end
          words.append(Word(range: begin..<place, key: UInt64(found.kind.rawValue)))
          continue
        }
        // Characters beyond ASCII are taken for letters, and not apart.
        let isLetter = { (byte: UInt8) in VariableText.isWord(byte) || byte >= 0x80 }
        place += 1
        if isLetter(bytes[begin]) {
          while place < bytes.count, isLetter(bytes[place]) { place += 1 }
        }
        let word = UnsafeRawBufferPointer(rebasing: bytes[begin..<place])
        words.append(Word(range: begin..<place, key: LineKey.exact(word)))
      }
      return words
    }
  }
}
