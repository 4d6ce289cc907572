import TestSupport
import Testing

@testable import Runner

@Suite("The last line")
struct LastLineTests {
  private static func lastLine(_ chunks: [[UInt8]]) -> LastLine {
    var line = LastLine()
    for chunk in chunks { chunk.withUnsafeBytes { line.take($0) } }
    return line
  }

  private static func lastLine(_ chunks: [String]) -> LastLine {
    lastLine(chunks.map { Array($0.utf8) })
  }

  /// The same, from the whole output at once.
  private static func naive(_ bytes: [UInt8]) -> String? {
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map {
      Array($0.prefix(500))
    }
    let last = lines.last { !$0.allSatisfy { [0x20, 0x09].contains($0) } }
    guard let last else { return nil }
    var text = String(decoding: last, as: UTF8.self)
    while let character = text.last, character.isWhitespace { text.removeLast() }
    return text
  }

  @Test(
    arguments: [
      ([], nil), ([""], nil), (["\n"], nil), ([" \t\r\n", "\n"], nil), (["one"], "one"),
      (["one\n"], "one"), (["one\ntwo\n"], "two"), (["one\ntwo"], "two"), (["one\n\n \n"], "one"),
      (["one\n", "\n", "  "], "one"), (["o", "n", "e"], "one"), (["o", "ne\nt", "w"], "tw"),
      (["on", "e\n"], "one"), (["on", "e\n\n\n"], "one"), (["one\n  two  \r\n"], "  two"),
      (["one", "\n"], "one"), ([" ", "x"], " x"), (["one\ntwo\nthree\n \n"], "three"),
    ] as [([String], String?)])
  func `is the last that shows something`(chunks: [String], expected: String?) {
    #expect(Self.lastLine(chunks).text == expected)
  }

  @Test(
    arguments: [
      (["10%\r20%\r30%"], "30%"), (["10%\r20%\r"], "20%"), (["10%", "\r", "20", "%"], "20%"),
      (["10%\r20%\r", "  "], "  %"), (["a\n20%\r   "], "a"), (["one\n10%\r20%\r\n"], "20%"),
      (["one\r", "\n"], "one"),
      (["\r10%"], "10%"), ([String(repeating: "x", count: 700), "\rdone\u{1b}[K"], "done"),
      (["|==  |\u{8}", "\u{8}\u{8}= |"], "|=== |"),
      (["\u{1b}[31mERROR\u{1b}[0m\n"], "ERROR"),
      (["\u{1b}]0;title\u{7}\u{1b}[", "2K\r50%"], "50%"),
      (
        ["Writing: 1/16", "\u{8}\u{8}\u{8}\u{8}2/16\u{8}\u{8}\u{8}\u{8}", "done \n"],
        "Writing: done"
      ),
    ] as [([String], String?)])
  func `is the newest of a progress bar`(chunks: [String], expected: String?) {
    #expect(Self.lastLine(chunks).text == expected)
  }

  @Test(
    arguments: [
      ([], false), (["x"], true), (["x\n"], false), (["x\n", "y"], true), (["x", "\n"], false),
      (["x", ""], true), (["x\n", ""], false),
    ] as [([String], Bool)])
  func `is open where the output does not end with a line feed`(chunks: [String], expected: Bool) {
    #expect(Self.lastLine(chunks).endsInsideLine == expected)
  }

  @Test func `is cut after 500 bytes, in one chunk or over several`() {
    let expected = String(repeating: "x", count: 500)
    let long = String(repeating: "x", count: 1200)
    #expect(Self.lastLine([long]).text == expected)
    #expect(Self.lastLine([long + "\n"]).text == expected)
    #expect(Self.lastLine([String(long.prefix(499)), "xy", "z\n"]).text == expected)
    #expect(Self.lastLine(["a\n" + long.prefix(300), long + "\nb"]).text == "b")
    #expect(Self.lastLine(Array(repeating: "x", count: 1200)).text == expected)
  }

  @Test func `shows U+FFFD for what is not UTF-8`() {
    #expect(Self.lastLine([[0x61, 0xff, 0x62, 0x0a]]).text == "a\u{fffd}b")
    // A character that is cut by the end of a chunk is whole.
    #expect(Self.lastLine([[0x61, 0xc3], [0xa4, 0x0a]]).text == "aä")
  }

  @Test func `is the same however the output is cut into chunks`() {
    var random = SeededGenerator(for: "the last line")
    let alphabet = Array("\n\n\n  \tab".utf8) + [0xff]
    let acting = alphabet + Array("\r\u{8}\u{1b}[KC]\u{7}\u{e4}".utf8) + [0x80]
    for round in 0..<3000 {
      // Every other time without what a terminal acts on, and then what is shown is what came.
      let isPlain = round.isMultiple(of: 2)
      let alphabet = isPlain ? alphabet : acting
      let bytes = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ -> [UInt8] in
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        // Now and then a line that is too long.
        let isLong = Int.random(in: 0..<60, using: &random) == 0
        return Array(repeating: byte, count: isLong ? 300 : 1)
      }
      var chunks: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = rest.prefix(Int.random(in: 1...15, using: &random))
        chunks.append(Array(chunk))
        rest = rest.dropFirst(chunk.count)
      }
      let line = Self.lastLine(chunks)
      let expected = isPlain ? Self.naive(bytes) : Self.lastLine([bytes]).text
      guard line.text == expected else {
        Issue.record("\(chunks) gave \(line.text ?? "nil")")
        return
      }
    }
  }
}
