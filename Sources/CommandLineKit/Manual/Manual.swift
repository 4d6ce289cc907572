internal import Glibc
package import Linux

/// The pages of a program's manual: one a command, and one on its configuration.
package struct Manual {
  static let option = "--generate-manual"

  let program: ProgramDescription
  let topics: ManualTopics
  let configuration: ConfigurationManual

  package init(
    _ program: ProgramDescription, _ topics: ManualTopics, configuration: ConfigurationManual
  ) {
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

  /// Puts the pages below a directory, `man1` and `man5`, in place of older ones.
  package func write(below directory: String) throws(SystemCallError) {
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
