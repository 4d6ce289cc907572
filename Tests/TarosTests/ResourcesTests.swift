import Events
import TestSupport
import Testing

/// The first resources: the way that all take.
@Suite(.temporaryDirectory) struct ResourcesTests {
  @Test func `what host it is, as taro hostinfo tells it`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let answer = try server.get("/hostinfo").expect(200)
    #expect(answer["content-type"] == "application/hal+json")
    let members = try #require(try answer.json().members)
    let command = try JSON(parsing: try taro.run("hostinfo", "-f", "json").text)
    let own = members.filter { $0.key != "_links" && $0.key != "booted_at" }
    #expect(own == command.members?.filter { $0.key != "booted_at" })
  }

  @Test func `which version answers, as taro --protocol tells it`() throws {
    let taro = try TaroProgram()
    let answer = try TarosProgram(taro).get("/protocol").expect(200).json()
    let own = JSON.object((answer.members ?? []).filter { $0.key != "_links" })
    try expect(own, is: JSON(parsing: taro.run("--protocol").expect(code: 0).text))
  }

  @Test func `which ledger it is, and where it stands`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let ledger = try server.get("/ledger").expect(200).json()
    let head = try taro.run("ledger", "head").text.split(separator: "\n").first ?? ""
    let digest = try #require(ledger["digest"]?.string)
    let seq = try #require(ledger["head"]?.integer)
    #expect("\(digest)@\(seq)" == head)
    #expect(ledger["size"]?.integer ?? 0 > 4096)
    // Also when nobody has asked for anything that folds.
    try eventually("it is folded") { try server.get("/ledger").json()["lag"]?.integer == 0 }
    #expect(ledger["_links"]?["self"]?["href"] == "/ledger")
  }

  @Test func `what is disabled, as taro list-disabled tells it`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try taro.run("disable", "a/b c", "x*", "--reason", "because").expect(code: 0)
    let server = try TarosProgram(taro)
    let list = try server.get("/disabled").expect(200).json()
    let documents = try #require(list["_embedded"]?["disabled"]?.array)
    let command = try JSON(parsing: try taro.run("config", "list-disabled", "-f", "json").text)
    let own = documents.map { JSON.object(($0.members ?? []).filter { $0.key != "_links" }) }
    #expect(own == command["disabled"]?.array)
    expect(
      try documents.at(0)["_links"]?["self"]?["href"], is: .string("/disabled/a%2Fb%20c"))
  }

  @Test func `which latches are waited for`() throws {
    let taro = try TaroProgram()
    let waiting = try taro.start("exec", "--id", "a", "--pending", "go ahead", "true")
    try eventually("a waits") { try taro.run("ps", "-f", "jsonl").text.contains("PENDING") }
    let server = try TarosProgram(taro)
    let latches = try server.get("/latches").expect(200).json()["_embedded"]?["latches"]?.array
    let latch = try #require(latches).at(0)
    #expect(latch["latch"] == "go ahead")
    #expect(latch["_links"]?["release"]?["href"] == "/latches/go%20ahead/release")
    let instance = try #require(latch["instances"]?.array).at(0)
    #expect(instance["job"] == "a")
    try taro.run("release", "go ahead").expect(code: 0)
    try waiting.finish().expect(code: 0)
    try eventually("nobody waits") {
      try server.get("/latches").json()["_embedded"]?["latches"] == .array([])
    }
  }

  @Test func `what there is for programs`() throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.get("/openapi.json").expect(200)
    #expect(answer["content-type"] == "application/json")
    expect(try answer.json()["openapi"], is: "3.1.0")
  }

  @Test func `HEAD answers as GET does, without the body`() throws {
    let server = try TarosProgram(try TaroProgram())
    let client = try server.connect()
    for path in ["/healthz", "/ledger", "/nothing"] {
      let get = try client.ask("GET", path)
      let head = try client.ask("HEAD", path)
      #expect(head.status == get.status)
      #expect(head.body.isEmpty)
      #expect(head["content-length"] == "\(get.body.count)")
      #expect(head["content-type"] == get["content-type"])
    }
  }

  @Test func `another method is named with those that there are`() throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.ask("PUT", "/ledger")
      .expectProblem(405, about: "/ledger", "PUT", "GET")
    #expect(answer["allow"] == "GET, HEAD, OPTIONS")
    let methods = "POST, GET, DELETE, HEAD, OPTIONS"
    #expect(try server.ask("PATCH", "/session").expect(405)["allow"] == methods)
    #expect(try server.ask("TRACE", "/session").expect(405)["allow"] == methods)
    let unknown = try server.ask("BREW", "/session").expectProblem(405, about: "BREW")
    #expect(unknown["allow"]?.contains("POST") == true)
    #expect(try server.ask("OPTIONS", "/ledger").expect(204)["allow"] == "GET, HEAD, OPTIONS")
  }

  @Test(arguments: [
    ("/nothing", 404), ("/", 200), ("/ledger/", 404), ("//ledger", 404), ("/../ledger", 404),
    ("/%2e%2e/ledger", 404), ("/ledger%2F..", 404), ("/%zz", 400), ("/%ff", 400), ("/%00", 400),
    ("ledger", 400), ("*", 400), ("/ledger?x=1", 400), ("/ledger?%zz", 400),
    ("http://other.example/ledger", 400), ("http://localhost/ledger", 200),
  ])
  func `a path is taken as it is, and leads nowhere else`(target: String, status: Int) throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.get(target)
    if status == 200 { answer.expect(200) } else { answer.expectProblem(status) }
  }

  @Test func `what is common to all answers`() throws {
    let server = try TarosProgram(try TaroProgram())
    for path in ["/ledger", "/nothing", "/healthz"] {
      let answer = try server.get(path, ["Accept": "text/html"])
      #expect(answer["x-content-type-options"] == "nosniff")
      #expect(answer["cache-control"] == "no-store")
      #expect(answer["date"]?.hasSuffix(" GMT") == true)
      #expect(answer["content-type"]?.contains("html") == false)
    }
  }
}
