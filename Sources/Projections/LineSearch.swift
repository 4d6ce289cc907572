internal import Ledger

/// Looks for the place where the last lines of an output begin, from its end backwards. Memory: a chunk.
package struct LineSearch: Sendable {
  /// The place; nil until it is found.
  package private(set) var start: RecordedOutput.Position?
  private var wantedFeeds: Int
  private var before: Int64
  private var isLastByte = true

  /// - Parameters:
  ///   - count: lines. A last one without a line feed counts.
  ///   - end: the instance's last event that counts.
  package init(last count: Int, upTo end: Int64) {
    wantedFeeds = count
    before = end == .max ? end : end + 1
    if count <= 0 { start = RecordedOutput.Position(n: end, skip: 0) }
  }

  /// Looks through the next chunk.
  package mutating func goOn(_ output: RecordedOutput) throws {
    guard start == nil else { return }
    guard let piece = try output.chunk(before: before) else {
      start = .start
      return
    }
    before = piece.n
    guard let chunk = piece.chunk else { return }
    let bytes = output.wanted(chunk)
    var index = bytes.count
    while index > 0 {
      index -= 1
      // The very last line feed ends the last line and begins none.
      if bytes[index] == 0x0a, !isLastByte {
        wantedFeeds -= 1
        if wantedFeeds == 0 {
          start = RecordedOutput.Position(n: piece.n, skip: index + 1)
          return
        }
      }
      isLastByte = false
    }
  }
}

extension RecordedOutput {
  /// Returns the position at which the last `count` lines begin. A last line without a line feed counts.
  /// - Parameter last: the instance's last event that counts.
  package func startOfLastLines(_ count: Int, upTo last: Int64 = .max) throws -> Position {
    guard count > 0 else { return try end() }
    var search = LineSearch(last: count, upTo: last)
    while true {
      if let start = search.start { return start }
      try search.goOn(self)
    }
  }
}
