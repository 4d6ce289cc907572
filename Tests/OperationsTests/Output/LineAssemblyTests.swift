import Events
import Ledger
import Operations
import TestSupport
import Testing

@Suite("The lines of an output")
struct LineAssemblyTests {
  typealias Piece = (OutputStream, String, Int64)

  private func chunk(_ pieces: [Piece]) throws -> OutputChunk {
    let runs = pieces.map {
      OutputSegment(stream: $0.0, offset: $0.2, length: $0.1.utf8.count)
    }
    let bytes = pieces.flatMap { Array($0.1.utf8) }
    return try #require(
      bytes.withUnsafeBytes {
        OutputChunk(
          codec: 0, size: Int64(bytes.count), runs: SegmentCodec.encode(runs), data: $0)
      })
  }

  /// Each line with its stream and time; a part with its place in its line.
  private func lines(
    _ chunks: [[Piece]], _ stream: OutputStream? = nil, limit: Int = 1000, overlap: Int = 2
  ) throws -> [String] {
    var assembly = LineAssembly(stream, limit: limit, overlap: overlap)
    var texts: [OutputText] = []
    for (index, pieces) in chunks.enumerated() {
      texts += assembly.take(try chunk(pieces), at: WallTime(microseconds: Int64(index) * 100))
    }
    texts += assembly.finish()
    var lines: [String] = []
    for text in texts {
      switch text {
      case .lines(let block):
        var place = 0
        for line in block.bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
          guard place < block.bytes.count else { break }
          let mark = try #require(block.mark(at: place))
          lines.append(
            "\(mark.stream.name)@\(mark.at.microseconds) \(String(decoding: line, as: UTF8.self))")
          place += line.count + 1
        }
      case .part(let part):
        let text = String(decoding: part.bytes, as: UTF8.self)
        lines.append(
          "\(part.stream.name)@\(part.at.microseconds) part \(part.overlap) \(text)\(part.isLast ? "." : "")"
        )
      case .damaged, .dropped: Issue.record("\(text)")
      }
    }
    return lines
  }

  @Test func `are whole wherever chunks end, each with the time of its first byte`() throws {
    let chunks: [[Piece]] = [
      [(.stdout, "one\ntw", 0), (.stdout, "o\nth", 7)], [(.stdout, "r", 0)],
      [(.stdout, "ee\n\nx", 1)],
    ]
    try expect(
      lines(chunks),
      is: ["stdout@0 one", "stdout@0 two", "stdout@7 three", "stdout@201 ", "stdout@201 x"])
  }

  @Test func `of two streams are each their own, where they ended`() throws {
    let chunks: [[Piece]] = [
      [(.stdout, "o", 0), (.stderr, "err", 1), (.stdout, "ut\n", 2), (.stderr, "or\nlast", 3)],
      [(.stdout, "more", 0)],
    ]
    try expect(
      lines(chunks),
      is: ["stdout@0 out", "stderr@1 error", "stderr@3 last", "stdout@100 more"])
    try expect(lines(chunks, .stderr), is: ["stderr@1 error", "stderr@3 last"])
    try expect(lines(chunks, .stdout), is: ["stdout@0 out", "stdout@100 more"])
  }

  @Test func `that are too long come in parts`() throws {
    let chunks: [[Piece]] = [
      [(.stdout, "a\n0123456", 0)], [(.stdout, "789abc", 0)], [(.stderr, "e\n", 0)],
      [(.stdout, "d\nnext\n", 0)],
    ]
    try expect(
      lines(chunks, limit: 8),
      is: [
        "stdout@0 a", "stdout@0 part 0 0123456789abc", "stderr@200 e", "stdout@0 part 2 bcd.",
        "stdout@300 next",
      ])
    try expect(
      lines([[(.stdout, "0123456789", 0)]], limit: 8),
      is: ["stdout@0 part 0 0123456789", "stdout@0 part 2 89."])
  }

  @Test func `are the same however they are cut`() throws {
    var random = SeededGenerator(for: "LineAssemblyTests")
    let text = Array("one\ntwo\n\nthree four five\n\n\nsix\nlast")
    let whole = try lines([[(.stdout, String(text), 0)]]).map { $0.drop { $0 != " " } }
    for _ in 0..<200 {
      var chunks: [[Piece]] = []
      var rest = text[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...9, using: &random))
        rest = rest.dropFirst(piece.count)
        chunks.append([(.stdout, String(piece), 0)])
      }
      try expect(lines(chunks).map { $0.drop { $0 != " " } }, is: whole)
    }
  }
}
