internal import ArgumentParser

/// Everything that a command line can go on with.
package enum Completion: Equatable {
  case words([Candidate])
  /// Names of files behind the first characters of the word, for instance behind `--config=`.
  case files(behind: String)
  case directories(behind: String)
  /// A command of its own begins at this word (0 is the one after the program's name).
  case command(at: Int)
}

/// Reads a command line up to the word that is to be completed, as the parser would.
package struct CompletionRequest {
  private let program: ProgramDescription
  private let words: [String]
  /// The beginning of the word that is to be completed.
  private let current: String
  private var command: CommandTree
  /// The command of which no subcommand is named, though it has one that is meant then.
  private var unnamed: CommandTree?
  /// The command's own, once its name has been read.
  private var arguments: [CommandTree.Argument] = []
  private var path: [String] = []
  private var positionals = 0
  private var given: Set<String> = []
  /// Options, with their values, that say whom to ask.
  private var contextWords: [String] = []
  private var awaitingValue: CommandTree.Argument?
  private var optionsHaveEnded = false
  private var start: Int?
  private let contextOptions: Set<String>

  /// - Parameters:
  ///   - words: those between the program's name and the word that is to be completed, without their quotes.
  package init(_ program: ProgramDescription, words: [String], current: String) {
    self.program = program
    command = program.tree
    contextOptions = CommandTree.optionNames(of: program.context)
    self.words = words
    self.current = current
    read()
  }

  /// True where a command of somebody else's follows.
  private var isStarter: Bool { program.starter.map { path == [$0.command] } ?? false }
  /// The parser's own, which is no command of the tree.
  private var isHelp: Bool { words.first == "help" }

  private mutating func read() {
    var index = 0
    while index < words.count, let next = command.subcommand(words[index]) {
      command = next
      path.append(next.name)
      index += 1
    }
    if let byDefault = command.defaultSubcommand {
      unnamed = command
      command = byDefault
      path.append(byDefault.name)
    }
    arguments = command.arguments
    while index < words.count, start == nil {
      let word = words[index]
      index += 1
      if !optionsHaveEnded, word == "--" {
        optionsHaveEnded = true
        if isStarter { start = index }
      } else if !optionsHaveEnded, word.hasPrefix("-"), word.utf8.count > 1 {
        readOption(word, &index)
      } else if isStarter {
        start = index - 1
      } else {
        positionals += 1
      }
    }
    // The word itself may be the first of the command.
    if isStarter, start == nil, awaitingValue == nil, optionsHaveEnded || !current.hasPrefix("-") {
      start = words.count
    }
  }

  private mutating func readOption(_ word: String, _ index: inout Int) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    given.insert(name)
    let first = index - 1
    if parts.count == 1, let option = option(name) ?? lastOfCluster(name),
      option.kind == .option, !takesValueBehindEqualsOnly(name)
    {
      awaitingValue = option
      while index < words.count, awaitingValue != nil,
        !(option.takesWordsUpToNextOption && words[index].hasPrefix("-"))
      {
        index += 1
        if !option.takesWordsUpToNextOption { awaitingValue = nil }
      }
      if index < words.count { awaitingValue = nil }
    }
    // One whose value is what is being typed says nothing yet.
    if isOfContext(name), awaitingValue == nil { contextWords += words[first..<index] }
  }

  /// One of the command's own may have a name that it has in common with one of those.
  private func isOfContext(_ name: String) -> Bool {
    contextOptions.contains(name)
      && option(name)?.names.allSatisfy(contextOptions.contains) != false
  }

  private func option(_ name: String) -> CommandTree.Argument? {
    arguments.first { $0.kind != .positional && $0.names.contains(name) }
  }

  /// `-n` of `-fn`: the option that a word of several short ones ends with.
  private func lastOfCluster(_ word: String) -> CommandTree.Argument? {
    guard !word.hasPrefix("--"), let last = word.last else { return nil }
    return option("-\(last)")
  }

  private func takesValueBehindEqualsOnly(_ name: String) -> Bool {
    isStarter && program.starter?.optionsWithDefaults.contains(name) == true
  }

  package func completion() -> Completion {
    if let start { return .command(at: start) }
    if let option = awaitingValue, !(option.takesWordsUpToNextOption && current.hasPrefix("-")) {
      return values(of: option, named: option.names.first ?? "", behind: "")
    }
    if !optionsHaveEnded, current.hasPrefix("-") { return options() }
    if isHelp { return subcommands(of: program.tree.descendant(words.dropFirst())) }
    if let unnamed, given.isEmpty, positionals == 0 { return subcommands(of: unnamed) }
    if !command.subcommands.isEmpty {
      return positionals == 0 ? subcommands(of: command) : .words([])
    }
    let awaited = arguments.filter { $0.kind == .positional }
    let index = min(positionals, awaited.count - 1)
    guard index >= 0, index == positionals || awaited[index].isRepeating else {
      return .words([])
    }
    return values(of: awaited[index], named: "positional@\(index)", behind: "")
  }

  private func options() -> Completion {
    if let equals = current.firstIndex(of: "=") {
      let name = String(current[..<equals])
      guard let option = option(name), option.kind == .option else { return .words([]) }
      return values(of: option, named: name, behind: "\(name)=")
    }
    let offered = arguments.filter { option in
      option.isRepeating || given.isDisjoint(with: option.names)
    }
    return words(
      offered.flatMap { option in
        option.names.flatMap { name in
          (takesValueBehindEqualsOnly(name) ? [name, "\(name)="] : [name]).map {
            Candidate($0, note: option.abstract)
          }
        }
      })
  }

  private func subcommands(of command: CommandTree) -> Completion {
    words(command.subcommands.map { Candidate($0.name, note: $0.abstract) })
  }

  private func values(
    of argument: CommandTree.Argument, named name: String, behind start: String
  ) -> Completion {
    switch argument.values {
    case .none: return .words([])
    case .files: return .files(behind: start)
    case .directories: return .directories(behind: start)
    case .words(let texts):
      return words(texts.map { Candidate(start + $0) })
    case .found:
      let value = String(current.dropFirst(start.count))
      return words(found(name, value).map { Candidate(start + $0.text, note: $0.note) })
    }
  }

  /// Those that begin like the word, each once.
  private func words(_ candidates: [Candidate]) -> Completion {
    var seen: Set<String> = []
    return .words(
      candidates.filter { $0.text.hasPrefix(current) && seen.insert($0.text).inserted })
  }

  /// Asks the function that the argument is declared with, by the parser's own way of calling it.
  private func found(_ name: String, _ value: String) -> [Candidate] {
    let request =
      ["---completion"] + path + ["--", name, "\(contextWords.count)", "\(value.count)"]
      + contextWords + [value]
    do {
      _ = try program.root.parseAsRoot(request)
      return []
    } catch {
      guard program.root.exitCode(for: error) == .success else { return [] }
      return program.root.message(for: error).split(separator: "\n").map(Candidate.init(line:))
    }
  }
}
