import Events
import Matching
import TestSupport
import Testing

@testable import Operations

@Suite("A search in an output")
struct TextSearchTests {
  /// What it gives, as grep(1) shows it: hits with a colon, those around them with a hyphen.
  private func found(
    _ pattern: String, _ texts: [OutputText], _ change: (inout SearchRequest) -> Void = { _ in }
  ) throws -> (lines: [String], count: Int64) {
    var request = SearchRequest(try RegularExpression(pattern))
    change(&request)
    var search = TextSearch(request, LineMatcher(request.expression))
    var lines: [String] = []
    for text in texts where !search.isDone {
      try search.take(text) { item in
        switch item {
        case .line(let line):
          let text = String(decoding: line.bytes, as: UTF8.self)
          lines.append((line.isSelected ? ":" : "-") + text + (line.isCut ? "..." : ""))
        case .gap: lines.append("--")
        case .gaveUp: lines.append("gave up")
        case .damaged(let seq, _): lines.append("damaged \(seq)")
        case .dropped: lines.append("dropped")
        }
      }
    }
    return (lines, search.count)
  }

  private func block(_ text: String) -> OutputText {
    var block = TextBlock()
    block.mark(.stdout, at: .epoch)
    Array(text.utf8).withUnsafeBytes { block.append($0) }
    return .lines(block)
  }

  private func part(_ text: String, overlap: Int = 0, isLast: Bool = false) -> OutputText {
    .part(
      LinePart(
        stream: .stdout, at: .epoch, bytes: Array(text.utf8), overlap: overlap, isLast: isLast))
  }

  /// What `grep -A after -B before` says of the lines, line by line.
  private func expected(
    _ lines: [String], _ isHit: (String) -> Bool, before: Int, after: Int, maximum: Int
  ) -> [String] {
    var hits = lines.indices.filter { isHit(lines[$0]) }
    hits = Array(hits.prefix(maximum))
    var result: [String] = []
    var last: Int?
    for index in lines.indices {
      let isNear = hits.contains { $0 - before <= index && index <= $0 + after }
      guard isNear else { continue }
      if before + after > 0, let last, index > last + 1 { result.append("--") }
      result.append((hits.contains(index) ? ":" : "-") + lines[index])
      last = index
    }
    return result
  }

  @Test func `shows what is around the hits, wherever the texts are cut`() throws {
    var random = SeededGenerator(for: "TextSearchTests")
    for _ in 0..<600 {
      let lines = (0..<Int.random(in: 0...14, using: &random)).map { index in
        (Int.random(in: 0...3, using: &random) == 0 ? "hit" : "miss") + "\(index)"
      }
      var texts: [OutputText] = []
      var rest = lines[...]
      while !rest.isEmpty {
        let some = rest.prefix(Int.random(in: 1...5, using: &random))
        rest = rest.dropFirst(some.count)
        // The very last line may have no end.
        let end = rest.isEmpty && Bool.random(using: &random) ? "" : "\n"
        texts.append(block(some.joined(separator: "\n") + end))
      }
      let before = Int.random(in: 0...3, using: &random)
      let after = Int.random(in: 0...3, using: &random)
      let maximum = Bool.random(using: &random) ? Int.random(in: 1...3, using: &random) : .max
      let isInverted = Bool.random(using: &random)
      let result = try found("hit", texts) {
        ($0.before, $0.after, $0.isInverted) = (before, after, isInverted)
        $0.maximum = maximum
      }
      let wanted = expected(
        lines, { $0.hasPrefix("hit") != isInverted }, before: before, after: after,
        maximum: maximum)
      #expect(
        result.lines == wanted, "\(lines), -B \(before) -A \(after) -m \(maximum) -v \(isInverted)")
      let counted = try found("hit", texts) {
        ($0.countsOnly, $0.isInverted) = (true, isInverted)
      }
      #expect(counted.lines.isEmpty)
      let count = lines.count { $0.hasPrefix("hit") != isInverted }
      #expect(counted.count == Int64(count))
    }
  }

  @Test func `counts a line that comes in parts once, and shows the piece that has it`() throws {
    let long = String(repeating: "-", count: 10_000)
    let texts = [
      block("a\n"), part(long), part("--hit\(long)", overlap: 2),
      part("--hit", overlap: 2, isLast: true),
      block("b\nhit\n"),
    ]
    let result = try found("hit", texts)
    #expect(result.count == 2)
    expect(result.lines.count, is: 2)
    try expect(result.lines.at(0)) {
      $0.contains("hit") && $0.utf8.count < 5000 && $0.hasSuffix("...")
    }
    try expect(found("^--hit", texts).count, is: 0)
    try expect(found("hit$", texts).count, is: 2)
    let without = try found("hit", texts) { $0.isInverted = true }
    #expect(without.lines == [":a", ":b"])
    let inverted = try found("nothing", texts) { $0.isInverted = true }
    #expect(inverted.count == 4)
    let around = try found("^b", texts) { $0.before = 1 }
    try expect(around.lines.at(0)) { $0.hasPrefix("----") && $0.hasSuffix("...") }
    expect(around.lines.last, is: ":b")
  }

  @Test func `tells what is missing where it is missing`() throws {
    let texts = [
      block("hit 1\n"), .damaged(seq: Seq(7), bytes: 10), block("hit 2\n"), .dropped(bytes: 3),
      block("hit 3"),
    ]
    try expect(
      found("hit", texts).lines, is: [":hit 1", "damaged 7", ":hit 2", "dropped", ":hit 3"])
  }

  @Test func `shows a piece of a long line with what was found in it`() {
    var line = FoundLine(.stdout, at: .epoch, Array(String(repeating: "x", count: 100).utf8)[...])
    line.matches = [50..<60, 95..<100]
    let piece = line.excerpt(atMost: 40)
    #expect(piece.isCut)
    #expect(piece.bytes.count == 40)
    #expect(piece.matches == [10..<20])
    #expect(line.excerpt(atMost: 100) == line)
  }
}
