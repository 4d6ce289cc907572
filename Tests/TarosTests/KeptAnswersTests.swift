import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Answers are kept, and none is given out that is not what the ledger says now.
@Suite(.temporaryDirectory) struct KeptAnswersTests {
  private func get(_ server: TarosProgram, _ target: String) throws -> JSON {
    // Twice: the second may be one that was kept.
    let first = try server.get(target).expect(200).json()
    #expect(try server.get(target).expect(200).json() == first)
    return first
  }

  private func instances(_ json: JSON) throws -> [JSON] {
    try #require(json["_embedded"]?["instances"]?.array)
  }

  @Test func `what happens is in the next answer`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    for number in 1...20 {
      try taro.run("exec", "--id", "a", "true").expect(code: 0)
      let list = try instances(try get(server, "/instances?finished"))
      #expect(list.count == number)
      let newest = try list.at(0)
      #expect(try get(server, "/instances/a")["instance"] == newest["instance"])
      #expect(try get(server, "/jobs/a/stats")["count"]?.integer == Int64(number))
      #expect(try get(server, "/jobs/a")["counts"]?["completed"]?.integer == Int64(number))
    }
    try taro.run("history-remove", "--force", "a").expect(code: 0)
    #expect(try instances(try get(server, "/instances?finished")).isEmpty)
    try server.get("/jobs/a/stats").expectProblem(404)
    try server.get("/instances/a").expectProblem(404)
  }

  @Test func `what retention drops is gone from what was kept`() throws {
    let taro = try TaroProgram()
    for job in ["a", "b"] { try taro.run("exec", "--id", job, "echo", "hi").expect(code: 0) }
    let server = try TarosProgram(taro)
    #expect(try instances(try get(server, "/instances?finished")).count == 2)
    let own = try #require(try get(server, "/instances/a")["instance"]?.string)
    try taro.run("ledger", "retain", "--set", "retention.max_records=1", "--force").expect(code: 0)
    let left = try instances(try get(server, "/instances?finished"))
    #expect(left.compactMap { $0["job"]?.string } == ["b"])
    for name in ["a", own] {
      try server.get("/instances/\(name)").expectProblem(404)
      try server.get("/instances/\(name)/events").expectProblem(404)
    }
    try server.get("/jobs/a").expectProblem(404)
  }

  @Test func `what was redacted is in no answer any more, and in no file that the server keeps`()
    throws
  {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--param", "key=hunter2", "echo", "last hunter2").expect(
      code: 0)
    let server = try TarosProgram(taro)
    let targets = [
      "/instances?finished", "/instances/a", "/instances/a/events", "/instances/a/output",
      "/jobs/a",
    ]
    for target in targets { try server.get(target).expect(200) }
    #expect(try get(server, "/instances/a")["params"]?["key"] == "hunter2")
    try taro.run("redact", "a", "--pattern", "hunter2", "--force").expect(code: 0, stderr: "")
    for target in targets {
      for _ in 0..<2 {
        let answer = try server.get(target).expect(200)
        #expect(answer.body.firstRange(of: Array("hunter2".utf8)) == nil, "\(target)")
      }
    }
    #expect(try get(server, "/instances/a")["params"]?["key"] == "[redacted]")
    try taro.shell("grep -rlaF hunter2 \"$TARO_LEDGER\"").expect(code: 1, stdout: "")
  }

  @Test func `another ledger at the same name is another answer`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    #expect(try instances(try get(server, "/instances?finished")).count == 1)
    try taro.shell("mv \(taro.ledger.path) \(taro.ledger.path).old").expect(code: 0)
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    try eventually("the other one is served") {
      let list = try instances(try server.get("/instances?finished").expect(200).json())
      return try list.count == 1 && list.at(0)["job"] == "b"
    }
    try server.get("/instances/a").expectProblem(404)
  }

  @Test func `a run that goes on is told as it is now`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let job = try taro.start("exec", "--id", "a", "sleep", "1000")
    try eventually("it runs") {
      try server.get("/instances").json()["_embedded"]?["instances"]?.array?.first?["state"]
        == "RUNNING"
    }
    let before = try #require(try server.get("/instances/a").json()["run_seconds"]?.number)
    try eventually("time goes on") {
      (try server.get("/instances/a").json()["run_seconds"]?.number ?? 0) > before
    }
    job.signal(SIGTERM)
    _ = try job.finish()
  }

  @Test func `a list that is larger than what is kept is whole`() throws {
    let taro = try TaroProgram()
    let long = String(repeating: "x", count: 100_000)
    for _ in 0..<12 { try taro.run("exec", "--id", "a", "true", long).expect(code: 0) }
    let server = try TarosProgram(taro)
    let answer = try server.get("/instances?finished").expect(200)
    #expect(answer["content-length"] == nil)
    let list = try instances(try answer.json())
    #expect(list.count == 12)
    #expect(Set(list.compactMap { $0["instance"]?.string }).count == 12)
    for instance in list { #expect(instance["command"] == .strings(["true", long])) }
    let head = try server.ask("HEAD", "/instances?finished").expect(200)
    #expect(head.body.isEmpty)
  }
}
