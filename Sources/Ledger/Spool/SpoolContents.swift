internal import Glibc
internal import Linux

/// What a spool file says, as far as it was written to its end: read from the beginning on, a batch at a time.
struct SpoolContents {
  /// Nil until the first line was read, and where that says nothing.
  private(set) var header: SpoolLine.Header?
  /// Lines that say nothing, though they are whole: the last one may have been cut off.
  private(set) var damagedLines = 0
  private var lines = FileLines()

  /// Events in one turn of the queue, so that other writers wait for milliseconds.
  private static let eventsInBatch = 100
  private static let outputsInBatch = 8

  /// Reads whose events they are. Nil when nothing says so: there are none then.
  mutating func readHeader(
    _ fd: Int32, upTo end: Int64 = .max
  ) throws(SystemCallError) -> SpoolLine.Header? {
    guard header == nil, damagedLines == 0, let line = try lines.next(fd, upTo: end) else {
      return header
    }
    header = SpoolLine.header(line)
    if header == nil { damagedLines += 1 }
    return header
  }

  /// The next events for one turn of the queue; none when all were read. What was read when reading fails is given out
  /// first.
  /// - Parameter isWanted: others are passed over, at less cost.
  mutating func nextBatch(
    _ fd: Int32, upTo end: Int64 = .max, where isWanted: (NewEvent) -> Bool = { _ in true }
  ) throws(SystemCallError) -> [NewEvent] {
    guard let header = try readHeader(fd, upTo: end) else { return [] }
    var events: [NewEvent] = []
    var outputs = 0
    while events.count < Self.eventsInBatch, outputs < Self.outputsInBatch {
      let line: ArraySlice<UInt8>?
      do throws(SystemCallError) { line = try lines.next(fd, upTo: end) } catch {
        guard events.isEmpty else { break }
        throw error
      }
      guard let line else { break }
      guard let event = SpoolLine.event(line, of: header) else {
        damagedLines += 1
        continue
      }
      guard isWanted(event) else { continue }
      if let output = event.output {
        guard output.isWhole else {
          damagedLines += 1
          continue
        }
        outputs += 1
      }
      events.append(event)
    }
    return events
  }
}

/// The lines of a file, from its beginning on, read a piece at a time.
private struct FileLines {
  /// Up to here the file was read.
  private var position: Int64 = 0
  /// What was read and not given out yet, from `start` on.
  private var buffer: [UInt8] = []
  private var start = 0

  private static let pieceSize = 64 << 10

  /// The next line; nil when there is none that ends with a line feed before that position.
  mutating func next(
    _ fd: Int32, upTo end: Int64
  ) throws(SystemCallError) -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let lineFeed = buffer[searched...].firstIndex(of: 0x0a) {
        defer { start = lineFeed + 1 }
        return buffer[start..<lineFeed]
      }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      guard try readPiece(fd, upTo: end) else { return nil }
    }
  }

  private mutating func readPiece(
    _ fd: Int32, upTo end: Int64
  ) throws(SystemCallError) -> Bool {
    let wanted = min(Int64(Self.pieceSize), end - position)
    guard wanted > 0 else { return false }
    let piece = try RawIO.read(fd, Int(wanted), at: position)
    buffer += piece
    position += Int64(piece.count)
    return !piece.isEmpty
  }
}
