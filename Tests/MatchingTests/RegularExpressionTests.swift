import Linux
import Matching
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
  private func outcome(
    _ pattern: String, _ text: [UInt8], milliseconds: Int64 = 600_000
  ) throws -> Matcher.Outcome {
    var allowance = TimeAllowance(microseconds: milliseconds * 1000)
    let matcher = Matcher(try RegularExpression(pattern))
    return text.withUnsafeBytes { matcher.find(in: $0, &allowance) }
  }

  @Test(
    "are found, or not",
    arguments: [
      ("error", "an error here", true), ("^error", "an error", false), ("e$", "line", true),
      ("^$", "", true), ("x", "", false), ("(?i)ERROR", "error", true), ("täg", "täglich", true),
      ("^.{3}$", "täg", true), (#"\berror\b"#, "terror", false), ("(a)|b", "b", true),
      (#"(?<=ä)x"#, "äx", true), ("a.*b.*c", "a1b2c", true),
    ])
  func table(pattern: String, text: String, expected: Bool) throws {
    #expect(try outcome(pattern, Array(text.utf8)) == (expected ? .found : .notFound))
  }

  @Test("are found in bytes that are not UTF-8")
  func invalid() throws {
    #expect(try outcome("disk full", [0xff, 0xfe] + Array("disk full".utf8) + [0xc3]) == .found)
    #expect(try outcome("a.b", [0x61, 0xff, 0x62]) == .notFound)
    #expect(try outcome("x", Array(repeating: 0x80, count: 100_000)) == .notFound)
  }

  @Test("are found at every place of a long text, and behind what only its beginning has")
  func longText() throws {
    // Characters of two bytes, so that every second place is inside of one.
    let filling = Array(String(repeating: "ä", count: 5000).utf8)
    for place in stride(from: 0, through: filling.count, by: 2) {
      var text = filling
      text.insert(contentsOf: Array("needle".utf8), at: place)
      guard try outcome("n[e]{2}dle", text) == .found else {
        Issue.record("not found at \(place)")
        return
      }
    }
    #expect(try outcome("^ä+x", filling + [0x78]) == .found)
    #expect(try outcome("^x", filling + [0x78]) == .notFound)
    #expect(try outcome("(?<=ää)x$", filling + [0x78]) == .found)
  }

  @Test("are found where it takes many steps")
  func manySteps() throws {
    let text = Array(("error " + String(repeating: "t ", count: 30_000)).utf8)
    #expect(try outcome("error.*timeout", text) == .notFound)
    #expect(try outcome("error.*timeout", text + Array("timeout".utf8)) == .found)
    #expect(try outcome("error.*?(t t )+$", text) == .found)
  }

  /// Each of them takes minutes, or years, without limits. What the processor did for others does not count.
  @Test(
    "do not run away",
    arguments: [
      ("(a+)+$", 40), ("(a+)+$", 65_000), (#"^(a|aa)+$"#, 65_000), ("a+a+a+a+x", 65_000),
      ("(a*)*(a*)*[^a]$x", 5000), ("a{1,30}a{1,30}a+x", 65_000), ("(?:a?){40}a{40}x", 5000),
      ("(.*)(.*)(.*)(.*)x", 3000), ("((a)|(?1)b)*x", 65_000), ("(a+)+$", 1000),
    ])
  func catastrophes(pattern: String, length: Int) throws {
    let text = Array(repeating: UInt8(ascii: "a"), count: length) + Array("b".utf8)
    let before = Clock.threadMicroseconds()
    let found = try outcome(pattern, text, milliseconds: 100)
    #expect(found != .found)
    // A tenth of a second was allowed; under a sanitizer or in a debug build it is the same.
    #expect(Clock.threadMicroseconds() - before < 3_000_000)
  }

  @Test("cost nothing once the allowance is used up")
  func usedUp() throws {
    #expect(try outcome("a", Array("a".utf8), milliseconds: -1) == .gaveUp)
  }

  @Test(
    "that are none are refused with place and reason",
    arguments: [
      ("a(b", 3, "missing closing parenthesis"), ("ä(b", 3, "missing closing parenthesis"),
      ("*", 0, "quantifier does not follow a repeatable item"),
      ("[z-a]", 3, "range out of order in character class"),
      ("(?<n>x)(?<n>y)", 12, "two named subpatterns have the same name (PCRE2_DUPNAMES not set)"),
    ])
  func refusals(pattern: String, offset: Int, reason: String) throws {
    let refusal = #expect(throws: RegularExpression.Refusal.self) {
      try RegularExpression(pattern)
    }
    #expect(refusal?.reason == reason)
    #expect(refusal?.offset == offset)
  }

  @Test("tell where their groups are")
  func groups() throws {
    let expression = try RegularExpression(#"(?<done>\d+)/(\d+)(x)?"#)
    #expect(expression.groupCount == 3)
    #expect(expression.group(named: "done") == 1)
    #expect(expression.group(named: "total") == nil)
    let matcher = Matcher(expression)
    var allowance = TimeAllowance(microseconds: 1_000_000)
    let outcome = Array("at 25/100".utf8).withUnsafeBytes { matcher.find(in: $0, &allowance) }
    #expect(outcome == .found)
    #expect(matcher.range(ofGroup: 0) == 3..<9)
    #expect(matcher.range(ofGroup: 1) == 3..<5)
    #expect(matcher.range(ofGroup: 2) == 6..<9)
    #expect(matcher.range(ofGroup: 3) == nil)
    #expect(matcher.range(ofGroup: 4) == nil)
  }
}
