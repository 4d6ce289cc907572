internal import Events
import Linux
import TestSupport
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON(parsing: text) }

  @Test(arguments: [
    JSON.null, true, false, 0, -1, .integer(.max), .integer(.min), .number(0.1), .number(-1e-300),
    .number(1.7976931348623157e308), .number(.leastNonzeroMagnitude), .number(1), "", "text",
    .array([]),
    .object([]), .array([.null, .array([1, 2]), .object([.init("a", .array([]))])]),
    .object([.init("", ""), .init("key", .object([.init("inner", .number(2.5))]))]),
    .string((0..<0x80).map { String(Unicode.Scalar($0)) }.joined()),
    "é 漢字 🦔 \u{7f} \u{80} \u{2028} \u{fffd} \u{10ffff}",
  ])
  func `what is written is read back the same`(value: JSON) throws {
    try expect(parse(value.text), is: value)
    try expect(parse(value.prettyText), is: value)
    try expect(parse(" \n\r\t" + value.text + " \n"), is: value)
    try expect(parse(value.text).text, is: value.text)
  }

  @Test func `text is on one line and without control characters`() {
    let value = JSON.array([.string("\0\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{1f}\u{7f}\"\\/")])
    #expect(
      value.text == #"["\u0000\u0001\u0008\t\n\u000b\u000c\r\u001b\u001f\u007f\"\\/"]"#)
  }

  @Test func `what a terminal acts on is escaped, and nothing else that is not ASCII`() throws {
    let text =
      "é\u{80}\u{9f}\u{a0}\u{61b}\u{61c}\u{200d}\u{200e}\u{2028}\u{202e}\u{2030}\u{2066}漢🦔\u{2069}"
    let json = JSON.string(text)
    #expect(
      json.text
        == "\"é\\u0080\\u009f\u{a0}\u{61b}\\u061c\u{200d}\\u200e\\u2028\\u202e\u{2030}\\u2066漢🦔\\u2069\""
    )
    try expect(parse(json.text), is: json)
    // Every character of up to three bytes beside each other.
    let all = (UInt32(0x20)...0xffff).compactMap(Unicode.Scalar.init)
    let written = JSON.string(String(String.UnicodeScalarView(all))).text
    #expect(!written.unicodeScalars.contains(where: EscapedText.acts))
    try expect(parse(written).string?.unicodeScalars.elementsEqual(all), is: true)
  }

  @Test func `pretty text is indented by two blanks a level`() {
    let value = JSON.object([.init("a", .array([1, .object([])])), .init("b", .array([]))])
    #expect(value.prettyText == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}")
  }

  @Test func `every escape is understood`() throws {
    try expect(
      parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u6f22\uFFFD""#), is: "\"\\/\u{8}\u{c}\n\r\tAé漢\u{fffd}")
    try expect(parse(#""\u0000x""#), is: "\0x")
  }

  @Test func `a pair of surrogates is one character and half a pair is U+FFFD`() throws {
    try expect(parse(#""\ud83e\udd94""#), is: "🦔")
    try expect(parse(#""\uD83E\uDD94!""#), is: "🦔!")
    try expect(parse(#""\udbff\udfff\ud800\udc00""#), is: "\u{10ffff}\u{10000}")
    try expect(parse(#""\ud83e""#), is: "\u{fffd}")
    try expect(parse(#""\udd94x""#), is: "\u{fffd}x")
    try expect(parse(#""\ud83e\n""#), is: "\u{fffd}\n")
    try expect(parse(#""\ud83e\u0041""#), is: "\u{fffd}A")
    try expect(parse(#""\ud83e\ud83e\udd94""#), is: "\u{fffd}🦔")
  }

  @Test func `64 levels are read and 65 are refused`() throws {
    let open = String(repeating: "[", count: 64)
    let close = String(repeating: "]", count: 64)
    _ = try parse(open + close)
    _ = try parse("[[],\(String(repeating: "[", count: 63))\(String(repeating: "]", count: 63))]")
    #expect(failure("[" + open + close + "]")?.reason == "more than 64 levels")
    let objects = String(repeating: #"{"a":"#, count: 65)
    #expect(failure(objects + "1" + String(repeating: "}", count: 65))?.offset == 64 * 5)
    #expect(failure(String(repeating: "[", count: 1_000_000))?.offset == 64)
  }

  private func failure(_ text: String) -> JSON.SyntaxError? {
    do throws(JSON.SyntaxError) {
      _ = try JSON(parsing: text)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ("", "the text ends too early", 0), ("  ", "the text ends too early", 2),
    ("[", "the text ends too early", 1), ("1 2", "text after the value", 2),
    ("nullx", "text after the value", 4), ("nul", "unknown word", 0), ("True", "not a value", 0),
    ("tru ", "unknown word", 0), ("falze", "unknown word", 0), ("+1", "not a value", 0),
    ("-", "not a value", 1), ("01", "not a value", 2), ("-01", "not a value", 3),
    (".5", "not a value", 0), ("1.", "expected digits", 2), ("1.e3", "expected digits", 2),
    ("1e", "expected digits", 2), ("1e+", "expected digits", 3),
    ("0x10", "text after the value", 1),
    ("NaN", "not a value", 0), ("[1", "expected , or ]", 2), ("[1 2]", "expected , or ]", 3),
    ("[1,]", "not a value", 3), ("[,1]", "not a value", 1), ("{1:2}", "expected a key", 1),
    ("{,}", "expected a key", 1), (#"{"a"}"#, "expected :", 4), (#"{"a":}"#, "not a value", 5),
    (#"{"a":1"#, "expected , or }", 6), (#"{"a":1,}"#, "expected a key", 7),
    (#"{"a":1]"#, "expected , or }", 6), (#"""#, "the string does not end", 1),
    (#""abc"#, "the string does not end", 4), (#""\"#, "the string does not end", 2),
    (#""\x""#, "unknown escape", 3), ("\"a\nb\"", "control character in a string", 2),
    (#""\u12"#, "expected four hexadecimal digits", 5),
    (#""\u12g4""#, "expected four hexadecimal digits", 5),
    (#""\ud83e\u12""#, "expected four hexadecimal digits", 11), ("'a'", "not a value", 0),
    ("\u{feff}1", "not a value", 0), ("/**/1", "not a value", 0), ("]", "not a value", 0),
  ])
  func `a text that is not JSON is refused with the place`(
    text: String, reason: String, offset: Int
  ) {
    let error = failure(text)
    #expect(error?.reason == reason)
    #expect(error?.offset == offset)
  }

  @Test func `numbers keep their value up to the limits`() throws {
    try expect(parse("9223372036854775807"), is: .integer(.max))
    try expect(parse("-9223372036854775808"), is: .integer(.min))
    try expect(parse("9223372036854775808"), is: .number(9_223_372_036_854_775_808))
    try expect(parse("1.0").integer, is: 1)
    try expect(parse("1e3").integer, is: 1000)
    try expect(parse("1.5").integer) { $0 == nil }
    try expect(parse("1e300").integer) { $0 == nil }
    try expect(parse("0.1").number, is: 0.1)
    try expect(parse("7").number, is: 7)
    #expect(JSON.number(.infinity).text == "null")
    #expect(JSON.number(.nan).text == "null")
  }

  @Test(arguments: ["1e999", "-1e999"])
  func `a number beyond all limits is refused`(text: String) {
    #expect(failure(text)?.reason == "the number is too large")
  }

  @Test func `no truncated document is read and none crashes`() {
    let document =
      #"{"a":[1,-2.5e+3,true,false,null,"x\u00e9\ud83e\udd94\n"],"b":{"é漢🦔":{}},"c":"\\"} "#
    let scalars = Array(document.unicodeScalars)
    for count in 0..<(scalars.count - 1) {
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars[..<count])
      #expect(failure(text) != nil, "\(text)")
    }
    #expect(failure(document) == nil)
  }

  @Test func `no document with one character changed crashes`() {
    let document = Array(#"{"a":[1,-2.5e+3,true,null,"x\u00e9\ud83e\udd94"]}"#.unicodeScalars)
    for index in document.indices {
      for replacement in #"{}[]",:\u0-.e tx"#.unicodeScalars {
        var scalars = document
        scalars[index] = replacement
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        if let value = try? JSON(parsing: text) { #expect((try? JSON(parsing: value.text)) != nil) }
      }
    }
  }

  @Test func `of a key written twice the first counts and the order is kept`() throws {
    let value = try parse(#"{"b":1,"a":2,"b":3}"#)
    #expect(value["b"] == 1)
    #expect(value["missing"] == nil)
    #expect(value.members?.map(\.key) == ["b", "a", "b"])
  }

  @Test func `a value has one type`() throws {
    let value = try parse(#"["s",1,true,null]"#)
    #expect(value.array?.map(\.string) == ["s", nil, nil, nil])
    #expect(value.array?.map(\.bool) == [nil, nil, true, nil])
    #expect(value.array?.map(\.integer) == [nil, 1, nil, nil])
    #expect(value.members == nil)
    #expect(value["a"] == nil)
  }
}
