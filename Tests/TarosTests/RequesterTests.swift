import Events
import Glibc
import TestSupport
import Testing

/// Who may ask something of instances, and who is said to have asked.
@Suite(.temporaryDirectory) struct RequesterTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    // Tokens stand beside a ledger.
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
  }

  @Test func `the user whom the kernel names, and from where`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    try server.post("/instances/a/stop?wait=60s", body: #"{"reason":"the tape is full"}"#)
      .expect(200)
    _ = try process.finish()
    let event = try #require(try taro.events().first { $0.kind == .stopRequested })
    let by = ControlRequest(event.json).by
    #expect(by.via == .rest && by.uid == Int64(getuid()) && by.address == "127.0.0.1")
    #expect(by.token == nil && by.pid == 0 && by.reason == "the tape is full")
    let request = try #require(
      try server.get("/events?kind=stop_requested").expect(200).json()["data"])
    #expect(request["via"] == "rest" && request["address"] == "127.0.0.1")
    let shown = try JSON(parsing: try taro.run("show", "a", "-f", "json").text)["requests"]
    let first = try #require(shown?.array).at(0)
    #expect(first["via"] == "rest" && first["reason"] == "the tape is full")
  }

  @Test func `the token that was shown, by its name`() throws {
    let token = try TarosProgram.token(taro, "ops", "control")
    let server = try TarosProgram(taro, "--set", "log.level=debug")
    let process = try taro.startJob("a")
    try server.post("/instances/a/stop?wait=60s", TarosProgram.bearer(token)).expect(200)
    _ = try process.finish()
    let event = try #require(try taro.events().first { $0.kind == .stopRequested })
    #expect(ControlRequest(event.json).by.token == "ops")
    #expect(!event.data.contains(token))
  }

  @Test func `who may read changes nothing`() throws {
    let token = TarosProgram.bearer(try TarosProgram.token(taro, "eye", "read"))
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    for request in ["stop", "interrupt", "kill", "pause", "resume", "signal?signal=KILL"] {
      try server.post("/instances/a/\(request)", token).expectProblem(403, about: "eye")
    }
    try server.post("/latches/l/release", token).expectProblem(403, about: "eye")
    try server.put("/disabled/a", token).expectProblem(403, about: "eye")
    try server.delete("/disabled/a", token).expectProblem(403, about: "eye")
    try server.get("/disabled/a", token).expectProblem(404, about: "a")
    #expect(try taro.events().map(\.kind.name).allSatisfy { !$0.hasSuffix("_requested") })
    process.signal(SIGTERM)
    _ = try process.finish()
  }

  @Test func `beside its jobs nothing exists for a token`() throws {
    let token = TarosProgram.bearer(
      try TarosProgram.token(taro, "team", "control", "--jobs", "mine*"))
    let server = try TarosProgram(taro)
    let mine = try taro.startJob("mine-1")
    let other = try taro.startJob("other")
    let instance = try #require(
      try taro.events(ofJob: "other").first { $0.kind == .state(.created) }?.instance)
    for name in ["other", instance.text, "other@\(instance)", "nobody"] {
      for request in ["stop", "pause", "signal?signal=HUP"] {
        let answer = try server.post("/instances/\(name)/\(request)", token)
          .expectProblem(404, about: name)
        #expect(try answer.json()["candidates"] == nil)
      }
    }
    try server.post("/instances/mine-1/stop?wait=60s", token).expect(200)
    _ = try mine.finish()
    #expect(try taro.events(ofJob: "other").allSatisfy { !$0.kind.name.hasSuffix("_requested") })
    try server.post("/instances/other/stop").expect(202)
    _ = try other.finish()
  }

  @Test func `a token disables its patterns and the ids of its jobs`() throws {
    let token = TarosProgram.bearer(
      try TarosProgram.token(taro, "team", "control", "--jobs", "mine*", "--jobs", "x/y"))
    let server = try TarosProgram(taro)
    for pattern in ["mine%2A", "mine-1", "x%2Fy"] {
      try server.put("/disabled/\(pattern)", token).expect(202)
      try server.get("/disabled/\(pattern)", token).expect(200)
    }
    for pattern in ["%2A", "other", "m%2A", "mine-%3F", "x%2F%2A"] {
      try server.put("/disabled/\(pattern)", token).expectProblem(404)
      try server.put("/disabled/\(pattern)").expect(202)
      try server.get("/disabled/\(pattern)", token).expectProblem(404)
      try server.delete("/disabled/\(pattern)", token).expectProblem(404)
    }
    let list = try server.get("/disabled", token).json()["_embedded"]?["disabled"]?.array ?? []
    #expect(list.compactMap { $0["pattern"]?.string } == ["mine*", "mine-1", "x/y"])
    try server.delete("/disabled/mine%2A", token).expect(202)
  }

  @Test func `a token releases what its jobs alone wait for`() throws {
    let token = TarosProgram.bearer(
      try TarosProgram.token(taro, "team", "control", "--jobs", "mine*"))
    let server = try TarosProgram(taro)
    try server.post("/latches/own/release", token).expectProblem(404, about: "own")
    let first = try taro.startWaiting("mine-1", for: "own")
    let second = try taro.startWaiting("mine-2", for: "both")
    let third = try taro.startWaiting("other", for: "both")
    try server.post("/latches/own/release?hold_open", token).expectProblem(403, about: "team")
    try server.post("/latches/both/release", token).expectProblem(403, about: "both")
    let answer = try server.post("/latches/own/release", token).expect(202)
    #expect(try answer.json()["released"]?.array?.count == 1)
    try first.finish().expect(code: 0)
    #expect(try taro.events().count { $0.kind == .released } == 1)
    try server.post("/latches/both/release").expect(202)
    for process in [second, third] { try process.finish().expect(code: 0) }
  }
}
