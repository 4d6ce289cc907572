import Linux
import Testing

@Suite struct LinePiecesTests {
  private func wholeLines(_ text: String) -> Int {
    Array(text.utf8).withUnsafeBytes(LinePieces.wholeLines)
  }

  private func first(_ text: String) -> Int {
    Array(text.utf8).withUnsafeBytes { LinePieces.first(of: $0).count }
  }

  @Test(arguments: [("", 0), ("a", 0), ("a\n", 2), ("a\nb", 2), ("\n", 1), ("a\nb\n", 4)])
  func `whole lines end with the last line feed`(text: String, count: Int) {
    #expect(wholeLines(text) == count)
  }

  @Test func `what fits goes in one piece, with or without an end`() {
    #expect(first("") == 0)
    #expect(first("a\nb") == 3)
    #expect(first(String(repeating: "x", count: LinePieces.atomic)) == LinePieces.atomic)
  }

  @Test func `what does not fit is cut behind a line, and a longer line where it must be`() {
    let line = String(repeating: "x", count: 99) + "\n"
    #expect(first(String(repeating: line, count: 50)) == 4000)
    #expect(first(String(repeating: "x", count: 5000)) == LinePieces.atomic)
    #expect(first("a\n" + String(repeating: "x", count: 5000)) == 2)
  }
}
