import Testing

@testable import CommandLineKit

@Suite struct BashLineTests {
  @Test(arguments: [
    ("taro stop ba", ["taro", "stop", "ba"]), ("taro stop ", ["taro", "stop", ""]),
    ("taro  show a\\ b", ["taro", "show", "a b"]), ("taro 'a b' \"c d", ["taro", "a b", "c d"]),
    (#"taro "a\"b\c" x"#, ["taro", #"a"b\c"#, "x"]), (#"taro 'a\' b"#, ["taro", #"a\"#, "b"]),
    ("taro x@y:z=", ["taro", "x@y:z="]), ("taro $(id) `id`", ["taro", "$(id)", "`id`"]),
  ]) func `is split as bash splits it, and nothing in it is expanded`(
    line: String, words: [String]
  ) {
    #expect(BashLine(line).words.map(\.text) == words)
  }

  @Test func `knows where words begin, in characters`() {
    #expect(BashLine("taro ü  x").words.map(\.start) == [0, 5, 8])
  }

  @Test(arguments: [
    ("ba", "ba", "backup", "backup"), ("", "", "it's $(x)", #"it\'s\ \$\(x\)"#),
    // Readline begins anew behind an @.
    ("backup@06", "06", "backup@06ab", "06ab"), ("x:", "", "x:y z", #"y\ z"#),
    ("'a", "a", "a b", "a b"), ("\"a", "a", "a $b", #"a \$b"#), ("", "", "~a!", #"\~a\!"#),
  ]) func `is gone on with as bash wants it quoted`(
    typed: String, replaced: String, text: String, reply: String
  ) throws {
    let word = try #require(BashLine("taro \(typed)").words.last)
    #expect(word.reply(text, replacing: replaced) == reply)
  }

  @Test(arguments: [
    ("'i", "i", "it's"), ("\"a", "a", "a!b"), ("b\"a", "a", "bac"), ("ab", "x", "ab"),
  ])
  func `is not gone on with where it cannot be written so`(
    typed: String, replaced: String, text: String
  ) throws {
    let word = try #require(BashLine("taro \(typed)").words.last)
    #expect(word.reply(text, replacing: replaced) == nil)
  }
}
