/// A number that a line is compared by: one that is the same for equal lines, and for others by no chance that counts (one in
/// a million for ten million lines).
package enum LineKey {
  /// The key of the line's bytes.
  package static func exact(_ line: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: line)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// The same, with what is another in every run (``VariableText``) counting as equal.
  package static func normalized(_ line: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    let text = VariableText(line)
    // What comes behind a carriage return is written over it, and ends with it in a file of another system.
    let end = line.last == 0x0d ? line.count - 1 : line.count
    var (begin, place) = (0, 0)
    while place < end {
      if let found = text.next(at: place) {
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: line[begin..<place]))
        hasher.combine(found.kind.rawValue)
        (begin, place) = (found.end, found.end)
      } else if VariableText.isWord(line[place]) {
        place = text.endOfWord(place)
      } else {
        place += 1
      }
    }
    if begin < end { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: line[begin..<end])) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
