import Testing

@testable import Runner

@Suite struct JobIDTests {
  private func id(_ words: String...) -> String { JobID.standard(of: words.map { Array($0.utf8) }) }

  @Test func `a command of up to 256 bytes is its job's id`() {
    #expect(id("echo", "a b", "") == "echo a b ")
    let longest = String(repeating: "x", count: 251)
    #expect(id("echo", longest) == "echo \(longest)")
  }

  @Test func `of a longer one there are 200 bytes and a digest of all`() {
    let long = String(repeating: "x", count: 252)
    // echo -n "echo xxx..." | sha256sum
    #expect(id("echo", long) == "echo " + String(repeating: "x", count: 195) + "…4d81c295")
    #expect(id("echo", long) != id("echo", long + "x"))
  }

  @Test(arguments: [0, 1, 2, 3]) func `no character is cut`(shift: Int) {
    let start = String(repeating: "x", count: shift)
    let id = id(start, String(repeating: "\u{1d11e}", count: 100))
    // The blank, and as many of 4 bytes as there is room for.
    let whole = (200 - shift - 1) / 4
    #expect(id.hasPrefix(start + " " + String(repeating: "\u{1d11e}", count: whole) + "…"))
    #expect(!id.contains("\u{fffd}"))
  }

  @Test func `bytes that are no character are cut like others`() {
    let id = JobID.standard(of: [Array(repeating: 0xbf, count: 300)])
    #expect(id.hasPrefix(String(repeating: "\u{fffd}", count: 197) + "…"))
  }

  @Test func `what repeats an older instance gets a short id too`() {
    let words = ["echo", String(repeating: "x", count: 300)].map { Array($0.utf8) }
    let old = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    #expect(JobID.ofRepeated(old, words) == JobID.standard(of: words))
    #expect(JobID.ofRepeated("backup", words) == "backup")
    let given = String(repeating: "y", count: JobID.longest)
    #expect(JobID.ofRepeated(given, words) == given)
    #expect(
      JobID.ofRepeated(given + "y", words).hasPrefix(String(repeating: "y", count: 200) + "…"))
  }
}
