import TestSupport
import Testing

/// The table of layers in CONTRIBUTING.md, the imports in Sources/ and the dependencies in Package.swift say the same.
@Suite struct LayersTests {
  private typealias Modules = [String: Set<String>]

  /// Each module with those that it may see.
  private func table() throws -> [(module: String, sees: Set<String>)] {
    let lines = try Files.lines(Repository.path("CONTRIBUTING.md"))
    let rows = lines.filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
    }
    return try rows.filter { $0.count == 3 }.map { cells in
      let names = try cells.at(0).split(separator: ", ").map { $0.filter { $0 != "`" } }
      let module = try #require(names.first)
      try #require(names.count == 1, "one module a row: \(names)")
      let sees = try cells.at(2).split(separator: ", ").map(String.init)
      return (module, Set(sees.filter { $0 != "nothing" }))
    }
  }

  private func sources(of module: String) -> [String] {
    func files(below path: String) -> [String] {
      let names = Files.names(in: path)
      guard !names.isEmpty else { return path.hasSuffix(".swift") ? [path] : [] }
      return names.flatMap { files(below: "\(path)/\($0)") }
    }
    return files(below: Repository.path("Sources/\(module)"))
  }

  private func imports(of module: String, among known: Set<String>) throws -> Set<String> {
    var imports: Set<String> = []
    for file in sources(of: module) {
      for line in try Files.lines(file) {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index < 2, words.count == index + 2,
          let name = words.last.map(String.init), known.contains(name)
        else { continue }
        imports.insert(name)
      }
    }
    return imports
  }

  @Test func `the imports of each module are those that CONTRIBUTING's table has`() throws {
    let table = try table()
    try #require(table.count > 15, "\(table)")
    let known = Set(table.map(\.module)).union(Self.libraries)
    for (module, sees) in table where !Self.libraries.contains(module) {
      try #require(!sources(of: module).isEmpty, "there is no module \(module)")
      try expect(imports(of: module, among: known).sorted(), is: sees.sorted(), "\(module)")
    }
  }

  @Test func `every module stands in the table, below those that see it`() throws {
    let table = try table().map(\.module)
    let folders = Files.names(in: Repository.path("Sources")).filter { !sources(of: $0).isEmpty }
    #expect(table.sorted() == folders.sorted())
    for (place, row) in try self.table().enumerated() {
      for seen in row.sees where folders.contains(seen) {
        let below = try #require(table.firstIndex(of: seen), "\(seen)")
        #expect(below > place, "\(row.module) sees \(seen), which stands above it")
      }
    }
  }

  @Test func `each module declares what it imports, and nothing else`() throws {
    let package = try Files.text(Repository.path("Package.swift"))
    let table = try table()
    let known = Set(table.map(\.module)).union(Self.libraries)
    for (module, sees) in table {
      let target = try #require(
        package.firstRange(of: "name: \"\(module)\", dep")
          ?? package.firstRange(of: "name: \"\(module)\",\n      dep"), "\(module)")
      let rest = package[target.upperBound...].drop { $0 != "[" }.prefix { $0 != "]" }
      let names = rest.split(separator: "\"").map(String.init).filter { known.contains($0) }
      #expect(Set(names).sorted() == sees.sorted(), "\(module)")
    }
  }

  @Test func `each module that touches C is built with strict memory safety`() throws {
    let package = try Files.text(Repository.path("Package.swift"))
    for (module, sees) in try table() where !sees.isDisjoint(with: Self.cLibraries) {
      let target = try #require(
        package.firstRange(of: "name: \"\(module)\", dep")
          ?? package.firstRange(of: "name: \"\(module)\",\n      dep"), "\(module)")
      let settings = package[target.upperBound...].firstRange(of: "swiftSettings: ")
      let rest = try package[#require(settings).upperBound...]
      #expect(rest.hasPrefix("touchesC"), "\(module)")
    }
  }

  private static let cLibraries: Set = ["CCrypto", "CLZ4", "CLinux", "CPCRE2", "CSQLite", "CYAML"]

  /// What others have made, and C.
  private static let libraries: Set = [
    "ArgumentParser", "CCrypto", "CLZ4", "CLinux", "CPCRE2", "CSQLite", "CYAML", "Page",
    "RESTSchema", "Schema",
  ]

  @Test(arguments: [
    "Bundles", "CommandLineKit", "Digests", "Documents", "Events", "Fleet", "Ledger", "Linux",
    "Matching", "PluginSupport", "Presentation", "Projections", "Runner", "SQLite", "Schedules",
    "Server", "Settings", "Spawn",
  ])
  func `no library prints, nor imports Foundation`(module: String) throws {
    for file in sources(of: module) {
      for line in try Files.lines(file) {
        let code = line.prefix(while: { $0 != "/" })
        #expect(!code.contains("print("), "\(file): \(line)")
        #expect(!code.contains("import Foundation"), "\(file): \(line)")
      }
    }
  }

  /// The string literals in a line of code; a comment has none.
  private func literals(_ line: String) -> [String] {
    var literals: [String] = []
    var current: String?
    var isEscaped = false
    var previous: Character = " "
    for character in line {
      if current == nil, previous == "/", character == "/" { break }
      previous = character
      guard character == "\"", !isEscaped else {
        isEscaped = character == "\\" && !isEscaped
        current?.append(character)
        continue
      }
      if let literal = current { literals.append(literal) }
      current = current == nil ? "" : nil
    }
    return literals
  }

  /// Whether a text names a program of ours: not what is part of a longer name, a path or a name of a file.
  private func namesProgram(_ text: String) -> Bool {
    ["taro", "taros", "taroc"].contains { name in
      text.ranges(of: name).contains { range in
        let before = text[..<range.lowerBound].last
        let after = text[range.upperBound...]
        let isPart = before.map { $0.isLetter || "/_.-".contains($0) } ?? false
        let goesOn = after.first.map { $0.isLetter || "/_-".contains($0) } ?? false
        let isFile = after.first == "." && after.dropFirst().first?.isLetter == true
        return !isPart && !goesOn && !isFile
      }
    }
  }

  /// Texts of libraries that have the word all the same: names on disk stay what they are.
  private static let mayHaveTheWord: Set = [
    // The first digest of a chain is made from it: docs/format.md.
    #"taro ledger \(ledgerID)"#,
    // The names of a ledger's events among those of others: docs/export.md.
    #"urn:taro:\(Self.escaped(host)):\(Self.escaped(ledgerID))"#,
    // The folder of each user's configuration, log, plugins and ledger.
    "taro", "taroc",
  ]

  @Test(arguments: [
    "Bundles", "CommandLineKit", "Digests", "Documents", "Events", "Fleet", "Ledger", "Linux",
    "Maintenance", "Matching", "Operations", "Presentation", "Projections", "Runner", "SQLite",
    "Schedules", "Server", "Settings", "Spawn",
  ])
  func `no library names a program: what is to be done, the program says`(module: String) throws {
    for file in sources(of: module) {
      var isInText = false
      for line in try Files.lines(file) {
        let isBorder = line.ranges(of: "\"\"\"").count == 1
        let texts = isBorder ? [] : isInText ? [line] : literals(line)
        if isBorder { isInText.toggle() }
        for text in texts where namesProgram(text) && !Self.mayHaveTheWord.contains(text) {
          Issue.record("\(file): \(text)")
        }
      }
    }
  }

  /// A number says nothing of its clock.
  @Test func `above Events a clock is read as the time that it gives`() throws {
    let below: Set = ["Events", "Linux", "Matching", "SQLite", "Spawn"]
    for module in try table().map(\.module) where !below.contains(module) {
      for file in sources(of: module) {
        for line in try Files.lines(file) {
          let isNumber = line.contains(/\bClock\.(wall|boot|monotonic)Microseconds/)
          #expect(!isNumber, "\(file): \(line)")
        }
      }
    }
  }

  @Test func `the files that docs/architecture.md names are there`() throws {
    let words = try Files.text(Repository.path("docs/architecture.md")).split {
      "` \n".contains($0)
    }
    let files = words.filter { $0.hasPrefix("Sources/") }.map(String.init)
    #expect(files.count > 30)
    #expect(files.filter { !Files.exists(Repository.path($0)) } == [])
  }
}
