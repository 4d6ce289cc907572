/// The page of one command, from what the command declares.
struct CommandManual {
  private let command: CommandTree
  private let words: [String]
  private let program: ProgramDescription
  private let topics: ManualTopics
  private let arguments: [CommandTree.Argument]
  private let discussion: Discussion
  private let others: [String]

  /// - Parameters:
  ///   - words: `["PROGRAM", "config", "show"]`.
  ///   - others: names of the pages that it refers to.
  init(
    _ command: CommandTree, words: [String], of program: ProgramDescription,
    _ topics: ManualTopics, others: [String]
  ) {
    self.command = command
    self.words = words
    self.program = program
    self.topics = topics
    self.others = others
    arguments = command.arguments
    discussion = Discussion(command.discussion)
  }

  var page: ManualText {
    var page = ManualText(words.joined(separator: "-"), section: 1, of: program)
    addName(&page)
    addSynopsis(&page)
    page.section("DESCRIPTION")
    page.line(ManualText.escaped(command.abstract))
    for paragraph in discussion.paragraphs {
      page.paragraph(paragraph.text)
      for example in paragraph.examples { page.example(example) }
    }
    addCommands(&page)
    addOptions(&page)
    if isProgram { addEntries("STATES", topics.states, &page) }
    addExitStatus(&page)
    addEntries("ENVIRONMENT", entries(topics.variables), &page)
    addEntries("FILES", entries(topics.files), &page)
    if !discussion.examples.isEmpty { page.section("EXAMPLES") }
    for example in discussion.examples { page.example(example) }
    page.section("SEE ALSO")
    page.line(others.joined(separator: ", "))
    return page
  }

  private func addName(_ page: inout ManualText) {
    page.section("NAME")
    var abstract = command.abstract
    if abstract.hasSuffix(".") { abstract.removeLast() }
    let first = abstract.removeFirst().lowercased()
    let name = ManualText.escaped(words.joined(separator: "-"))
    page.line("\(name) \\- \(ManualText.escaped(first + abstract))")
  }

  private func addSynopsis(_ page: inout ManualText) {
    page.section("SYNOPSIS")
    if command.defaultSubcommand != nil {
      let option = ManualText.italic("option")
      page.line("\(ManualText.bold(words.joined(separator: " "))) [\(option)]...")
      page.line(".br")
    }
    for name in [words.last ?? ""] + command.aliases {
      let title = (words.dropLast() + [name]).joined(separator: " ")
      if name != words.last { page.line(".br") }
      page.line("\(ManualText.bold(title)) \(operands.joined(separator: " "))")
    }
  }

  private var operands: [String] {
    guard command.subcommands.isEmpty else {
      return ["\(ManualText.italic("command")) [\(ManualText.italic("argument"))]..."]
    }
    if let usage = command.usage?.dropFirst(words.joined(separator: " ").count + 1) {
      return [ManualText.escaped(String(usage)).filter { $0 != "<" && $0 != ">" }]
    }
    let positionals = arguments.filter { $0.kind == .positional }.map { argument in
      let name = ManualText.italic(argument.valueName)
      return (argument.isOptional ? "[\(name)]" : name) + (argument.isRepeating ? "..." : "")
    }
    return ["[\(ManualText.italic("option"))]..."] + positionals
  }

  private func addCommands(_ page: inout ManualText) {
    guard !command.subcommands.isEmpty else { return }
    page.section("COMMANDS")
    for subcommand in command.subcommands {
      let title = ([subcommand.name] + subcommand.aliases).map(ManualText.bold)
      page.entry(title.joined(separator: ", "), subcommand.abstract)
    }
  }

  private func addOptions(_ page: inout ManualText) {
    page.section("OPTIONS")
    for argument in arguments where argument.kind == .positional { addEntry(argument, &page) }
    let options = arguments.filter { $0.kind != .positional }
    for option in options where option.section == nil { addEntry(option, &page) }
    var titles: [String] = []
    for title in options.compactMap(\.section) where !titles.contains(title) {
      titles.append(title)
    }
    for title in titles {
      page.subsection(title)
      for option in options where option.section == title { addEntry(option, &page) }
    }
  }

  private func addEntry(_ argument: CommandTree.Argument, _ page: inout ManualText) {
    let value = ManualText.italic(argument.valueName)
    let names = argument.names.sorted { $0.utf8.count < $1.utf8.count }.map(ManualText.bold)
    let term =
      switch argument.kind {
      case .positional: value
      case .option where hasOptionalValue(argument): "\(names.joined(separator: ", "))[=\(value)]"
      case .option: "\(names.joined(separator: ", ")) \(value)"
      case .flag: names.joined(separator: ", ")
      }
    let byDefault = argument.defaultValue.map { " (\($0) by default)" } ?? ""
    page.entry(term, argument.abstract + byDefault)
  }

  private func hasOptionalValue(_ argument: CommandTree.Argument) -> Bool {
    guard let starter = program.starter, words.last == starter.command else { return false }
    return argument.names.contains { starter.optionsWithDefaults.contains($0) }
  }

  private func addExitStatus(_ page: inout ManualText) {
    page.section("EXIT STATUS")
    let own = discussion.exitCodes
    if let own { page.line(ManualText.escaped(own)) }
    guard own?.contains("64") != true else { return }
    for code in topics.exitCodes {
      let applies =
        switch code.commands {
        case .others: own == nil
        case .all: true
        case .withOption(let option): takes(option)
        }
      if applies { page.entry(ManualText.bold(code.code), code.meaning) }
    }
  }

  private func addEntries(
    _ title: String, _ entries: [ManualTopics.Entry], _ page: inout ManualText
  ) {
    guard !entries.isEmpty else { return }
    page.section(title)
    for entry in entries { page.entry(ManualText.bold(entry.name), entry.meaning) }
  }

  private var isProgram: Bool { words.count == 1 }

  private func takes(_ option: String) -> Bool {
    isProgram || arguments.contains { $0.names.contains(option) }
  }

  private func entries(_ all: [ManualTopics.Entry]) -> [ManualTopics.Entry] {
    all.filter { takes($0.option) }
  }
}
