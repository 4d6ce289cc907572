import Linux
import TestSupport
import Testing

@testable import Matching

@Suite("Regular expressions")
struct RegularExpressionTests {
  private func outcome(
    _ pattern: String, _ text: [UInt8], milliseconds: Int64 = 600_000
  ) throws -> Matcher.Outcome {
    var allowance = TimeAllowance(microseconds: milliseconds * 1000)
    let matcher = Matcher(try RegularExpression(pattern))
    return text.withUnsafeBytes { matcher.find(in: $0, &allowance) }
  }

  @Test(arguments: [
    ("error", "an error here", true), ("^error", "an error", false), ("e$", "line", true),
    ("^$", "", true), ("x", "", false), ("(?i)ERROR", "error", true), ("täg", "täglich", true),
    ("^.{3}$", "täg", true), (#"\berror\b"#, "terror", false), ("(a)|b", "b", true),
    (#"(?<=ä)x"#, "äx", true), ("a.*b.*c", "a1b2c", true),
    (#"^\D$"#, "ä", true), (#"^\S+$"#, "täglich", true), (#"\W"#, "ä", true), (#"^\W$"#, "€", true),
    (#"\D"#, "1", false), (#"\S"#, " \t", false), (#"\W"#, "a_1", false), (#"\\D"#, #"\D"#, true),
  ])
  func `are found, or not`(pattern: String, text: String, expected: Bool) throws {
    try expect(outcome(pattern, Array(text.utf8)), is: (expected ? .found : .notFound))
  }

  @Test(arguments: [
    (#"\D"#, #"[^\d]"#), (#"a\W+?\S{2}"#, #"a[^\w]+?[^\s]{2}"#), (#"\d\s\w"#, nil),
    (#"\\D"#, nil), (#"\\\D"#, #"\\[^\d]"#), (#"[\D]"#, nil), (#"[]\D]\D"#, #"[]\D][^\d]"#),
    (#"[^]\S[:alpha:]\W]\W"#, #"[^]\S[:alpha:]\W][^\w]"#), (#"[[:a]\D"#, #"[[:a][^\d]"#),
    (#"\Q\D\E\D"#, #"\Q\D\E[^\d]"#), (#"\Q\D"#, nil), (#"[\Q]\E\D]\D"#, #"[\Q]\E\D][^\d]"#),
    (#"\c\D"#, nil), ("[", nil), (#"\"#, nil), (#"ä\Sä"#, #"ä[^\s]ä"#),
  ])
  func `have classes where machine code is wrong otherwise`(pattern: String, replaced: String?) {
    expect(NegatedTypes.replaced(in: pattern), is: replaced)
  }

  @Test func `are found in bytes that are not UTF-8`() throws {
    try expect(outcome("disk full", [0xff, 0xfe] + Array("disk full".utf8) + [0xc3]), is: .found)
    try expect(outcome("a.b", [0x61, 0xff, 0x62]), is: .notFound)
    try expect(outcome("x", Array(repeating: 0x80, count: 100_000)), is: .notFound)
  }

  @Test
  func `are found at every place of a long text, and behind what only its beginning has`() throws {
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
    try expect(outcome("^ä+x", filling + [0x78]), is: .found)
    try expect(outcome("^x", filling + [0x78]), is: .notFound)
    try expect(outcome("(?<=ää)x$", filling + [0x78]), is: .found)
  }

  @Test func `are found where it takes many steps`() throws {
    let text = Array(("error " + String(repeating: "t ", count: 30_000)).utf8)
    try expect(outcome("error.*timeout", text), is: .notFound)
    try expect(outcome("error.*timeout", text + Array("timeout".utf8)), is: .found)
    try expect(outcome("error.*?(t t )+$", text), is: .found)
  }

  /// Each of them takes minutes, or years, without limits. What the processor did for others does not count.
  @Test(arguments: [
    ("(a+)+$", 40), ("(a+)+$", 65_000), (#"^(a|aa)+$"#, 65_000), ("a+a+a+a+x", 65_000),
    ("(a*)*(a*)*[^a]$x", 5000), ("a{1,30}a{1,30}a+x", 65_000), ("(?:a?){40}a{40}x", 5000),
    ("(.*)(.*)(.*)(.*)x", 3000), ("((a)|(?1)b)*x", 65_000), ("(a+)+$", 1000),
  ])
  func `do not run away`(pattern: String, length: Int) throws {
    let text = Array(repeating: UInt8(ascii: "a"), count: length) + Array("b".utf8)
    let before = Clock.threadMicroseconds()
    let found = try outcome(pattern, text, milliseconds: 100)
    #expect(found != .found)
    // A tenth of a second was allowed; under a sanitizer or in a debug build it is the same.
    #expect(Clock.threadMicroseconds() - before < 3_000_000)
  }

  @Test func `cost nothing once the allowance is used up`() throws {
    try expect(outcome("a", Array("a".utf8), milliseconds: -1), is: .gaveUp)
  }

  @Test(arguments: [
    ("a(b", 3, "missing closing parenthesis"), ("ä(b", 3, "missing closing parenthesis"),
    ("*", 0, "quantifier does not follow a repeatable item"),
    ("[z-a]", 3, "range out of order in character class"),
    ("(?<n>x)(?<n>y)", 12, "two named subpatterns have the same name (PCRE2_DUPNAMES not set)"),
  ])
  func `that are none are refused with place and reason`(
    pattern: String, offset: Int, reason: String
  ) throws {
    let refusal = #expect(throws: RegularExpression.Refusal.self) {
      try RegularExpression(pattern)
    }
    #expect(refusal?.reason == reason)
    #expect(refusal?.offset == offset)
  }

  @Test func `tell where their groups are`() throws {
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
