import Matching
import Testing

@Suite struct PlaceMatcherTests {
  private func places(_ pattern: String, _ text: String) throws -> [Range<Int>] {
    let matcher = try PlaceMatcher(pattern)
    var found: [Range<Int>] = []
    try Array(text.utf8).withUnsafeBytes { text throws in
      var start = 0
      while let range = try matcher.next(in: text, from: start) {
        found.append(range)
        start = range.upperBound
      }
    }
    return found
  }

  @Test func `all places are found, none of them empty`() throws {
    expect(try places("a+", "aabaa"), is: [0..<2, 3..<5])
    expect(try places("x*", "abc"), is: [])
    expect(try places("x*", "\u{e9}xx"), is: [2..<4])
    expect(try places("^b.*$", "a\nbc\nb"), is: [2..<4, 5..<6])
    expect(try places("(?s)b.*d", "a\nb\nc\nd\n"), is: [2..<7])
    expect(try places("b.*d", "a\nb\nc\nd\n"), is: [])
    expect(try places("a", ""), is: [])
  }

  @Test func `what takes too long is given up, and not called absent`() throws {
    // With what the expression needs somewhere: else it is not begun.
    let text = String(repeating: "x", count: 60) + "zy"
    #expect(throws: PlaceMatcher.GaveUp.self) { try places("(x+x+)+y", text) }
    #expect(throws: RegularExpression.Refusal.self) { try PlaceMatcher("(") }
  }

  private func expect<Value: Equatable>(_ value: Value, is wanted: Value) {
    #expect(value == wanted)
  }
}
