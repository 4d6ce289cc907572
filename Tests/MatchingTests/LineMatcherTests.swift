import Linux
import TestSupport
import Testing

@testable import Matching

@Suite("A search for lines")
struct LineMatcherTests {
  private func lines(
    _ pattern: String, _ text: String, takesManyLines: Bool = true
  ) throws -> [String] {
    let search = LineMatcher(try RegularExpression(pattern), takesManyLines: takesManyLines)
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { text in
      var found: [String] = []
      var place = 0
      while let next = search.next(in: text, from: place) {
        if case .gaveUp = next { found.append("gave up") }
        if case .line(let range) = next {
          found.append(String(decoding: text[range], as: UTF8.self))
        }
        place = next.range.upperBound + 1
      }
      return found
    }
  }

  @Test(arguments: [
    ("b", "abc\nx\nb\n", ["abc", "b"]), ("^b", "abc\nb1\n", ["b1"]),
    ("c$", "abc\nc1\nc", ["abc", "c"]),
    (#"\Ab"#, "a\nb\n", ["b"]), (#"a\z"#, "a\nb\n", ["a"]), ("^$", "a\n\nb\n\n", ["", ""]),
    ("x*", "a\nb\n", ["a", "b"]), ("$", "a\n\nb", ["a", "", "b"]),
    (#"a\sb"#, "a\nb\na b\n", ["a b"]),
    ("a[^x]b", "a\nb\na-b\n", ["a-b"]), (#"foo(?!\s)"#, "foo\nfoo \n", ["foo"]),
    ("(?s)a.b", "a\nb\na b\n", ["a b"]), (#"foo\s*+$"#, "foo\n\nbar\nfoo  \n", ["foo", "foo  "]),
    ("a", "", []), ("", "a\n\n", ["a", ""]), (#"\bbar\b"#, "foo\nbar\nbarn", ["bar"]),
    (#"[[:space:]]b"#, "a\nb\n b\n", [" b"]), (#"\D{3}"#, "1\n2\nabc\n", ["abc"]),
    (#"(?<=\n)a"#, "b\na\n", []), (#"a\Rb"#, "a\nb\n", []), (#"[\x00-\x20]x"#, "a\nx\n x", [" x"]),
  ])
  func `finds lines as if each stood alone`(
    pattern: String, text: String, expected: [String]
  ) throws {
    try expect(lines(pattern, text), is: expected)
    try expect(lines(pattern, text, takesManyLines: false), is: expected)
  }

  /// Patterns of pieces that could see or cross the ends of lines, over texts full of these.
  @Test func `over many lines finds what it finds line by line`() throws {
    let pieces = [
      "a", "b", ".", "\\s", "\\S", "\\D", "\\W", "[^a]", "[^]a]", "[^-a]", "[\\s,]", "[[:punct:]]",
      "^",
      "$", "\\A", "\\z", "\\b", "\\B", "(?=a)", "(?!b)", "(?<=a)", "(?<!\\s)", "(a|b)", "\\1",
      "(?:a|)", "\\pL",
      "\\P{L}", "\\h", "[^\\n]", "\\x20", "(?i)", "é",
    ]
    let quantifiers = ["", "", "", "*", "+", "?", "*?", "++", "{2}"]
    let letters = ["a", "b", "B", " ", ",", "\n", "\n", "\t", "é", "\u{b}", "1"]
    var random = SeededGenerator(for: "LineMatcherTests")
    for _ in 0..<3000 {
      let pattern: String = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (pieces.randomElement(using: &random) ?? "")
          + (quantifiers.randomElement(using: &random) ?? "")
      }.joined()
      guard (try? RegularExpression(pattern)) != nil else { continue }
      let text: String = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? ""
      }.joined()
      let single = try lines(pattern, text, takesManyLines: false)
      let many = try lines(pattern, text)
      #expect(single == many, "\(pattern.debugDescription) in \(text.debugDescription)")
    }
  }

  @Test(arguments: [
    "error", "^error.*[0-9]$", #"\d+\s+rows"#, "(?i)warn", "[^a-z]x", #"(?<name>\w+)=\1"#, "a|b",
  ])
  func `takes many lines at once`(pattern: String) throws {
    #expect(LineMatcher(try RegularExpression(pattern)).takesManyLines)
  }

  @Test func `gives an expression up for the lines in which it explodes, and for no other`() throws
  {
    let bad = String(repeating: "a", count: 4000) + "b"
    let text = "xa\n\(bad)\nya\n" + String(repeating: "-\n", count: 1000) + "\(bad)\nza"
    let found = try lines("(a+)+$", text)
    #expect(found == ["xa", "gave up", "ya", "gave up", "za"])
  }

  @Test func `tells where in a line it is`() throws {
    let search = LineMatcher(try RegularExpression("b+|x*"))
    let line = Array("abba äb".utf8)
    line.withUnsafeBytes { #expect(search.places(in: $0).ranges == [1..<3, 7..<8]) }
    line.withUnsafeBytes { #expect(search.places(in: $0).isWhole) }
    line.withUnsafeBytes { #expect(search.places(in: $0, atMost: 1).ranges == [1..<3]) }
  }

  @Test func `says when it has not told all places of a line`() throws {
    let search = LineMatcher(try RegularExpression("x|(a+)+$"))
    let line = Array(("x" + String(repeating: "a", count: 4000) + "bx").utf8)
    line.withUnsafeBytes { #expect(!search.places(in: $0).isWhole) }
  }

  @Test func `looks at the parts of a line as parts`() throws {
    let search = LineMatcher(try RegularExpression("^a|z$"))
    func find(_ text: String, first: Bool, last: Bool) -> Matcher.Outcome {
      Array(text.utf8).withUnsafeBytes {
        search.find(in: $0, LineMatcher.Part(isFirst: first, isLast: last))
      }
    }
    #expect(find("a-", first: true, last: false) == .found)
    #expect(find("a-", first: false, last: false) == .notFound)
    #expect(find("-z", first: false, last: false) == .notFound)
    #expect(find("-z", first: false, last: true) == .found)
  }
}
