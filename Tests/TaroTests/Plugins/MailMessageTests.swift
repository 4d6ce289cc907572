import Testing

@testable import taro_plugin_mail

@Suite("A mail's text")
struct MailMessageTests {
  @Test(arguments: [
    ("plain\ttext\n", BodyEncoding.sevenBit), ("", .sevenBit), ("grün\n", .eightBit),
    ("\u{1b}[31m\n", .quotedPrintable), ("a\r\n", .quotedPrintable), ("\0", .quotedPrintable),
    ("a\n.\nb", .quotedPrintable), ("From me\n", .quotedPrintable),
    (String(repeating: "x", count: 998), .sevenBit),
    (String(repeating: "x", count: 999), .quotedPrintable),
    (String(repeating: "x", count: 998) + "\n" + String(repeating: "x", count: 998), .sevenBit),
  ])
  func `is sent as it is where mail carries that`(body: String, expected: BodyEncoding) {
    #expect(BodyEncoding(for: body) == expected)
  }

  @Test(arguments: [
    "a=b", "grün\u{0}\r\u{1b}", "blank \nand tab\t\n", ".\n.a\nFrom me", "",
    String(repeating: "x", count: 75), String(repeating: "x", count: 76),
    String(repeating: "x", count: 77), String(repeating: "ü ", count: 100),
    String(repeating: ".", count: 300), "\n\n",
  ])
  func `in quoted-printable is the same text`(body: String) {
    let text = QuotedPrintable.text(body)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      #expect(line.utf8.count <= 76)
      #expect(line.utf8.allSatisfy { $0 == 9 || (0x20...0x7e).contains($0) })
      #expect(line.utf8.last != 32)
      #expect(line.utf8.last != 9)
      #expect(!line.hasPrefix("."))
    }
    #expect(decoded(text) == Array(body.utf8))
  }

  /// Nil for what is no quoted-printable.
  private func decoded(_ text: String) -> [UInt8]? {
    var bytes = Array(text.utf8)[...]
    var result: [UInt8] = []
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "=") else {
        result.append(byte)
        continue
      }
      guard let first = bytes.popFirst() else { return nil }
      if first == UInt8(ascii: "\n") { continue }
      guard let second = bytes.popFirst() else { return nil }
      guard let value = UInt8(String(decoding: [first, second], as: UTF8.self), radix: 16) else {
        return nil
      }
      result.append(value)
    }
    return result
  }

  @Test(arguments: [
    ("plain words", "plain words"), ("grün", "=?UTF-8?B?Z3LDvG4=?="), ("a\nb", "a b"),
    ("a\r\nb\u{2028}c", "a  b c"), ("=?x?=", "=?UTF-8?B?PT94Pz0=?="),
  ])
  func `in a header is one line of ASCII, or encoded words`(text: String, expected: String) {
    #expect(HeaderText.encoded(text) == expected)
  }

  @Test func `long headers are lines of whole characters`() {
    for text in [String(repeating: "ü", count: 500), String(repeating: "x", count: 2000)] {
      let lines = HeaderText.encoded(text).split(separator: "\n")
      #expect(lines.count > 1)
      #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { $0 < 0x7f } })
      #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" =?UTF-8?B?") && $0.hasSuffix("?=") })
    }
  }
}
