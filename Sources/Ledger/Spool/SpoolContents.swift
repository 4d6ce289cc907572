internal import Glibc
package import Linux

/// The content of a spool file, as far as it was written to its end: read from the beginning on, a batch at a time.
package struct SpoolContents {
  /// The first line; nil until it was read, and where it says nothing.
  package private(set) var header: SpoolLine.Header?
  /// Lines that say nothing, though they are whole: the last one may have been cut off.
  package private(set) var damagedLines = 0
  package private(set) var isAtEnd = false
  private var lines = FileLines()

  /// In one turn of the queue, so that other writers wait for milliseconds.
  private static let eventsInBatch = 100
  private static let outputsInBatch = 8
  private static let bytesInBatch = 4 << 20

  package init() {}

  /// The position at which the next batch begins.
  package var position: Int64 { lines.nextPosition }

  /// Passes over what was read before.
  package mutating func skip(to position: Int64) { lines = FileLines(from: position) }

  /// Reads whose events they are. Nil when nothing says so: there are none then.
  package mutating func readHeader(
    _ fd: Int32, upTo end: Int64 = .max
  ) throws(SystemCallError) -> SpoolLine.Header? {
    guard header == nil, damagedLines == 0, let line = try next(fd, upTo: end) else {
      return header
    }
    header = SpoolLine.header(line)
    if header == nil { damagedLines += 1 }
    return header
  }

  /// The next events for one turn of the queue; it can be none before the end too. What was read when reading fails is
  /// given out first. Whether output is what was spooled is asked by `whole`.
  package mutating func nextBatch(
    _ fd: Int32, upTo end: Int64 = .max
  ) throws(SystemCallError) -> [NewEvent] {
    isAtEnd = false
    guard let header = try readHeader(fd, upTo: end) else {
      isAtEnd = true
      return []
    }
    var events: [NewEvent] = []
    var (outputs, bytes) = (0, 0)
    while events.count < Self.eventsInBatch, outputs < Self.outputsInBatch,
      bytes < Self.bytesInBatch
    {
      let line: ArraySlice<UInt8>?
      do throws(SystemCallError) { line = try next(fd, upTo: end) } catch {
        guard events.isEmpty else { break }
        throw error
      }
      guard let line else { break }
      bytes += line.count
      guard let event = SpoolLine.event(line, of: header) else {
        damagedLines += 1
        continue
      }
      if event.output != nil { outputs += 1 }
      events.append(event)
    }
    return events
  }

  /// Those of them whose output is what was spooled.
  package mutating func whole(_ events: [NewEvent]) -> [NewEvent] {
    let whole = events.filter { $0.output?.isWhole ?? true }
    damagedLines += events.count - whole.count
    return whole
  }

  /// Returns the next line; nil at the end of what can be read.
  private mutating func next(
    _ fd: Int32, upTo end: Int64
  ) throws(SystemCallError) -> ArraySlice<UInt8>? {
    switch try lines.next(fd, upTo: end) {
    case .text(let line): return line
    case .tooLong: damagedLines += 1
    case .end: break
    }
    isAtEnd = true
    return nil
  }
}
