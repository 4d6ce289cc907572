import Events
import Glibc
import TestSupport
import Testing

/// `GET /instances`: every parameter, and what it refuses.
@Suite(.temporaryDirectory) struct InstancesTests {
  private func instances(_ answer: HTTPAnswer) throws -> [JSON] {
    try #require(try answer.expect(200).json()["_embedded"]?["instances"]?.array)
  }

  private func jobs(_ answer: HTTPAnswer) throws -> [String] {
    try instances(answer).compactMap { $0["job"]?.string }
  }

  /// All pages, and how many they were.
  private func walk(
    _ server: TarosProgram, _ target: String, _ fields: [String: String] = [:]
  ) throws -> (found: [String], pages: Int) {
    var (found, pages): ([String], Int) = ([], 0)
    var next: String? = target
    while let target = next {
      let answer = try server.get(target, fields).expect(200)
      found += try instances(answer).compactMap { $0["instance"]?.string }
      pages += 1
      let json = try answer.json()
      #expect(json["_links"]?["self"]?["href"]?.string == target)
      next = json["_links"]?["next"]?["href"]?.string
      #expect(answer["link"] == next.map { "<\($0)>; rel=\"next\"" })
      try #require(pages < 100)
    }
    return (found, pages)
  }

  @Test func `nothing has been run yet`() throws {
    let server = try TarosProgram(try TaroProgram())
    for target in ["/instances", "/instances?finished", "/instances?include=all"] {
      let list = try server.get(target).expect(200)
      #expect(list["content-type"] == "application/hal+json")
      let json = try list.json()
      #expect(json["_embedded"]?["instances"] == .array([]))
      #expect(json["_embedded"]?["jobs"] == .array([]))
      #expect(json["_links"]?["self"]?["href"]?.string == target)
    }
    try server.get("/jobs/a/instances").expectProblem(404, about: "\"a\"", "/jobs")
    try server.get("/instances/a").expectProblem(404, about: "\"a\"")
    try server.get("/instances/a/events").expectProblem(404, about: "\"a\"")
  }

  @Test func `lists what is live, has ended, or both`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    #expect(try jobs(try server.get("/instances")) == [])
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try taro.run("exec", "--id", "b", "false").expect(code: 1)
    let live = try taro.start("exec", "--id", "c", "--pending", "go", "true")
    try eventually("it waits") { try jobs(try server.get("/instances?state=pending")) == ["c"] }
    for (target, expected) in [
      ("/instances", ["c"]), ("/instances?include=live", ["c"]), ("/instances?finished=0", ["c"]),
      ("/instances?finished", ["b", "a"]), ("/instances?finished=true", ["b", "a"]),
      ("/instances?include=finished", ["b", "a"]), ("/instances?include=live&finished", ["c"]),
      ("/instances?include=all", ["c", "b", "a"]),
      ("/instances?include=all&order=asc", ["a", "b", "c"]),
      // States reach over what is live and what has ended.
      ("/instances?state=FAILED&state=completed", ["b", "a"]),
      ("/instances?state=PENDING&state=Failed", ["c", "b"]),
      ("/instances?state=FAILED&include=live", []),
      ("/instances?include=all&match=a&match=c*", ["c", "a"]), ("/instances?finished&match=x", []),
      ("/instances?include=all&until=2020-01-01", []),
      ("/instances?include=all&since=2100-01-01", []),
      (
        "/instances?include=all&since=2020-01-01T00:00:00%2B02:00&until=2100-01-01",
        ["c", "b", "a"]
      ),
      ("/instances?include=all&since=0001-01-01T00:00:00-23:59", ["c", "b", "a"]),
      ("/instances?include=all&since=1h+ago", ["c", "b", "a"]),
      ("/instances?include=all&as_of=1", ["a"]),
      ("/instances?finished&as_of=3", ["a"]), ("/instances?finished&as_of=2", []),
      ("/instances?state=running&as_of=2", ["a"]), ("/instances?state=failed&as_of=3", []),
      ("/instances?include=all&as_of=now", ["c", "b", "a"]),
      ("/jobs/a/instances", ["a"]), ("/jobs/c/instances", ["c"]),
      ("/jobs/c/instances?finished", []), ("/jobs/b/instances?state=completed", []),
    ] as [(String, [String])] {
      #expect(try jobs(try server.get(target)) == expected, "\(target)")
    }
    let list = try server.get("/instances?include=all").json()
    let beside = try #require(list["_embedded"]?["jobs"]?.array)
    #expect(beside.compactMap { $0["job"]?.string } == ["a", "b", "c"])
    #expect(try beside.at(0)["_links"]?["self"]?["href"] == "/jobs/a")
    #expect(try beside.at(0)["properties"] == .object([]))
    let waiting = try #require(try instances(try server.get("/instances")).first)
    #expect(waiting["waiting"]?["latch"] == "go")
    try taro.run("release", "go").expect(code: 0)
    try live.finish().expect(code: 0)
    try server.get("/jobs/*/instances").expectProblem(404)
  }

  @Test func `next leads through all of them, each once, whatever begins and ends meanwhile`()
    throws
  {
    let taro = try TaroProgram()
    for number in 1...7 {
      _ = try taro.run("exec", "--id", "j\(number)", "--param", "p=\(number % 2)", "true")
    }
    let server = try TarosProgram(taro)
    let all = try Set(walk(server, "/instances?finished").found)
    #expect(all.count == 7)
    for sort in ["created", "finished", "time"] {
      for order in ["asc", "desc"] {
        let target = "/instances?finished&limit=3&sort=\(sort)&order=\(order)&match=j*"
        let (found, pages) = try walk(server, target)
        #expect(pages == 3 && found.count == 7 && Set(found) == all, "\(target): \(found)")
      }
    }
    #expect(try walk(server, "/instances?finished&limit=2&param=p%3D1").found.count == 4)
    #expect(try walk(server, "/instances?finished&param=p%3D1&param=p%3D0").found.isEmpty)
    #expect(try walk(server, "/jobs/j3/instances?limit=1").found.count == 1)
    let first = try server.get("/instances?finished&limit=3")
    let next = try #require(try first.json()["_links"]?["next"]?["href"]?.string)
    _ = try taro.run("exec", "--id", "j8", "true")
    let rest = try jobs(try server.get(next)) + jobs(first)
    #expect(Set(rest) == ["j7", "j6", "j5", "j4", "j3", "j2"])
    // Any text of the form is a place in the order.
    for cursor in [".0.0", "-5.1.1", "9999999999999999999.1.1"] {
      for sort in ["created", "finished", "time"] {
        try server.get("/instances?include=all&sort=\(sort)&cursor=\(cursor)").expect(200)
      }
    }
  }

  @Test(arguments: [
    ("include=none", "include", "finished"), ("include=LIVE", "include", "live"),
    ("include", "include", "live"), ("include=all&include=all", "include", "once"),
    ("finished=2", "finished", "true"), ("match=", "match", "1 to 1041"),
    (String(repeating: "match=a&", count: 21), "match", "20"), ("state=NEW", "state", "FAILED"),
    ("state=", "state", ""), ("since=soon", "since", "accepted"), ("until=2026-02-30", "until", ""),
    ("since=", "since", "empty"), ("param=p", "param", "NAME=VALUE"),
    ("param==x", "param", "NAME=VALUE"),
    ("order=up", "order", "asc, desc"), ("sort=job", "sort", "created, finished, time"),
    ("limit=0", "limit", "1 to 1000"), ("limit=1001", "limit", "1000"), ("limit=-1", "limit", ""),
    ("limit=x", "limit", ""), ("limit=%2B5", "limit", ""), ("limit=", "limit", ""),
    ("cursor=x", "cursor", "next"), ("cursor=", "cursor", ""), ("as_of=-1", "as_of", ""),
    ("as_of=1000000000000000000", "as_of", ""), ("as_of=then", "as_of", "position"),
    ("limt=1", "limt", "limit"), ("offset=1", "offset", ""), ("FINISHED", "FINISHED", ""),
  ])
  func `what is not accepted is refused and named`(
    query: String, name: String, word: String
  ) throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.get("/instances?\(query)").expectProblem(400, about: name, word)
    #expect(try answer.json()["parameter"]?.string == name)
    if name != "match" {
      let ofJob = try server.get("/jobs/a/instances?\(query)")
      #expect(try ofJob.expectProblem(400).json()["parameter"]?.string == name)
    }
  }

  @Test func `what belongs to other resources is refused too`() throws {
    let taro = try TaroProgram()
    _ = try taro.run("exec", "--id", "a", "true")
    let server = try TarosProgram(taro)
    try server.get("/jobs/a/instances?match=a").expectProblem(400, about: "match")
    try server.get("/instances/a?finished").expectProblem(400, about: "finished")
    try server.get("/instances/a/events?after=1").expectProblem(400, about: "after")
    for path in ["/instances", "/instances/a", "/instances/a/events", "/jobs/a/instances"] {
      #expect(try server.ask("POST", path).expectProblem(405)["allow"] == "GET, HEAD, OPTIONS")
      let get = try server.get(path)
      let head = try server.ask("HEAD", path).expect(200)
      #expect(head.body.isEmpty && head["content-type"] == get["content-type"])
      #expect(head["content-length"] == get["content-length"])
    }
  }

  @Test func `one is found by its id, its job's, both, or the beginning of its id`() throws {
    let taro = try TaroProgram()
    for _ in 0..<2 { try taro.run("exec", "--id", "a b", "true").expect(code: 0) }
    let server = try TarosProgram(taro)
    let ids = try taro.events(ofJob: "a b").compactMap {
      $0.kind == .state(.created) ? $0.instance : nil
    }
    let (old, new) = (try ids.at(0).text, try ids.at(1).text)
    for (name, id) in [
      (old, old), (new, new), ("a%20b", new), ("a%20b@\(old)", old),
      (String(old.prefix(15)), old.prefix(15) == new.prefix(15) ? "" : old),
    ] where !id.isEmpty {
      #expect(try server.get("/instances/\(name)").expect(200).json()["instance"]?.string == id)
    }
    let prefix = String(old.prefix(4))
    let answer = try server.get("/instances/\(prefix)")
      .expectProblem(409, about: prefix, "candidates")
    let json = try answer.json()
    #expect(json["type"] == "/problems/ambiguous")
    #expect(json["candidates"] == .strings(["a b@\(new)", "a b@\(old)"]))
    try server.get("/instances/\(prefix)/events").expectProblem(409)
    for name in ["a%20b@", "a%20b@\(old)x", "b@\(old)", "zzzz", old.uppercased(), "%20", "a*"] {
      try server.get("/instances/\(name)").expectProblem(404)
    }
    // Its id names it for ever, its job what there is.
    try taro.run("history-remove", "--force", "a b").expect(code: 0)
    try server.get("/instances/a%20b").expectProblem(404)
    try server.get("/jobs/a%20b").expectProblem(404)
    #expect(try jobs(try server.get("/instances?finished")).isEmpty)
    try server.get("/instances/\(old)").expect(200)
  }

  @Test func `for a token with --jobs the others do not exist`() throws {
    let taro = try TaroProgram()
    for job in ["mine1", "other", "mine2", "other", "mine1"] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
    }
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine*")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    for (target, expected) in [
      ("/instances?finished", ["mine1", "mine2", "mine1"]),
      ("/instances?finished&match=*", ["mine1", "mine2", "mine1"]),
      ("/instances?finished&match=other", []), ("/instances?finished&limit=2", ["mine1", "mine2"]),
      ("/jobs/mine2/instances", ["mine2"]),
    ] as [(String, [String])] {
      let answer = try server.get(target, fields)
      #expect(try jobs(answer) == expected, "\(target)")
      let beside = try answer.json()["_embedded"]?["jobs"]?.array?.compactMap { $0["job"]?.string }
      #expect(beside == Set(expected).sorted())
    }
    #expect(try walk(server, "/instances?finished&limit=1", fields).found.count == 3)
    // What somebody else has asked before is not given to him.
    #expect(try jobs(try server.get("/instances?finished")).count == 5)
    #expect(try jobs(try server.get("/instances?finished", fields)).count == 3)
    let other = try #require(try taro.events(ofJob: "other").first?.instance)
    for path in [
      "instances/other", "instances/\(other)", "instances/other@\(other)",
      "instances/\(other)/events",
      "jobs/other", "jobs/other/instances", "jobs/other/stats",
    ] {
      try server.get("/\(path)").expect(200)
      try server.get("/\(path)", fields).expectProblem(404)
    }
    let list = try server.get("/jobs", fields).json()["_embedded"]?["jobs"]?.array
    #expect(list?.compactMap { $0["job"]?.string } == ["mine1", "mine2"])

    // Of one instance alone; others make its name no less his.
    let mine = try #require(try taro.events(ofJob: "mine1").first?.instance)
    let one = [
      "Authorization":
        "Bearer \(try TarosProgram.token(taro, "one", "read", "--jobs", "mine1@\(mine)"))"
    ]
    for name in ["mine1", mine.text, "\(mine.text.prefix(4))", "mine1@\(mine)"] {
      let found = try server.get("/instances/\(name)", one).expect(200).json()
      #expect(found["instance"]?.string == mine.text)
    }
    #expect(try jobs(try server.get("/instances?finished", one)) == ["mine1"])
    try server.get("/jobs/mine1", one).expectProblem(404)
    try server.get("/instances/\(other)", one).expectProblem(404)
  }
}
