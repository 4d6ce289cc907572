package import Settings

/// The page of a program's configuration, from the keys that are understood.
package struct ConfigurationManual: Sendable {
  /// The file's name, and the page's.
  let file: String
  /// The command that is about it.
  let command: String
  let keys: [Configuration.KeyDescription]
  let paragraphs: [String]
  /// A file that is shown as an example, and what stands before it.
  let example: (title: String, file: String)

  /// - Parameter discussion: the help of the command that is about it.
  package init(
    file: String, command: String, keys: [Configuration.KeyDescription], discussion: String,
    more: [String], example: (title: String, file: String)
  ) {
    self.file = file
    self.command = command
    self.keys = keys
    paragraphs = Discussion(discussion).paragraphs.map(\.text) + more
    self.example = example
  }

  func page(of program: ProgramDescription) -> ManualText {
    var page = ManualText(file, section: 5, of: program)
    page.section("NAME")
    page.line("\(file) \\- configuration of \(program.name)")
    page.section("DESCRIPTION")
    for paragraph in paragraphs { page.paragraph(paragraph) }
    page.section("KEYS")
    for key in keys {
      page.entry(ManualText.bold(key.path), "\(key.meaning). Accepted: \(key.accepted).")
      if !key.byDefault.isEmpty {
        page.line(".br")
        page.line("Default: \(ManualText.bold(key.byDefault))")
      }
    }
    page.section("EXAMPLES")
    page.line(example.title)
    page.example(example.file.split(separator: "\n").map(String.init))
    page.section("SEE ALSO")
    page.line("\(ManualText.bold(command))(1), \(ManualText.bold(program.name))(1)")
    return page
  }
}
