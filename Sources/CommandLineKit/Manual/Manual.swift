internal import Glibc
package import Linux

/// The pages of a program's manual: one a command, and one on its configuration.
package struct Manual {
  static let option = "--generate-manual"

  let program: ProgramDescription
  let topics: ManualTopics
  let configuration: ConfigurationManual
  /// The pages that are made of the documentation, where that is at hand.
  private let documents: [MarkdownManual.Page]

  package init(
    _ program: ProgramDescription, _ topics: ManualTopics, configuration: ConfigurationManual,
    documents: [MarkdownManual.Page] = []
  ) {
    self.documents = documents
    self.program = program
    self.topics = topics
    self.configuration = configuration
  }

  /// `man1/PROGRAM-COMMAND.1` and its text.
  package var pages: [(path: String, text: String)] {
    var pages: [(String, String)] = []
    add(program.tree, [program.name], parents: [], &pages)
    pages.append(("man5/\(configuration.file).5", configuration.page(of: program).text))
    return pages
  }

  private func add(
    _ command: CommandTree, _ words: [String], parents: [String],
    _ pages: inout [(String, String)]
  ) {
    let name = words.joined(separator: "-")
    let below = command.subcommands.map { "\(name)-\($0.name)" }
    let others =
      (parents + below).map { Self.reference($0, 1) } + [Self.reference(configuration.file, 5)]
    let manual = CommandManual(command, words: words, of: program, topics, others: others)
    pages.append(("man1/\(name).1", manual.page.text))
    for subcommand in command.subcommands {
      add(subcommand, words + [subcommand.name], parents: parents + [name], &pages)
    }
  }

  private static func reference(_ name: String, _ section: Int) -> String {
    "\(ManualText.bold(name))(\(section))"
  }

  /// The pages that are made of the documentation.
  /// - Parameter folder: where that is.
  package func pages(
    ofDocumentation folder: String
  ) throws(SystemCallError) -> [(path: String, text: String)] {
    let own = [program.name: 1, configuration.file: 5].sorted { $0.value < $1.value }
    var references = ["commands.md": "\(program.name)(1)"]
    references["configuration.md"] = "\(configuration.file)(5)"
    for page in documents { references[page.file] = "\(page.name)(\(page.section))" }
    var pages: [(String, String)] = []
    for page in documents {
      let file = try Descriptor.open("\(folder)/\(page.file)", O_RDONLY)
      let markdown = String(decoding: try RawIO.readAll(file.fd, limit: 4 << 20), as: UTF8.self)
      let others =
        own.map { Self.reference($0.key, $0.value) }
        + documents.filter { $0.file != page.file }.map { Self.reference($0.name, $0.section) }
      let text = MarkdownManual.text(
        markdown, as: page, of: program, references: references.mapValues(ManualText.escaped),
        others: others)
      pages.append(("man\(page.section)/\(page.name).\(page.section)", text))
    }
    return pages
  }

  /// Puts the pages below a directory, `man1` and so on, in place of older ones.
  /// - Parameter documentation: where the documentation is; nil: without the pages that are made of it.
  package func write(
    below directory: String, documentation: String? = nil
  ) throws(SystemCallError) {
    var pages = pages
    if let documentation { pages += try self.pages(ofDocumentation: documentation) }
    for page in pages {
      let path = "\(directory)/\(page.path)"
      let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
      guard mkdir(String(folder), 0o777) == 0 || errno == EEXIST else {
        throw SystemCallError("mkdir", String(folder))
      }
      let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666)
      try RawIO.writeAll(file.fd, page.text)
    }
  }
}
