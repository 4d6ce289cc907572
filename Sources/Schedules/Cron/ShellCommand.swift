/// Simple commands in a line for sh(1), as words: what a crontab starts, without running a shell to find out.
package struct ShellCommand: Equatable, Sendable {
  package struct Word: Equatable, Sendable {
    package var text: String
    /// A shell makes of it what stands there; otherwise what it makes is known to nobody before.
    package var isLiteral: Bool

    package init(text: String, isLiteral: Bool) {
      self.text = text
      self.isLiteral = isLiteral
    }
  }

  /// Without assignments before it and redirections.
  package private(set) var words: [Word] = []

  /// The commands of the line, in order: what stands between `;`, `&&`, `||`, `|`, `&` and parentheses.
  package static func commands(_ line: String) -> [ShellCommand] {
    var reader = ShellReader(line)
    return reader.read()
  }

  fileprivate mutating func append(_ word: Word) { words.append(word) }
}

private struct ShellReader {
  private var rest: Substring
  private var commands: [ShellCommand] = []
  private var current = ShellCommand()
  private var word: ShellCommand.Word?
  /// The next word is the file of a redirection.
  private var isRedirected = false

  init(_ line: String) { rest = line[...] }

  mutating func read() -> [ShellCommand] {
    while let character = rest.popFirst() { take(character) }
    endCommand()
    return commands
  }

  private mutating func take(_ character: Character) {
    switch character {
    case " ", "\t": endWord()
    case ";", "|", "(", ")", "\n": endCommand()
    case "&":
      // In >&2 and &> it belongs to a redirection.
      if isRedirected, word == nil { return }
      if rest.first == ">" { return endWord() }
      endCommand()
    case "<", ">":
      // A number before it is a descriptor.
      if let number = word, number.isLiteral,
        number.text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      {
        word = nil
      } else {
        endWord()
      }
      while rest.first == ">" || rest.first == "<" || rest.first == "|" { rest.removeFirst() }
      isRedirected = true
    case "#" where word == nil: rest = ""
    case "'": takeQuoted()
    case "\"": takeDoublyQuoted()
    case "\\": if let next = rest.popFirst() { add(next) }
    case "$", "`": addUnknown(character)
    case "*", "?", "[": addUnknown(character)
    case "~" where word == nil: addUnknown(character)
    case "{", "}", "!": add(character)
    default: add(character)
    }
  }

  private mutating func takeQuoted() {
    word = word ?? ShellCommand.Word(text: "", isLiteral: true)
    while let character = rest.popFirst(), character != "'" { add(character) }
  }

  private mutating func takeDoublyQuoted() {
    word = word ?? ShellCommand.Word(text: "", isLiteral: true)
    while let character = rest.popFirst(), character != "\"" {
      switch character {
      case "\\":
        guard let next = rest.popFirst() else { return }
        if !"$`\"\\\n".contains(next) { add("\\") }
        add(next)
      case "$", "`": addUnknown(character)
      default: add(character)
      }
    }
  }

  private mutating func add(_ character: Character) {
    word = word ?? ShellCommand.Word(text: "", isLiteral: true)
    word?.text.append(character)
  }

  private mutating func addUnknown(_ character: Character) {
    add(character)
    word?.isLiteral = false
  }

  private mutating func endWord() {
    guard let word else { return }
    self.word = nil
    guard !isRedirected else {
      isRedirected = false
      return
    }
    current.append(word)
  }

  private mutating func endCommand() {
    endWord()
    isRedirected = false
    if !current.words.isEmpty { commands.append(current) }
    current = ShellCommand()
  }
}
