import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct InstancesTests {
  private func instances(_ answer: HTTPAnswer) throws -> [JSON] {
    try #require(try answer.expect(200).json()["_embedded"]?["instances"]?.array)
  }

  private func jobs(_ answer: HTTPAnswer) throws -> [String] {
    try instances(answer).compactMap { $0["job"]?.string }
  }

  /// What REST has beside the command line's document.
  private static let additional: Set = [
    "_links", "id", "lifecycle", "parameters", "user_params", "exec_error",
  ]

  @Test func `an instance is the command line's document, and what the original's clients read`()
    throws
  {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a b", "--param", "x=1", "sh", "-c", "echo hi; exit 3")
      .expect(code: 3)
    let server = try TarosProgram(taro)
    let command = try JSON(parsing: try taro.run("hist", "-f", "jsonl").text)
    let id = try #require(command["instance"]?.string)
    let answer = try server.get("/instances/\(id)").expect(200)
    #expect(answer["content-type"] == "application/hal+json")
    let found = try answer.json()
    let own = found.members?.filter { !Self.additional.contains($0.key) }
    #expect(own == command.members)
    #expect(found["id"]?["job_id"] == "a b" && found["id"]?["instance_id"] == .string(id))
    #expect(found["_links"]?["jobs"]?["href"] == "/jobs/a%20b")
    #expect(found["_links"]?["output"]?["href"] == .string("/instances/\(id)/output"))
    #expect(found["user_params"]?["x"] == "1")
    #expect(found["exec_error"]?["message"] == "Process returned non-zero code 3")
    let lifecycle = try #require(found["lifecycle"])
    #expect(lifecycle["state"] == "FAILED")
    #expect(lifecycle["created"] == command["created_at"])
    #expect(lifecycle["execution_finished"] == command["ended_at"])
    let states = lifecycle["state_changes"]?.array?.compactMap { $0["state"]?.string }
    #expect(states == ["CREATED", "RUNNING", "FAILED"])
    // The same in a list, and under its other names.
    expect(try instances(try server.get("/instances?finished")), is: [found])
    for name in ["a%20b@\(id)", "\(id.prefix(15))", "a%20b"] {
      #expect(try server.get("/instances/\(name)").expect(200).json() == found)
    }
  }

  @Test func `a name that leads nowhere, or to several, is told`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    try server.get("/instances/x").expectProblem(404, about: "\"x\"")
    for _ in 0..<2 { try taro.run("exec", "--id", "a", "true").expect(code: 0) }
    try server.get("/instances/x/events").expectProblem(404)
    let id = try #require(try taro.events().last?.instance)
    let prefix = id.text.prefix(4)
    let answer = try server.get("/instances/\(prefix)").expectProblem(409, about: "candidates")
    #expect(try answer.json()["candidates"]?.array?.count == 2)
  }

  @Test func `its events, and no others`() throws {
    let taro = try TaroProgram()
    for job in ["a", "b"] { try taro.run("exec", "--id", job, "echo", "hi").expect(code: 0) }
    let server = try TarosProgram(taro)
    let events = try taro.events(ofJob: "a")
    let answer = try server.get("/instances/a/events").expect(200)
    #expect(answer["content-type"] == "application/x-ndjson")
    #expect(answer.text == events.map { TestSupport.EventLine.text($0) + "\n" }.joined())
  }

  @Test func `lists what is live, has ended, or both`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    #expect(try jobs(try server.get("/instances")) == [])
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try taro.run("exec", "--id", "b", "false").expect(code: 1)
    let live = try taro.start("exec", "--id", "c", "--pending", "go", "true")
    try eventually("it waits") { try jobs(try server.get("/instances?state=pending")) == ["c"] }
    #expect(try jobs(try server.get("/instances")) == ["c"])
    #expect(try jobs(try server.get("/instances?finished")) == ["b", "a"])
    #expect(try jobs(try server.get("/instances?include=all")) == ["c", "b", "a"])
    #expect(try jobs(try server.get("/instances?include=all&order=asc")) == ["a", "b", "c"])
    #expect(try jobs(try server.get("/instances?state=FAILED&state=completed")) == ["b", "a"])
    #expect(try jobs(try server.get("/instances?finished&match=a*&match=x")) == ["a"])
    #expect(try jobs(try server.get("/instances?include=all&until=2020-01-01")) == [])
    let list = try server.get("/instances?include=all").json()
    #expect(list["_embedded"]?["jobs"]?.array?.compactMap { $0["job"]?.string } == ["a", "b", "c"])
    let waiting = try #require(try instances(try server.get("/instances")).first)
    #expect(waiting["waiting"]?["latch"] == "go")
    try taro.run("release", "go").expect(code: 0)
    try live.finish().expect(code: 0)
  }

  @Test func `next leads through all of them, each once`() throws {
    let taro = try TaroProgram()
    for number in 1...7 {
      try taro.run("exec", "--id", "j\(number)", "--param", "p=\(number % 2)", "true")
        .expect(code: 0)
    }
    let server = try TarosProgram(taro)
    for sort in ["created", "finished", "time"] {
      var target: String? = "/instances?finished&limit=3&sort=\(sort)"
      var found: [String] = []
      var pages = 0
      while let page = target {
        let answer = try server.get(page).expect(200)
        found += try jobs(answer)
        pages += 1
        let json = try answer.json()
        target = json["_links"]?["next"]?["href"]?.string
        #expect(answer["link"] == target.map { "<\($0)>; rel=\"next\"" })
      }
      #expect(pages == 3 && Set(found).count == 7 && found.count == 7, "\(sort): \(found)")
    }
    #expect(try jobs(try server.get("/instances?finished&param=p%3D1&order=asc")).count == 4)
    try server.get("/instances?cursor=x").expectProblem(400, about: "cursor")
    try server.get("/instances?limit=1001").expectProblem(400, about: "limit", "1000")
    try server.get("/instances?state=NEW").expectProblem(400, about: "state", "FAILED")
    try server.get("/instances?param=p").expectProblem(400, about: "param", "NAME=VALUE")
    try server.get("/instances?limt=1").expectProblem(400, about: "limt")
  }

  @Test func `for a token with --jobs the others do not exist`() throws {
    let taro = try TaroProgram()
    for job in ["mine1", "other", "mine2", "other", "mine1"] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
    }
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine*")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    #expect(
      try jobs(try server.get("/instances?finished", fields)) == ["mine1", "mine2", "mine1"])
    #expect(try jobs(try server.get("/instances?finished&match=*", fields)).count == 3)
    #expect(try jobs(try server.get("/instances?finished&match=other", fields)) == [])
    let first = try server.get("/instances?finished&match=*&limit=2", fields)
    #expect(try jobs(first) == ["mine1", "mine2"])
    let next = try #require(try first.json()["_links"]?["next"]?["href"]?.string)
    #expect(try jobs(try server.get(next, fields)) == ["mine1"])
    let other = try #require(try taro.events(ofJob: "other").first?.instance)
    for path in ["other", "\(other)", "other@\(other)", "\(other)/events"] {
      try server.get("/instances/\(path)").expect(200)
      try server.get("/instances/\(path)", fields).expectProblem(404)
    }
  }
}
