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

  /// Without redirections.
  package private(set) var words: [Word] = []
  /// The command on whose end it depends whether this one runs; nil where it runs in any case.
  package fileprivate(set) var condition: String?

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
  /// A command may not run for these reasons, one for each pair of parentheses that is open; nil where it always runs.
  private var conditions: [String?] = [nil]

  init(_ line: String) { rest = line[...] }

  mutating func read() -> [ShellCommand] {
    while let character = rest.popFirst() { take(character) }
    endCommand()
    return commands
  }

  private mutating func take(_ character: Character) {
    switch character {
    case " ", "\t": endWord()
    case "(":
      endCommand()
      conditions.append(conditions.last ?? nil)
    case ")":
      endCommand()
      if conditions.count > 1 { conditions.removeLast() }
    case "|":
      if rest.first == "|" {
        rest.removeFirst()
        endCommand(isCondition: true)
      } else {
        endCommand()
      }
    case ";", "\n":
      endCommand()
      endList()
    case "&":
      // In >&2 and &> it belongs to a redirection.
      if isRedirected, word == nil { return }
      if rest.first == ">" { return endWord() }
      if rest.first == "&" {
        rest.removeFirst()
        endCommand(isCondition: !Self.prepares(current, word))
      } else {
        endCommand()
        endList()
      }
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

  /// Commands that are run before another one, as a rule, and succeed.
  private static let preparations: Set = [
    ".", ":", "cd", "export", "mkdir", "pushd", "set", "sleep", "source", "true", "ulimit", "umask",
    "unset",
  ]

  private static func prepares(_ command: ShellCommand, _ last: ShellCommand.Word?) -> Bool {
    (command.words.first ?? last).map { preparations.contains($0.text) || isAssignment($0) } ?? true
  }

  private static func isAssignment(_ word: ShellCommand.Word) -> Bool {
    word.text.first.map { $0.isLetter || $0 == "_" } ?? false && word.text.contains("=")
  }

  /// - Parameter isCondition: what follows depends on its end.
  private mutating func endCommand(isCondition: Bool = false) {
    endWord()
    isRedirected = false
    current.condition = conditions.last ?? nil
    if isCondition {
      conditions[conditions.count - 1] = current.words.map(\.text).joined(separator: " ")
    }
    if !current.words.isEmpty { commands.append(current) }
    current = ShellCommand()
  }

  private mutating func endList() {
    conditions[conditions.count - 1] = conditions.count > 1 ? conditions[conditions.count - 2] : nil
  }
}
