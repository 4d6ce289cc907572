import TestSupport
import Testing

/// The folders of Ledger are layers, in the order of CONTRIBUTING.md's table: found by the types that each declares and
/// the words in which the others use them.
@Suite("The folders of Ledger") struct LedgerFoldersTests {
  /// The highest first.
  private func folders() throws -> [String] {
    let rows = try Files.lines(Repository.path("CONTRIBUTING.md"))
      .filter { $0.hasPrefix("| `") && $0.contains("/` |") }
    return try rows.map { row in
      String(try row.split(separator: "`").map(String.init).at(1).dropLast())
    }
  }

  private func files(in folder: String) -> [String] {
    func files(below path: String) -> [String] {
      let names = Files.names(in: path)
      guard !names.isEmpty else { return path.hasSuffix(".swift") ? [path] : [] }
      return names.flatMap { files(below: "\(path)/\($0)") }
    }
    return files(below: Repository.path("Sources/Ledger/\(folder)"))
  }

  /// The words of a file's code: comments and what is written between quotes are left out, but for what is interpolated.
  private func words(of file: String) throws -> [[Substring]] {
    try Files.lines(file).map { line in
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
      return code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    }
  }

  private static let declaring: Set<Substring> = [
    "struct", "class", "enum", "protocol", "actor", "typealias",
  ]

  /// Those that are not within another type.
  private func types(in folder: String) throws -> Set<Substring> {
    var types: Set<Substring> = []
    for file in files(in: folder) {
      let lines = try Files.lines(file)
      for (line, words) in zip(lines, try words(of: file)) where line.first?.isLetter ?? false {
        guard let index = words.firstIndex(where: { Self.declaring.contains($0) }),
          index + 1 < words.count, words.first != "extension"
        else { continue }
        types.insert(words[index + 1])
      }
    }
    return types
  }

  @Test func `stand in the table, all of them`() throws {
    try expect(
      folders().sorted(), is: Files.names(in: Repository.path("Sources/Ledger")).sorted())
  }

  @Test func `name no type of a folder above them`() throws {
    var above: [Substring: String] = [:]
    for folder in try folders() {
      let own = try types(in: folder)
      try #require(own.count > 3, "\(folder): \(own)")
      for file in files(in: folder) {
        for (number, words) in try words(of: file).enumerated() {
          for word in words {
            let owner = above[word]
            #expect(owner == nil, "\(file):\(number + 1) names \(word), of \(owner ?? "")/")
          }
        }
      }
      for type in own { above[type] = folder }
    }
  }

  @Test func `none of them names what keeps a ledger in order`() throws {
    for folder in try folders() {
      for file in files(in: folder) {
        #expect(try !words(of: file).contains { $0.contains("Maintenance") }, "\(file)")
      }
    }
  }
}
