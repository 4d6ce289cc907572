import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

/// `GET /grep`: the lines that `taro grep` finds.
@Suite(.temporaryDirectory) struct SearchTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func exec(_ id: String, _ command: String..., code: Int32 = 0) throws {
    let words = ["exec", "--id", id, "--"] + command
    try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: code)
  }

  private func lines(_ answer: HTTPAnswer) throws -> [JSON] {
    try answer.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// The documents before the end, and the end.
  private func found(_ server: TarosProgram, _ query: String) throws -> ([JSON], end: JSON) {
    let answer = try server.get("/grep?\(query)").expect(200)
    #expect(answer["content-type"] == "application/x-ndjson")
    let lines = try lines(answer)
    let end = try #require(lines.last)
    expect(end["end"]?.bool, is: true, "\(answer)")
    return (Array(lines.dropLast()), end)
  }

  /// The documents of the command.
  private func told(_ arguments: [String]) throws -> [JSON] {
    let words = ["grep"] + arguments + ["-f", "jsonl"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: 0)
    return try result.lines.map { try JSON(parsing: $0) }
  }

  @Test func `has the documents of taro grep, one after the other`() throws {
    try exec(
      "a", "sh", "-c", "echo one; echo two error; echo three error >&2; printf 'x\\377 ERROR'")
    try exec("b/c", "sh", "-c", "seq 1 3000; echo an error >&2; exit 3", code: 3)
    try exec("long", "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo error")
    let server = try TarosProgram(taro)
    let questions: [(String, [String])] = [
      ("regex=error", ["error"]), ("regex=error&ignore_case", ["-i", "error"]),
      ("regex=error&match=a", ["error", "a"]), ("regex=error&state=failed", ["error", "--failed"]),
      ("regex=error&stream=stderr", ["error", "--stderr"]),
      ("regex=%5E2.*0%24&lines_before=1&lines_after=2", ["^2.*0$", "-B", "1", "-A", "2"]),
      ("regex=two+e&fixed", ["-F", "two e"]), ("regex=%5B0-9%5D&invert", ["-v", "[0-9]"]),
      ("regex=1&max_count=3", ["1", "-m", "3"]), ("regex=1&count", ["1", "-c"]),
    ]
    for (query, arguments) in questions {
      let (documents, end) = try found(server, query)
      try expect(documents, is: told(arguments), "\(query)")
      expect(end["complete"]?.bool, is: true, "\(query)")
      let hits = documents.filter { $0["hit"]?.bool == true }.count
      if arguments.last != "-c" { expect(end["lines"]?.integer, is: Int64(hits), "\(query)") }
    }
    try expect(found(server, "regex=o.e&fixed").0, is: [])
  }

  @Test func `ends at its limit, and says so`() throws {
    try exec("a", "seq", "1", "5000")
    let server = try TarosProgram(taro)
    for (query, count) in [("regex=.", 1000), ("regex=.&limit=7", 7)] {
      let (documents, end) = try found(server, query)
      expect(documents.count, is: count)
      expect(end["complete"]?.bool, is: false)
    }
    let (documents, end) = try found(server, "regex=.&limit=10000")
    expect(documents.count, is: 5000)
    expect(end["complete"]?.bool, is: true)
  }

  @Test func `goes on over many portions, and over many instances`() throws {
    try exec("large", "sh", "-c", "seq 1 400000; echo needle")
    for number in 0..<3 { try exec("small", "echo", "needle \(number)") }
    let server = try TarosProgram(taro)
    try expect(found(server, "regex=needle").0, is: told(["needle"]))
    try expect(found(server, "regex=77%24&limit=10000").0, is: told(["77$"]))
  }

  @Test func `gives an expression up that takes too long, and says what is damaged`() throws {
    let line = String(repeating: "a", count: 50) + "b"
    try exec("a", "sh", "-c", "seq 1 30 | sed 's/.*/\(line)/'")
    let server = try TarosProgram(taro)
    let (documents, end) = try found(server, "regex=(a%2B)%2B%24")
    #expect(documents.allSatisfy { $0["missing"]?.string == "given-up" })
    expect(documents.count, is: 10)
    expect(end["complete"]?.bool, is: false)
    try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
      .execute("UPDATE output SET size = size + 1")
    let (damaged, outcome) = try found(server, "regex=x")
    #expect(!damaged.isEmpty && damaged.allSatisfy { $0["missing"]?.string == "damaged" })
    #expect(damaged.allSatisfy { $0["seq"]?.integer != nil })
    expect(outcome["damaged"]?.integer, is: Int64(damaged.count))
    try server.end().expect(code: 0)
  }

  @Test func `a token sees its jobs' output alone`() throws {
    try exec("a", "echo", "needle")
    try exec("b", "echo", "needle")
    let token = try TarosProgram.token(taro, "t", "read", "--jobs", "a")
    let server = try TarosProgram(taro)
    let answer = try server.get("/grep?regex=needle", ["Authorization": "Bearer \(token)"])
    try expect(lines(answer.expect(200)).compactMap { $0["job"]?.string }, is: ["a"])
  }

  @Test func `of an empty host has its end alone, and of what makes no sense a problem`() throws {
    let server = try TarosProgram(taro)
    let (documents, end) = try found(server, "regex=x")
    expect(documents, is: [])
    expect(end["lines"]?.integer, is: 0)
    for (query, word) in [
      ("", "regex"), ("regex=", "regex"), ("regex=(", "missing closing parenthesis"),
      ("regex=x&limit=0", "limit"), ("regex=x&limit=10001", "limit"),
      ("regex=x&order=asc", "order"),
      ("regex=x&regex=y", "regex"), ("regex=x&lines_after=101", "lines_after"),
    ] {
      try server.get("/grep?\(query)").expectProblem(400, about: word)
    }
    try server.ask("HEAD", "/grep?regex=x").expect(200)
    #expect(!Files.exists(taro.ledger.path))
  }
}
