/// A line as a terminal would show it: a carriage return goes back to its beginning and a backspace one column, what
/// comes then takes the place of what was there, and escape sequences colour, erase and move but are not seen.
///
/// Bytes may come in any pieces. A character is a column wide, and a tab is a character. Sequences that move to another
/// line are skipped.
package struct TerminalLine {
  private enum State {
    case text
    /// Behind ESC, and characters between that and the last.
    case escape
    /// Behind ESC [: a control sequence (ECMA-48, 5.4).
    case control
    /// A command or title, up to BEL or ESC \ (ECMA-48, 5.6).
    case string
    case stringEscape
  }

  /// Columns that are kept.
  package let limit: Int
  /// The bytes of the character in each column, the first in the lowest eight bits.
  private var columns: [UInt32] = []
  private var cursor = 0
  private var state = State.text
  /// The number of bytes of the character before the cursor that are still to come.
  private var missing = 0
  /// The first number of a control sequence.
  private var parameter = 0
  private var hasFirstParameter = false

  package init(limit: Int) { self.limit = limit }

  /// Nothing has come since it was cleared, or nothing that counts.
  package var isClear: Bool { columns.isEmpty && cursor == 0 && state == .text }

  /// The next line begins.
  package mutating func clear() {
    columns.removeAll(keepingCapacity: true)
    cursor = 0
    state = .text
    missing = 0
  }

  /// As a carriage return.
  package mutating func returnToStart() {
    cursor = 0
    missing = 0
  }

  /// The bytes that it shows; blanks at its end too.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns.count)
    for column in columns {
      var rest = column
      repeat {
        bytes.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      } while rest != 0
    }
    return bytes
  }

  /// True while it shows nothing but blanks.
  package var isBlank: Bool { columns.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

  /// Tells whether a terminal would show these bytes as they are, whatever came before.
  package static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    // Eight at a time, for every line that is looked at passes here: the highest bit of a byte is set in `low` only where
    // some byte is below 0x20.
    while offset + 8 <= bytes.count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let low = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
      if low != 0, unsafe !arePlain(bytes, offset, offset + 8) { return false }
      offset += 8
    }
    return unsafe arePlain(bytes, offset, bytes.count)
  }

  private static func arePlain(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end {
      let byte = unsafe bytes[index]
      if byte < 0x20, byte != 0x09 { return false }
      index += 1
    }
    return true
  }

  /// Takes in bytes without line feeds.
  package mutating func take(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe take($0) }
  }

  /// Takes in bytes without line feeds.
  package mutating func take(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    while index < bytes.count {
      if state == .text {
        unsafe index = takeRun(bytes, index)
        guard index < bytes.count else { return }
      }
      unsafe take(bytes[index])
      index += 1
    }
  }

  /// Takes in what is nothing but printable ASCII, and what is too far to the right to be kept; returns where that ends.
  private mutating func takeRun(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var end = start
    if cursor > limit {
      while end < bytes.count, unsafe bytes[end] >= 0x20 { end += 1 }
      cursor += end - start
      return end
    }
    let room = max(0, limit - cursor)
    while end < bytes.count, end - start < room, unsafe 0x20...0x7e ~= bytes[end] { end += 1 }
    guard end > start else { return start }
    missing = 0
    fill()
    let over = min(end, start + columns.count - cursor)
    for index in start..<over { unsafe columns[cursor + index - start] = UInt32(bytes[index]) }
    for index in over..<end { unsafe columns.append(UInt32(bytes[index])) }
    cursor += end - start
    return end
  }

  /// Fills up to the cursor: a terminal shows blanks where nothing was written.
  private mutating func fill() {
    while columns.count < cursor { columns.append(0x20) }
  }

  private mutating func take(_ byte: UInt8) {
    switch state {
    case .text: show(byte)
    case .escape: escape(byte)
    case .control: control(byte)
    case .string:
      if byte == 0x07 { state = .text } else if byte == 0x1b { state = .stringEscape }
    case .stringEscape: state = byte == UInt8(ascii: "\\") ? .text : .string
    }
  }

  private mutating func show(_ byte: UInt8) {
    switch byte {
    case 0x1b:
      state = .escape
      missing = 0
    case 0x08:
      cursor = max(0, cursor - 1)
      missing = 0
    case 0x0d: returnToStart()
    case 0x09, 0x20...0x7e: put(byte)
    case 0..<0x20, 0x7f: break
    case 0x80...0xbf where missing > 0:
      missing -= 1
      guard cursor <= columns.count, cursor > 0 else { return }
      let column = columns[cursor - 1]
      let used = (39 - column.leadingZeroBitCount) / 8 * 8
      columns[cursor - 1] = column | UInt32(byte) << UInt32(used)
    default:
      put(byte)
      // The first byte of a character tells how many follow (RFC 3629, 3).
      missing = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0
    }
  }

  private mutating func put(_ byte: UInt8) {
    missing = 0
    defer { cursor += 1 }
    guard cursor < limit else { return }
    fill()
    if cursor == columns.count {
      columns.append(UInt32(byte))
    } else {
      columns[cursor] = UInt32(byte)
    }
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "["):
      state = .control
      parameter = 0
      hasFirstParameter = false
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      state = .string
    case 0x20...0x2f, 0x1b: break
    default: state = .text
    }
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      // No line is longer.
      if !hasFirstParameter { parameter = min(parameter * 10 + Int(byte & 15), 1 << 20) }
    case 0x20...0x3f: hasFirstParameter = true
    case 0x40...0x7e:
      state = .text
      perform(byte)
    case 0x1b: state = .escape
    default: break
    }
  }

  /// Erasing and moving within the line (ECMA-48, 8.3): CUF, CUB, CHA, ED and EL.
  private mutating func perform(_ final: UInt8) {
    switch final {
    case UInt8(ascii: "C"): cursor = min(cursor + max(parameter, 1), 1 << 20)
    case UInt8(ascii: "D"): cursor = max(0, cursor - max(parameter, 1))
    case UInt8(ascii: "G"): cursor = max(parameter, 1) - 1
    case UInt8(ascii: "J"), UInt8(ascii: "K"): erase(parameter)
    default: break
    }
  }

  private mutating func erase(_ which: Int) {
    switch which {
    case 0: columns.removeLast(max(0, columns.count - cursor))
    case 1: for index in columns.indices.prefix(cursor + 1) { columns[index] = 0x20 }
    default: columns.removeAll(keepingCapacity: true)
    }
  }
}
