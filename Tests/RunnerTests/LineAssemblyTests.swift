import Testing

@testable import Runner

@Suite("Lines put together")
struct LineAssemblyTests {
  private static func lines(_ pieces: [[UInt8]]) -> [[UInt8]] {
    var assembly = LineAssembly()
    var lines: [[UInt8]] = []
    for piece in pieces {
      piece.withUnsafeBytes { assembly.take($0) { lines.append(Array($0)) } }
    }
    assembly.finish { lines.append(Array($0)) }
    return lines
  }

  private static func text(_ lines: [[UInt8]]) -> [String] {
    lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]),
    ("a\r\nb\r\n", ["a", "b"]), ("1%\r2%\r3%", ["1%", "2%", "3%"]), ("a\r\r\nb", ["a", "", "b"]),
    ("a\n\rb", ["a", "", "b"]), ("\r\n\r\n\n\r", ["", "", "", ""]), ("\r", [""]),
  ])
  func `end with line feed, carriage return or both`(text: String, expected: [String]) {
    #expect(Self.text(Self.lines([Array(text.utf8)])) == expected)
  }

  @Test(arguments: [
    ("\u{1b}[31mERROR\u{1b}[0m: x\n", ["ERROR: x"]), ("abc\rX\n", ["abc", "Xbc"]),
    ("abc\r\u{1b}[KX\nY\n", ["abc", "X", "Y"]), ("ab\u{8}c\n", ["ac"]),
    ("a\u{1b}]8;;http://x\u{1b}\\b\n", ["ab"]), ("abc\r\nX\n", ["abc", "X"]),
    ("a\u{1b}]never ended\nb\n", ["a", "b"]), ("\u{1b}[1;31m\tx\n\ty", ["\tx", "\ty"]),
    ("\u{e4}\u{1f994}\u{8}b\n", ["\u{e4}b"]), ("\u{1b}[3Cx\n", ["   x"]), ("x\0y\u{7}\n", ["xy"]),
    ("abcdef\u{1b}[3Dx\u{1b}[1Gy\n", ["ybcxef"]), ("\u{1b}[2mab\u{1b}(B\u{1b}[m\n", ["ab"]),
  ])
  func `are as a terminal would show them`(text: String, expected: [String]) {
    let bytes = Array(text.utf8)
    #expect(Self.text(Self.lines([bytes])) == expected)
    #expect(Self.text(Self.lines(bytes.map { [$0] })) == expected)
  }

  @Test func `are the same however the bytes are cut into pieces`() {
    let bytes = Array("ab\r\nc\u{1b}[1md\n\r\r\n\nx\u{e4}\r12%\r34%\n\nlas\u{8}\u{e4}t".utf8)
    let expected = Self.lines([bytes])
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
        guard Self.lines(pieces) == expected else {
          Issue.record("cut at \(first) and \(second): \(Self.text(Self.lines(pieces)))")
          return
        }
      }
    }
    #expect(Self.lines(bytes.map { [$0] }) == expected)
  }

  @Test func `are their first 64 KiB when they are longer, in one piece or many`() {
    let limit = LineAssembly.limit
    let long = Array(repeating: UInt8(ascii: "x"), count: limit + 1000)
    let expected = [Array(long.prefix(limit)), Array("next".utf8)]
    let bytes = long + Array("\nnext\n".utf8)
    #expect(Self.lines([bytes]) == expected)
    for cut in [1, limit - 1, limit, limit + 1, limit + 1000, limit + 1001] {
      let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
      #expect(Self.lines(pieces) == expected, "cut at \(cut)")
    }
    let exactly = Array(long.prefix(limit))
    #expect(Self.lines([exactly, [0x0a, 0x79]]) == [exactly, [0x79]])
  }

  @Test func `are given at once when they are long enough, whatever follows`() {
    var assembly = LineAssembly()
    var count = 0
    let bytes = [UInt8](repeating: 0x78, count: LineAssembly.limit)
    bytes.withUnsafeBytes { assembly.take($0) { _ in count += 1 } }
    #expect(count == 1)
    bytes.withUnsafeBytes { assembly.take($0) { _ in count += 1 } }
    assembly.finish { _ in count += 1 }
    #expect(count == 1)
  }

  @Test func `are not put together across bytes that are missing`() {
    var assembly = LineAssembly()
    var lines: [String] = []
    func take(_ text: String) {
      Array(text.utf8).withUnsafeBytes {
        assembly.take($0) { lines.append(String(decoding: $0, as: UTF8.self)) }
      }
    }
    take("one\ntw")
    assembly.miss(100)
    take("o")
    take("!\nthree\n")
    assembly.miss(0)
    take("four")
    assembly.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
    #expect(lines == ["one", "three", "four"])
    #expect(assembly.lostBytes == 104)
  }
}
