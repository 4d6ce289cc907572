import Testing

@testable import Presentation

@Suite("The width of text on a terminal")
struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("backup", 6), ("Größe", 5), ("日本語", 6), ("ﾊﾝｶｸ", 4), ("Ｆｕｌｌ", 8), ("한국어", 6),
    // Decomposed: combining marks and Hangul vowels take no column of their own.
    ("e\u{301}", 1), ("\u{301}", 0), ("\u{1112}\u{1161}\u{11ab}", 2),
    ("a\u{200b}b", 2), ("a\u{ad}b", 3), ("\u{feff}a", 1),
    ("€", 1), ("…", 1), ("─", 1), ("→", 1), ("𠀀", 2), ("\u{1b132}", 2), ("\u{1fae8}", 2),
    ("क्ष", 2),
  ])
  func `counts columns`(text: String, width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test(arguments: [
    "😀", "👍🏽", "👩‍👩‍👧‍👦", "❤️", "❤️‍🔥", "⛹🏽‍♂️", "1️⃣", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⌚",
  ])
  func `counts every emoji as two columns, whatever it is made of`(text: String) {
    #expect(DisplayWidth.of(text) == 2)
  }

  @Test func `counts a character that only can be an emoji as text`() {
    #expect(DisplayWidth.of("❤") == 1)
    #expect(DisplayWidth.of("1#*©") == 4)
    #expect(DisplayWidth.of("🇩") == 1)
  }

  @Test(arguments: [
    ("backup", 6, "backup"), ("backup", 5, "bac.."), ("backup", 2, ".."), ("backup", 1, "."),
    ("backup", 0, ""), ("", 0, ""), ("backup", -1, ""),
    ("日本語", 6, "日本語"), ("日本語", 5, "日.."), ("日本語", 4, "日.."), ("日本語", 3, ".."),
    ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 4, "👩‍👩‍👧‍👦👩‍👩‍👧‍👦"), ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦x", 4, "👩‍👩‍👧‍👦.."),
    ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}e\u{301}e\u{301}"),
  ])
  func `cuts with two dots`(text: String, columns: Int, expected: String) {
    let result = DisplayWidth.cut(text, to: columns)
    #expect(result == expected)
    #expect(DisplayWidth.of(result) <= max(columns, 0))
  }

  @Test func `pads to columns, not characters`() {
    #expect(DisplayWidth.pad("日", to: 4) == "日  ")
    #expect(DisplayWidth.pad("abc", to: 2) == "abc")
  }
}

@Suite("Printable text")
struct PrintableTextTests {
  @Test(arguments: [
    ("plain text", "plain text"), ("Größe 日本 👩‍👩‍👧", "Größe 日本 👩‍👩‍👧"), ("a\\nb", "a\\nb"),
    ("a\nb\tc\r", #"a\nb\tc\r"#), ("a\r\nb", #"a\r\nb"#),
    ("\u{1b}]0;title\u{07}", #"\u{1b}]0;title\u{7}"#), ("\0", #"\u{0}"#),
    ("\u{7f}\u{80}\u{9b}31m\u{9f}", #"\u{7f}\u{80}\u{9b}31m\u{9f}"#),
    ("\u{85}\u{2028}\u{2029}", #"\u{85}\u{2028}\u{2029}"#),
    ("\u{202e}gpj.exe", #"\u{202e}gpj.exe"#),
    (
      "\u{61c}\u{200e}\u{200f}\u{202a}\u{2066}\u{2069}",
      #"\u{61c}\u{200e}\u{200f}\u{202a}\u{2066}\u{2069}"#
    ),
  ])
  func `shows what could steer a terminal as an escape`(text: String, expected: String) {
    #expect(PrintableText.escaped(text) == expected)
  }

  @Test func `has no control character left, whatever goes in`() {
    for value in UInt32(0)...0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let result = PrintableText.escaped("x\(scalar)y").unicodeScalars
      #expect(
        !result.contains {
          $0.properties.generalCategory == .control || $0.properties.isBidiControl
        }, "\(value)")
    }
  }
}
