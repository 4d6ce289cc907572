internal import Linux

/// The last line of output that shows something: an instance's status while it runs, and its result afterwards.
///
/// What counts is what a terminal would show, so of a progress bar that is drawn again and again the newest does.
struct LastLine {
  /// Bytes of a line that are kept.
  private static let limit = 500
  private var line: [UInt8] = []
  /// The line whose end has not come yet.
  private var current = TerminalLine(limit: limit)
  /// True when the output so far does not end with a line feed.
  private(set) var endsInsideLine = false

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    guard let last = bytes.last else { return }
    endsInsideLine = last != 0x0a
    guard let lastFeed = bytes.lastIndex(of: 0x0a) else { return current.take(bytes) }
    // Backwards: of all lines in the chunk only the last that shows something is wanted.
    var end = lastFeed
    while true {
      let start = bytes[..<end].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
      var candidate = start > 0 ? TerminalLine(limit: Self.limit) : current
      candidate.take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      if !candidate.isBlank {
        line = candidate.bytes
        break
      }
      guard start > 0 else { break }
      end = start - 1
    }
    current.clear()
    current.take(UnsafeRawBufferPointer(rebasing: bytes[(lastFeed + 1)...]))
  }

  /// The line as text without trailing blanks; nil when there was none. Invalid UTF-8 becomes U+FFFD.
  var text: String? {
    let bytes = current.isBlank ? line : current.bytes
    guard !bytes.isEmpty else { return nil }
    var end = bytes.count
    if end > Self.limit {
      end = Self.limit
      // No character is cut, of which three bytes at most go on with it.
      while end > Self.limit - 3, bytes[end] & 0xc0 == 0x80 { end -= 1 }
    }
    var text = String(decoding: bytes[..<end], as: UTF8.self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text.isEmpty ? nil : text
  }
}
