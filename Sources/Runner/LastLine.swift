/// The last line of output that shows something: an instance's status while it runs, and its result afterwards.
///
/// A carriage return ends a line too: of a progress bar that is drawn again and again the newest counts.
struct LastLine {
  /// Bytes of a line that are kept.
  private static let limit = 500
  private var line: [UInt8] = []
  /// The beginning of a line whose end has not come yet.
  private var partial: [UInt8] = []
  /// True when the output so far does not end with a line feed.
  private(set) var endsInsideLine = false

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    guard let last = bytes.last else { return }
    endsInsideLine = last != 0x0a
    guard let lastEnd = bytes.lastIndex(where: Self.endsLine) else {
      partial += bytes.prefix(Self.limit - partial.count)
      return
    }
    // Backwards: of all lines in the chunk only the last that shows something is wanted.
    var end = lastEnd
    while true {
      let start = bytes[..<end].lastIndex(where: Self.endsLine).map { $0 + 1 } ?? 0
      let head = start == 0 ? partial : []
      let candidate = head + bytes[start..<end].prefix(Self.limit - head.count)
      if !Self.isBlank(candidate) {
        line = candidate
        break
      }
      guard start > 0 else { break }
      end = start - 1
    }
    partial = Array(bytes[(lastEnd + 1)...].prefix(Self.limit))
  }

  /// The line as text without trailing blanks; nil when there was none. Invalid UTF-8 becomes U+FFFD.
  var text: String? {
    let bytes = Self.isBlank(partial) ? line : partial
    guard !Self.isBlank(bytes) else { return nil }
    var text = String(decoding: bytes, as: UTF8.self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

  private static func isBlank(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }
}
