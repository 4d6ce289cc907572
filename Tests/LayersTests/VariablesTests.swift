import TestSupport
import Testing

/// The one table of the variables of the environment, and the page that tells of them.
@Suite struct VariablesTests {
  private func table() throws -> [(name: String, meaning: String)] {
    try Files.lines(Repository.path("docs/configuration.md")).filter { $0.hasPrefix("| `TARO") }
      .map { line in
        let cells = line.split(separator: "|").map {
          $0.split(separator: " ").joined(separator: " ")
        }
        return (try cells.at(0).filter { $0 != "`" }, try cells.at(1))
      }
  }

  @Test func `docs/configuration.md has each variable with its meaning`() throws {
    let code = try Files.text(Repository.path("Sources/Events/EnvironmentVariable.swift"))
    let declared = code.matches(of: /case (\w+) = "(\w+)"/).map { (key: $0.1, name: $0.2) }
    #expect(declared.count > 10)
    let table = try table()
    #expect(table.map(\.name) == declared.map { String($0.name) })
    for (row, variable) in zip(table, declared) {
      let meaning = String(row.meaning.dropFirst())
      #expect(code.contains(meaning), "\(variable.name)")
    }
  }

  @Test func `no other file of a library spells one`() throws {
    func files(below path: String) -> [String] {
      let names = Files.names(in: path)
      guard !names.isEmpty else { return path.hasSuffix(".swift") ? [path] : [] }
      return names.flatMap { files(below: "\(path)/\($0)") }
    }
    let names = try table().map { "\"\($0.name)\"" }
    for file in files(below: Repository.path("Sources"))
    where !file.hasSuffix("EnvironmentVariable.swift") {
      let text = try Files.text(file)
      for name in names where text.contains(name) { Issue.record("\(file) has \(name)") }
    }
  }
}
