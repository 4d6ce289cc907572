internal import Glibc
internal import Linux

/// The pages of the manual: one a command, and one on the configuration.
enum Manual {
  static let option = "--generate-manual"

  /// `man1/taro-exec.1` and its text.
  static var pages: [(path: String, text: String)] {
    var pages: [(String, String)] = []
    add(.program, ["taro"], parents: [], &pages)
    pages.append(("man5/taro.yaml.5", ConfigurationManual.page.text))
    return pages
  }

  private static func add(
    _ command: CommandTree, _ words: [String], parents: [String],
    _ pages: inout [(String, String)]
  ) {
    let name = words.joined(separator: "-")
    let below = command.subcommands.map { "\(name)-\($0.name)" }
    let others = (parents + below).map { reference($0, 1) } + [reference("taro.yaml", 5)]
    let manual = CommandManual(command, words: words, others: others)
    pages.append(("man1/\(name).1", manual.page.text))
    for subcommand in command.subcommands {
      add(subcommand, words + [subcommand.name], parents: parents + [name], &pages)
    }
  }

  private static func reference(_ name: String, _ section: Int) -> String {
    "\(ManualText.bold(name))(\(section))"
  }

  /// Puts the pages below a directory, `man1` and `man5`, in place of older ones.
  static func write(below directory: String) throws(SystemCallError) {
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
