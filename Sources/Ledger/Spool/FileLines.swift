internal import Glibc
package import Linux

/// The lines of a file from a position on, read a piece at a time. In memory are one piece and one line, and a line that
/// is too long to be one is not read.
package struct FileLines {
  package enum Line {
    case text(ArraySlice<UInt8>)
    /// Longer than any that was ever written: nothing behind it is read.
    case tooLong
    /// There is none that ends with a line feed.
    case end
  }

  /// Up to here the file was read.
  private var position: Int64
  /// Bytes that were read and not given out yet, from `start` on.
  private var buffer: [UInt8] = []
  private var start = 0
  /// Behind the line feed of a line that is not wholly in the buffer yet.
  private var lineEnd: Int64 = 0

  private static let pieceSize = 64 << 10
  /// The most that may be in memory before anybody knows whether the line ends: lines of output are shorter, and read
  /// once.
  private static let unsearched = 1 << 20
  /// The kernel gives a program at most 6 MiB of arguments and environment (execve(2)); `created` has them as JSON inside
  /// JSON. Output is at most some 350 KiB.
  package static let longest = 32 << 20

  package init(from position: Int64 = 0) { self.position = position }

  /// The position at which the next line begins.
  package var nextPosition: Int64 { position - Int64(buffer.count - start) }

  /// - Parameter end: the file counts up to here.
  package mutating func next(_ fd: Int32, upTo end: Int64) throws(SystemCallError) -> Line {
    var searched = start
    while true {
      if let lineFeed = buffer[searched...].firstIndex(of: 0x0a) {
        defer { start = lineFeed + 1 }
        return .text(buffer[start..<lineFeed])
      }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      // Before a long line is read, its end is looked for.
      if buffer.count >= Self.unsearched, position >= lineEnd {
        guard try lineEnds(fd, upTo: end) else {
          return try isTooLong(fd, upTo: end) ? .tooLong : .end
        }
      }
      guard try readPiece(fd, upTo: end) else { return .end }
    }
  }

  private mutating func readPiece(_ fd: Int32, upTo end: Int64) throws(SystemCallError) -> Bool {
    let wanted = min(Int64(Self.pieceSize), end - position)
    guard wanted > 0 else { return false }
    let piece = try RawIO.read(fd, Int(wanted), at: position)
    buffer += piece
    position += Int64(piece.count)
    return !piece.isEmpty
  }

  /// Tells whether the line of which the buffer has the beginning ends before it is too long.
  private mutating func lineEnds(_ fd: Int32, upTo end: Int64) throws(SystemCallError) -> Bool {
    guard buffer.count <= Self.longest else { return false }
    var place = position
    let limit = min(end, nextPosition + Int64(Self.longest))
    while place < limit {
      let piece = try RawIO.read(fd, min(Self.pieceSize, Int(limit - place)), at: place)
      if piece.isEmpty { return false }
      if let lineFeed = piece.firstIndex(of: 0x0a) {
        lineEnd = place + Int64(lineFeed) + 1
        return true
      }
      place += Int64(piece.count)
    }
    return false
  }

  private func isTooLong(_ fd: Int32, upTo end: Int64) throws(SystemCallError) -> Bool {
    let limit = nextPosition + Int64(Self.longest)
    guard limit < end else { return false }
    return try !RawIO.read(fd, 1, at: limit).isEmpty
  }
}
