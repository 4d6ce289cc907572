internal import Events
package import Ledger

/// The changes in one piece of output.
package struct OutputCuts: Equatable, Sendable {
  package struct Cut: Equatable, Sendable {
    /// The bytes that go, of one stream, without a gap in it (bytes of the other stream may stand between, and stay).
    package let range: Range<Int>
    /// The bytes that come in their place.
    package let replacement: [UInt8]

    package init(_ range: Range<Int>, _ replacement: [UInt8]) {
      self.range = range
      self.replacement = replacement
    }
  }

  /// They do not touch each other's bytes; in order.
  package private(set) var cuts: [Cut] = []

  package init() {}

  package mutating func add(_ cut: Cut) {
    let index = cuts.lastIndex { $0.range.lowerBound < cut.range.lowerBound }.map { $0 + 1 } ?? 0
    cuts.insert(cut, at: index)
  }

  /// Returns the piece with them made; nil where they are none of this piece. Each lies within one run.
  package func applied(to chunk: OutputChunk) -> (bytes: [UInt8], runs: [OutputSegment])? {
    var bytes: [UInt8] = []
    var runs: [OutputSegment] = []
    bytes.reserveCapacity(chunk.bytes.count)
    var next = 0
    var start = 0
    for run in chunk.runs {
      let end = start + run.length
      let before = bytes.count
      var place = start
      while next < cuts.count, cuts[next].range.lowerBound < end {
        let cut = cuts[next]
        guard cut.range.lowerBound >= place, cut.range.upperBound <= end else { return nil }
        bytes += chunk.bytes[place..<cut.range.lowerBound]
        bytes += cut.replacement
        place = cut.range.upperBound
        next += 1
      }
      bytes += chunk.bytes[place..<end]
      if bytes.count > before || run.length == 0 {
        runs.append(
          OutputSegment(stream: run.stream, offset: run.offset, length: bytes.count - before))
      }
      start = end
    }
    guard next == cuts.count, bytes.count <= Int(OutputChunk.maximumSize) else { return nil }
    return (bytes, runs)
  }
}
