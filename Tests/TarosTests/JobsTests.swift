import Events
import Glibc
import TestSupport
import Testing

/// `GET /jobs` and what is below: of the ledger, of `jobs.yaml`, whatever they are called.
@Suite(.temporaryDirectory) struct JobsTests {
  private func list(_ answer: HTTPAnswer) throws -> [JSON] {
    try #require(try answer.expect(200).json()["_embedded"]?["jobs"]?.array)
  }

  private func names(_ answer: HTTPAnswer) throws -> [String] {
    try list(answer).compactMap { $0["job"]?.string }
  }

  private func write(_ taro: TaroProgram, _ text: String) throws -> String {
    let directory = "\(taro.root)/config/taro"
    try taro.shell("mkdir -p \(directory)").expect(code: 0)
    try Files.write(Array(text.utf8), to: "\(directory)/jobs.yaml")
    return "\(taro.root)/config"
  }

  @Test func `counts follow what happens, and what is removed`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    func counts(_ job: String) throws -> [String: Int64] {
      let listed = try list(try server.get("/jobs?match=\(job)")).first
      let one = try server.get("/jobs/\(job)").expect(200).json()["counts"]
      #expect(listed?["counts"] == one)
      let members = try #require(one?.members)
      return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.integer ?? -1) })
        .filter { $0.value != 0 }
    }
    #expect(try names(try server.get("/jobs")) == [])
    for _ in 0..<3 { try taro.run("exec", "--id", "a", "true").expect(code: 0) }
    #expect(try counts("a") == ["completed": 3])
    try taro.run("exec", "--id", "a", "false").expect(code: 1)
    let live = try taro.start("exec", "--id", "a", "--pending", "go", "true")
    try eventually("it waits") {
      try server.get("/instances?match=a").text.contains("PENDING")
    }
    #expect(try counts("a") == ["completed": 3, "failure": 1, "live": 1])
    try taro.run("history-remove", "--force", "a").expect(code: 0)
    #expect(try counts("a") == ["live": 1])
    try taro.run("release", "go").expect(code: 0)
    try live.finish().expect(code: 0)
    #expect(try counts("a") == ["completed": 1])
    try taro.run("history-remove", "--force", "a").expect(code: 0)
    try server.get("/jobs/a").expectProblem(404)
  }

  @Test func `jobs of the ledger and of jobs yaml are one list, by id`() throws {
    let taro = try TaroProgram()
    for job in ["b", "d", "a"] { _ = try taro.run("exec", "--id", job, "true") }
    let configuration = try write(
      taro,
      "jobs:\n- {job_id: b, properties: {owner: ann}}\n- {job_id: c, properties: {n: 1}}\n- {job_id: é}\n"
    )
    let server = try TarosProgram(taro) { $0.environment["XDG_CONFIG_HOME"] = configuration }
    let all = try list(try server.get("/jobs"))
    #expect(all.compactMap { $0["job"]?.string } == ["a", "b", "c", "d", "é"])
    #expect(try all.at(1)["properties"]?.text == #"{"owner":"ann"}"#)
    #expect(try all.at(2)["last_run"] == .null)
    #expect(try all.at(2)["counts"]?["completed"] == 0)
    #expect(try server.get("/jobs/c").expect(200).json() == all.at(2))
    let none = try server.get("/jobs/c/instances").expect(200).json()
    #expect(none["_embedded"]?["instances"] == .array([]))
    try server.get("/jobs/c/stats").expectProblem(404, about: "\"c\"")
    // Page by page.
    var (found, next): ([String], String?) = ([], "/jobs?limit=2")
    while let target = next {
      let answer = try server.get(target)
      found += try names(answer)
      next = try answer.json()["_links"]?["next"]?["href"]?.string
      #expect(answer["link"] == next.map { "<\($0)>; rel=\"next\"" })
    }
    #expect(found == ["a", "b", "c", "d", "é"])
    #expect(try names(try server.get("/jobs?match=b&match=[cd]")) == ["b", "c", "d"])
    #expect(try names(try server.get("/jobs?cursor=bb")) == ["c", "d", "é"])
    // They stand beside instances too.
    let beside = try list(try server.get("/instances?finished&match=b"))
    #expect(try beside.at(0)["properties"]?["owner"] == "ann")
    // It is read again when it has changed, also for what is kept.
    _ = try write(taro, "jobs: [{job_id: b, properties: {owner: bob}}]")
    try eventually("it was read again") {
      let beside = try list(try server.get("/instances?finished&match=b"))
      return try beside.at(0)["properties"]?["owner"] == "bob"
    }
    #expect(try names(try server.get("/jobs")) == ["a", "b", "d"])
    // What cannot be used is said once, and what was known goes on to count.
    _ = try write(taro, "jobs: [{job: b}]")
    try eventually("it was said") {
      try server.get("/jobs").expect(200)
      let line = try server.waitForLog("a question, or what is wrong") {
        $0["error"] != nil || $0["path"] == "/jobs"
      }
      return line["error"]?.string?.contains("jobs.yaml:1: a job has no \"job\"") ?? false
    }
    #expect(try names(try server.get("/jobs")) == ["a", "b", "d"])
  }

  @Test(arguments: [
    ("/jobs?limit=0", "limit"), ("/jobs?limit=1001", "limit"), ("/jobs?match=", "match"),
    ("/jobs?cursor=", "cursor"), ("/jobs?state=FAILED", "state"), ("/jobs/a?x", "x"),
    ("/jobs/a/stats?since=x", "since"), ("/jobs/a/stats?until=x", "until"),
    ("/jobs/a/stats?match=a", "match"),
  ])
  func `what is not accepted is refused and named`(target: String, name: String) throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.get(target).expectProblem(400, about: name)
    #expect(try answer.json()["parameter"]?.string == name)
  }

  @Test func `statistics are of the time that was asked for`() throws {
    let taro = try TaroProgram()
    for _ in 0..<3 { _ = try taro.run("exec", "--id", "a", "true") }
    let server = try TarosProgram(taro)
    let stats = try server.get("/jobs/a/stats").expect(200).json()
    #expect(stats["count"] == 3)
    let first = try #require(stats["first_at"]?.string)
    #expect(try server.get("/jobs/a/stats?until=\(first)").expectProblem(404).status == 404)
    #expect(try server.get("/jobs/a/stats?since=\(first)").expect(200).json()["count"] == 3)
    try server.get("/jobs/b/stats").expectProblem(404, about: "\"b\"")
  }

  /// Ids that mean something to a path, a query, a pattern, a header or JSON.
  private static let hostile = [
    "a/b", "/", "//", "..", ".", "../../etc/passwd", "%", "%2F", "%00", "a b", " ", "+", "a+b",
    "?x=1", "#x",
    "a&b=c", "\"quoted\"", "'; DROP TABLE event; --", "<script>alert(1)</script>", "line\nfeed",
    "cr\r\nX-Evil: 1",
    "tab\t", "\u{1b}[31m", "é", "e\u{301}", "日本語", "🏃‍♀️", "\u{202e}evil", "*", "[a-z]*", "a@b",
    "{id}", "\\", "jobs",
    "instances", "null", String(repeating: "x", count: 1000), String(repeating: "ü/", count: 150),
  ]

  @Test func `whatever a job is called, the server's own links lead to it and to nothing else`()
    throws
  {
    let taro = try TaroProgram()
    for job in Self.hostile { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    let server = try TarosProgram(taro)
    var found: [String] = []
    var next: String? = "/jobs?limit=7"
    while let target = next {
      let answer = try server.get(target).expect(200)
      for job in try list(answer) {
        let name = try #require(job["job"]?.string)
        found.append(name)
        let links = try #require(job["_links"])
        for relation in ["self", "stats"] {
          let link = try #require(links[relation]?["href"]?.string)
          #expect(link.utf8.allSatisfy { (33...126).contains($0) }, "\(link)")
          let there = try server.get(link).expect(200).json()
          #expect(there["job"]?.string.map { Array($0.utf8) } == Array(name.utf8))
        }
        let instances = try #require(links["instances"]?["href"]?.string)
        let list = try server.get(instances).expect(200).json()
        let own = try #require(list["_embedded"]?["instances"]?.array)
        #expect(own.count == 1, "\(name)")
        let instance = try own.at(0)
        #expect(instance["_links"]?["jobs"]?["href"] == links["self"]?["href"])
        // By its job's name.
        let path = try #require(links["self"]?["href"]?.string).replacing(
          "/jobs/", with: "/instances/", maxReplacements: 1)
        let named = try server.get(path).expect(200).json()
        #expect(named["instance"] == instance["instance"], "\(name)")
      }
      next = try answer.json()["_links"]?["next"]?["href"]?.string
    }
    #expect(Set(found.map { Array($0.utf8) }) == Set(Self.hostile.map { Array($0.utf8) }))
    #expect(found.count == Self.hostile.count)
    // All of them beside their instances, those that look alike too.
    let beside = try list(try server.get("/instances?finished&limit=1000"))
    #expect(beside.count == Self.hostile.count)
  }
}
