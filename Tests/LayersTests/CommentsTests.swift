import TestSupport
import Testing

/// Comments name the actor: a doc comment begins with a whole sentence, or with a noun phrase that says what the thing is.
@Suite("A doc comment") struct CommentsTests {
  /// Words that begin a question or half a sentence.
  private static let halves: Set<Substring> = [
    "How", "Nil", "Of", "What", "When", "Where", "Whether", "Which", "Who", "Whom", "Whose", "Why",
  ]

  private func files(below path: String) -> [String] {
    let names = Files.names(in: path)
    guard !names.isEmpty else { return path.hasSuffix(".swift") ? [path] : [] }
    return names.flatMap { files(below: "\(path)/\($0)") }
  }

  /// The first word of a line of a doc comment; nil where the line is none.
  private func firstWord(_ line: String) -> Substring? {
    let text = line.drop { $0 == " " }
    guard text.hasPrefix("///") else { return nil }
    return text.dropFirst(3).drop { $0 == " " }.prefix { $0.isLetter }
  }

  @Test func `begins with no half of a sentence`() throws {
    let sources = files(below: Repository.path("Sources"))
    try #require(sources.count > 500)
    var found: [String] = []
    for file in sources {
      var isInside = false
      for line in try Files.lines(file) {
        let word = firstWord(line)
        defer { isInside = word != nil }
        if let word, !isInside, Self.halves.contains(word) { found.append("\(file): \(line)") }
      }
    }
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }
}
