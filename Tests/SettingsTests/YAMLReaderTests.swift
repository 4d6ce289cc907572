import Testing

@testable import Settings

@Suite("YAML")
struct YAMLReaderTests {
  private func read(_ text: String) throws(YAMLError) -> YAMLNode? {
    try YAMLReader.root(of: Array(text.utf8))
  }

  private func error(_ bytes: [UInt8]) -> YAMLError? {
    #expect(throws: YAMLError.self) { try YAMLReader.root(of: bytes) }
  }

  @Test func `is a tree of nodes that know their lines`() throws {
    let root = try #require(try read("# a\na: 1\nb:\n  - x\n  - 'y: z'\n\nc: {d: ~}\n"))
    #expect(
      root
        == YAMLNode(
          value: .mapping([
            .init(key: "a", line: 2, value: .init(value: .scalar("1", isPlain: true), line: 2)),
            .init(
              key: "b", line: 3,
              value: .init(
                value: .sequence([
                  .init(value: .scalar("x", isPlain: true), line: 4),
                  .init(value: .scalar("y: z", isPlain: false), line: 5),
                ]), line: 4)),
            .init(
              key: "c", line: 7,
              value: .init(
                value: .mapping([
                  .init(
                    key: "d", line: 7, value: .init(value: .scalar("~", isPlain: true), line: 7))
                ]), line: 7)),
          ]), line: 2))
  }

  @Test(arguments: ["", "\n\n", "# nothing", "---\n# nothing\n", "\u{feff}"])
  func `without content is nothing`(text: String) throws {
    let root = try read(text)
    #expect(root?.isNull ?? true)
  }

  @Test(arguments: [
    ("a: *b", 1, "the alias *b is not read; write out what it stands for"),
    ("a: 1\nb: !!binary x", 2, "the tag tag:yaml.org,2002:binary is not read; leave it out"),
    ("a: 1\nb: 2\na: 3", 3, #"the key "a" is there twice, first in line 1"#),
    ("a:\n\tb: 1", 2, "it is indented with a tab; use blanks"),
    ("a: 1\n---\nb: 2", 3, "there is a second document; only one is read"),
    ("[a]: 1", 1, "a key has to be a single word"),
    ("a: \"x\\0y\"", 1, "there is a NUL character in a value"),
    (
      "a: [1,\n2\nb: 3", 3,
      "while parsing a flow sequence that begins in line 1: "
        + "did not find expected ',' or ']'"
    ),
  ])
  func `that taro does not read is refused with the line`(text: String, line: Int, reason: String) {
    #expect(error(Array(text.utf8)) == YAMLError(line: line, reason: reason))
  }

  @Test(
    arguments: [
      [0x61, 0x3a, 0x0a, 0x62, 0x3a, 0x20, 0xff],  // Latin 1
      [0x61, 0x0a, 0xed, 0xa0, 0x80],  // half a surrogate pair
    ] as [[UInt8]])
  func `that is not UTF-8 is refused with the line`(bytes: [UInt8]) throws {
    let refusal = error(bytes)
    #expect(refusal?.line == 2)
    #expect(refusal?.reason.hasPrefix("it is not UTF-8 text") == true)
  }

  @Test func `in UTF-16 is refused`() {
    #expect(error([0xff, 0xfe, 0x61, 0x00])?.reason.hasPrefix("it is not UTF-8 text") == true)
  }

  @Test(arguments: ["[", "{a: ", "- "])
  func `nested without end is refused soon`(opening: String) {
    let text = String(repeating: opening, count: 50_000)
    #expect(error(Array(text.utf8))?.reason == "it is nested deeper than 32 levels")
  }

  @Test func `a bomb of aliases is refused at its first alias`() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...40 {
      text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(error(Array(text.utf8))?.line == 2)
  }

  @Test func `cut off anywhere, or with any byte changed, is a tree or an error`() {
    let text = Array("a: [1, {b: \"c\\n\", d: 'e'}]\nf:\n  - |\n    g\n  - >-\n    h\n".utf8)
    var trees = 0
    for end in text.indices where (try? YAMLReader.root(of: Array(text[..<end]))) != nil {
      trees += 1
    }
    for index in text.indices {
      for byte in [0x00, 0x09, 0x0a, 0x22, 0x26, 0x2a, 0x3f, 0x5b, 0x7b, 0x80, 0xff] as [UInt8] {
        var changed = text
        changed[index] = byte
        if (try? YAMLReader.root(of: changed)) != nil { trees += 1 }
      }
    }
    #expect(trees > 0)
  }
}
