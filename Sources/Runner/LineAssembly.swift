internal import Glibc
internal import Linux

/// The lines of one stream, put together again from the pieces in which they arrived, as a terminal would show them. Line
/// feed, carriage return, and both together end a line; what follows a carriage return alone is written over it. Of a
/// line that is too long there is the beginning.
struct LineAssembly {
  /// Bytes of a line that are looked at.
  static let limit = 64 << 10

  private enum Rest {
    /// Belongs to the line that is being put together.
    case wanted
    /// The line is long enough already.
    case beyondLimit
    /// The line's beginning is missing.
    case withoutBeginning
  }

  private var partial: [UInt8] = []
  private var rest = Rest.wanted
  private var endedWithReturn = false
  /// The line that a terminal shows where the next one is written over this one, or it has escape sequences.
  private var screen = TerminalLine(limit: limit)
  /// Bytes that are in no line because others are missing before them.
  private(set) var lostBytes: Int64 = 0

  /// Gives each line that these bytes complete, without its end, to `body`.
  mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    guard let first = bytes.first else { return }
    // A line feed that follows a return in the piece before.
    var start = endedWithReturn && first == 0x0a ? 1 : 0
    if start == 1 { screen.clear() }
    endedWithReturn = false
    // Looked for once each, not once for each line: a progress bar has returns only.
    var feed = Self.index(of: 0x0a, in: bytes, from: start)
    var carriageReturn = Self.index(of: 0x0d, in: bytes, from: start)
    while true {
      let end = min(feed, carriageReturn)
      guard end < bytes.count else { break }
      let isReturn = end == carriageReturn && (feed != end + 1 || feed == bytes.count)
      complete(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), isReturn: isReturn, body)
      start = end + 1
      if end == carriageReturn {
        carriageReturn = Self.index(of: 0x0d, in: bytes, from: start)
        if start == bytes.count { endedWithReturn = true } else if feed == start { start += 1 }
      }
      if feed < start { feed = Self.index(of: 0x0a, in: bytes, from: start) }
    }
    keep(UnsafeRawBufferPointer(rebasing: bytes[start...]), body)
  }

  /// Gives the last line, which has no end, to `body`.
  mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
    if !partial.isEmpty {
      complete(UnsafeRawBufferPointer(start: nil, count: 0), isReturn: false, body)
    }
  }

  /// So many bytes are missing here.
  mutating func miss(_ count: Int64) {
    guard count > 0 else { return }
    lostBytes += count + Int64(partial.count)
    partial.removeAll(keepingCapacity: true)
    rest = .withoutBeginning
    endedWithReturn = false
    screen.clear()
  }

  /// The line ends behind these bytes.
  private mutating func complete(
    _ tail: UnsafeRawBufferPointer, isReturn: Bool, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    defer { rest = .wanted }
    switch rest {
    case .wanted where partial.isEmpty:
      show(UnsafeRawBufferPointer(rebasing: tail.prefix(Self.limit)), isReturn, body)
    case .wanted:
      partial += tail.prefix(Self.limit - partial.count)
      let whole = partial
      partial = []
      whole.withUnsafeBytes { show($0, isReturn, body) }
      partial = consume whole
      partial.removeAll(keepingCapacity: true)
    case .beyondLimit: screen.clear()
    case .withoutBeginning: lostBytes += Int64(tail.count)
    }
  }

  /// Gives the line as it is seen to `body`. Most are just that.
  private mutating func show(
    _ line: UnsafeRawBufferPointer, _ isReturn: Bool, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    // Nothing new: what was shown there has been given already.
    guard !line.isEmpty else {
      body(line)
      if !isReturn { screen.clear() }
      return
    }
    let isAsItIs = screen.isClear && TerminalLine.isPlain(line)
    if isAsItIs { body(line) }
    guard isReturn || !isAsItIs else { return }
    screen.take(line)
    if !isAsItIs { screen.bytes.withUnsafeBytes(body) }
    if isReturn {
      screen.returnToStart()
    } else {
      screen.clear()
    }
  }

  /// The line goes on behind these bytes.
  private mutating func keep(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    switch rest {
    case .wanted:
      partial += bytes.prefix(Self.limit - partial.count)
      guard partial.count == Self.limit else { return }
      // What follows changes nothing: not to be waited for.
      complete(UnsafeRawBufferPointer(start: nil, count: 0), isReturn: false, body)
      rest = .beyondLimit
    case .beyondLimit: break
    case .withoutBeginning: lostBytes += Int64(bytes.count)
    }
  }

  /// Behind the end when there is none.
  private static func index(
    of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int
  ) -> Int {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return bytes.count }
    return UnsafeRawPointer(found) - base
  }
}
