import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// `GET /timeline` and `GET /instances/{id}/diff/{other}`: the documents of `taro timeline` and `taro diff`.
@Suite(.temporaryDirectory) struct ForensicsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func exec(_ id: String, _ command: String..., code: Int32 = 0) throws {
    let words = ["exec", "--id", id, "--warn-output", "odd", "--"] + command
    try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: code)
  }

  /// The document of the command.
  private func told(_ arguments: [String], code: Int32 = 0) throws -> JSON {
    let words = arguments + ["-f", "json"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: code)
    return try JSON(parsing: result.text)
  }

  private func own(_ document: JSON) -> JSON {
    .object((document.members ?? []).filter { $0.key != "_links" })
  }

  private func fill() throws {
    try exec("good", "sh", "-c", "seq 1 9; date; echo saved; echo $1 >&2", "sh", "x")
    try exec("bad", "sh", "-c", "seq 1 9; date; echo odd; exit 3", code: 3)
    try exec("many/1", "seq", "1", "20000")
    try exec("many/1", "true")
  }

  @Test func `a comparison is that of taro diff`() throws {
    try fill()
    let server = try TarosProgram(taro)
    let questions: [(String, [String])] = [
      ("good/diff/bad", ["good", "bad"]), ("good/diff/bad?word", ["good", "bad", "--word"]),
      ("good/diff/bad?exact&context=0", ["good", "bad", "--exact", "-U0"]),
      ("bad/diff/good?stream=stderr", ["bad", "good", "--stderr"]),
      ("good/diff/many%2F1", ["good", "many/1"]), ("bad/diff/bad", ["bad", "bad"]),
      ("good/diff/bad?max_lines=3", ["good", "bad", "--max-lines", "3"]),
    ]
    for (target, arguments) in questions {
      let code: Int32 = target == "bad/diff/bad" ? 0 : 1
      let answer = try server.get("/instances/\(target)").expect(200)
      expect(answer["content-type"], is: "application/hal+json")
      try expect(own(answer.json()), is: told(["diff"] + arguments, code: code), "\(target)")
      let links = try answer.json()["_links"]
      for (relation, name) in [("old", arguments.first), ("new", arguments.dropFirst().first)] {
        let href = try #require(links?[relation]?["href"]?.string)
        try expect(server.get(href).expect(200).json()["job"]?.string, is: name)
      }
    }
    let short = try server.get("/instances/good/diff/bad?limit=1").expect(200).json()
    expect(short["complete"]?.bool, is: false)
    try server.get("/instances/good/diff/nobody").expectProblem(404, about: "nobody")
    try server.get("/instances/nobody/diff/good").expectProblem(404, about: "nobody")
    try server.get("/instances/good/diff/bad?context=101").expectProblem(400, about: "context")
    let token = try TarosProgram.token(taro, "t", "read", "--jobs", "good")
    try server.get("/instances/good/diff/bad", ["Authorization": "Bearer \(token)"])
      .expectProblem(404, about: "bad")
  }

  @Test func `a timeline is that of taro timeline`() throws {
    try fill()
    let live = try taro.startJob("live")
    let server = try TarosProgram(taro)
    let times = "since=2000-01-01T00:00:00Z&until=2099-01-01T00:00:00Z"
    let words = ["timeline", "-S", "2000-01-01T00:00:00Z", "-U", "2099-01-01T00:00:00Z"]
    for (query, patterns) in [("", []), ("&match=many*&match=bad", ["many*", "bad"])] {
      let answer = try server.get("/timeline?\(times)\(query)").expect(200)
      expect(answer["content-type"], is: "application/hal+json")
      let document = try answer.json()
      try expect(own(document), is: told(words + patterns))
      let runs = try #require(document["runs"]?.array)
      expect(runs.count, is: patterns.isEmpty ? 5 : 3)
      #expect(runs.contains { $0["warnings"]?.array?.count == 1 })
    }
    // What was there today.
    try expect(server.get("/timeline").expect(200).json()["runs"]?.array?.count, is: 5)
    try expect(
      server.get("/timeline?until=2001-01-01").expect(200).json()["runs"]?.array?.count, is: 0)
    try server.get("/timeline?since=2002-01-01&until=2001-01-01")
      .expectProblem(400, about: "before until")
    let token = try TarosProgram.token(taro, "t", "read", "--jobs", "good")
    let seen = try server.get("/timeline", ["Authorization": "Bearer \(token)"]).expect(200).json()
    expect(seen["runs"]?.array?.map { $0["job"]?.string }, is: ["good"])
    live.signal(SIGTERM)
    _ = try live.finish()
  }

  @Test func `of an empty host is empty`() throws {
    let server = try TarosProgram(taro)
    try expect(server.get("/timeline").expect(200).json()["runs"]?.array, is: [])
    try server.get("/instances/a/diff/b").expectProblem(404, about: "a")
    #expect(!Files.exists(taro.ledger.path))
  }
}
