import Testing

@testable import Presentation

@Suite("A sparkline")
struct SparklineTests {
  @Test(
    arguments: [
      ([], "", ""), ([0], "▁", "_"), ([7], "█", "#"), ([nil], "·", "."),
      ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█", "_-~=+*%#"), ([5, 5], "██", "##"),
      ([0, nil, .max], "▁·█", "_.#"), ([-5, 1000], "▁█", "_#"), ([1, 1000], "▁█", "_#"),
    ] as [([Int64?], String, String)])
  func `is as high as its numbers are large`(values: [Int64?], blocks: String, ascii: String) {
    #expect(Sparkline.text(values, isUTF8: true) == blocks)
    #expect(Sparkline.text(values, isUTF8: false) == ascii)
  }

  @Test(
    arguments: [
      ([:], false), (["LANG": "de_DE.UTF-8"], true), (["LANG": "C"], false),
      (["LC_ALL": "", "LANG": "C.utf8"], true), (["LC_ALL": "C", "LANG": "C.UTF-8"], false),
      (["LC_CTYPE": "C.UTF-8", "LANG": "C"], true), (["LANG": "de_DE.ISO-8859-1"], false),
    ] as [([String: String], Bool)])
  func `has blocks where the first variable that says something says UTF-8`(
    variables: [String: String], isUTF8: Bool
  ) {
    #expect(Locale.isUTF8 { variables[$0] } == isUTF8)
  }

  @Test func `has a colour for each of its characters`() {
    let tone = Tone.characters([.completed, .failure])
    #expect(Palette.colored.paint("▁▂▃", tone) == "▁\u{1b}[91m▂\u{1b}[0m▃")
    #expect(Palette.plain.paint("▁▂▃", tone) == "▁▂▃")
  }
}
