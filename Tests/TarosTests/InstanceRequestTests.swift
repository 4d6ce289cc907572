import Events
import Glibc
import TestSupport
import Testing

/// What is asked of instances over HTTP, with real jobs.
@Suite(.temporaryDirectory) struct InstanceRequestTests {
  private let taro: TaroProgram
  private let server: TarosProgram

  init() throws {
    taro = try TaroProgram()
    server = try TarosProgram(taro)
  }

  private func event(_ answer: HTTPAnswer) throws -> Event {
    let seq = try #require(answer.json()["seq"]?.seq, "\(answer)")
    return try #require(try taro.events().first { $0.seq == seq })
  }

  @Test(
    arguments: [
      ("stop", "stop_requested", "TERM", InstanceState.stopped),
      ("interrupt", "interrupt_requested", "TERM", .interrupted),
      ("kill", "stop_requested", "KILL", .stopped),
      ("signal?signal=sigusr1", "signal_requested", "USR1", .failed),
    ])
  func `a request is on disk when it is answered, and acted on`(
    request: String, kind: String, signal: String, end: InstanceState
  ) throws {
    let process = try taro.startJob("a/b")
    let answer = try server.post("/instances/a%2Fb/\(request)").expect(202)
    #expect(answer["content-type"] == "application/hal+json")
    let event = try event(answer)
    #expect(event.kind.name == kind && event.job == "a/b")
    #expect(ControlRequest(event.json).signal == signal)
    let links = try answer.json()["_links"]
    #expect(links?["event"]?["href"]?.string == "/events?after=\(event.seq.number - 1)&limit=1")
    expect(
      links?["instance"]?["href"]?.string, is: "/instances/\(try #require(event.instance))")
    _ = try process.finish()
    try expect(taro.ending(ofJob: "a/b")?.state, is: end)
  }

  @Test func `kill reaches every process of it`() throws {
    let process = try taro.startJob("a", "setsid sleep 300 & wait", trap: "trap '' TERM")
    try server.post("/instances/a/kill?wait=60s").expect(200)
    _ = try process.finish()
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `pause and resume, each of use once`() throws {
    let process = try taro.startJob("a")
    try server.post("/instances/a/resume").expectProblem(409, about: "a@", "not paused")
    let paused = try server.post("/instances/a/pause?wait=60s").expect(200).json()
    #expect(paused["paused_by"] == "STOP" && paused["state"] == "RUNNING")
    let again = try server.post("/instances/a/pause").expectProblem(409, about: "paused already")
    #expect(try again.json()["type"] == "/problems/conflict")
    let resumed = try server.post("/instances/a/resume?wait=60s").expect(200).json()
    #expect(resumed["paused_by"] == .null)
    try server.post("/instances/a/kill").expect(202)
    _ = try process.finish()
    let kinds = try taro.events(ofJob: "a").map(\.kind.name)
    #expect(kinds.filter { $0.hasPrefix("pause") } == ["pause_requested", "paused"])
    #expect(kinds.filter { $0.hasPrefix("resume") } == ["resume_requested", "resumed"])
  }

  @Test func `who waits gets the instance as GET has it, and command and clients read it`() throws {
    let process = try taro.startJob("a")
    let document = try server.post("/instances/a/stop?wait=60s").expect(200).json()
    #expect(document["state"] == "STOPPED" && document["lifecycle"]?["state"] == "STOPPED")
    #expect(document["id"]?["job_id"] == "a")
    #expect(document["_links"]?["self"]?["href"]?.string?.hasPrefix("/instances/") == true)
    _ = try process.finish()
    let command = try JSON(parsing: try taro.run("show", "a", "-f", "json").expect(code: 0).text)
    let own = command.members?.map(\.key) ?? []
    #expect(own.contains("transitions"))
    for name in own { #expect(document[name] == command[name], "\(name)") }
  }

  @Test func `what has not happened in time is 202 all the same`() throws {
    let process = try taro.startJob("a", "while :; do sleep 1; done", trap: "trap '' TERM")
    let answer = try server.post("/instances/a/stop?wait=300ms").expect(202)
    #expect(try event(answer).kind == .stopRequested)
    try server.post("/instances/a/kill?wait=60s").expect(200)
    _ = try process.finish()
  }

  @Test func `who has ended is asked nothing`() throws {
    try taro.run("exec", "--id", "a", "false").expect(code: 1)
    for request in ["stop", "interrupt", "kill", "pause", "resume", "signal?signal=HUP"] {
      let answer = try server.post("/instances/a/\(request)")
        .expectProblem(409, about: "a@", "FAILED", "ended")
      #expect(try answer.json()["type"] == "/problems/ended")
    }
    let head = try taro.events().last?.kind
    #expect(head == .state(.failed))
  }

  @Test func `who waits can be ended, and nothing else`() throws {
    let process = try taro.startWaiting("a", for: "l")
    try server.post("/instances/a/pause").expectProblem(409, about: "not running yet")
    try server.post("/instances/a/stop?wait=60s").expect(200)
    _ = try process.finish()
    try expect(taro.ending(ofJob: "a")?.state, is: .cancelled)
  }

  @Test func `a name that leads nowhere, or to several`() throws {
    try server.post("/instances/nobody/stop").expectProblem(404, about: "nobody")
    let long = String(repeating: "x", count: 1042)
    try server.post("/instances/\(long)/stop").expectProblem(400, about: "id")
    let one = try taro.startJob("a")
    let other = try taro.startJob("b")
    let instances = try taro.events().filter { $0.kind == .state(.created) }
      .compactMap(\.instance?.text)
    let (first, second) = (try instances.at(0), try instances.at(1))
    let common = String(zip(first, second).prefix { $0 == $1 }.map(\.0))
    let answer = try server.post("/instances/\(common)/stop").expectProblem(409, about: common)
    #expect(try answer.json()["type"] == "/problems/ambiguous")
    #expect(try answer.json()["candidates"]?.array?.count == 2)
    for name in [first, "b@\(second)"] { try server.post("/instances/\(name)/stop").expect(202) }
    _ = try (one.finish(), other.finish())
  }

  @Test(
    arguments: [
      ("stop?now=1", nil, 400, "now"), ("stop?wait=soon", nil, 400, "wait"),
      ("stop", #"{"raeson":"x"}"#, 400, "raeson"), ("stop", #"{"reason":1}"#, 400, "reason"),
      ("stop", #"{"reason":null}"#, 400, "reason"), ("stop", "[]", 400, "object"),
      ("stop", "{", 400, "JSON"), ("stop", #"{"reason":"a","reason":"b"}"#, 400, "once"),
      ("signal", nil, 400, "signal"), ("signal?signal=FOO", nil, 400, "FOO"),
      ("signal?signal=0", nil, 400, "signal"), ("signal?signal=65", nil, 400, "signal"),
      ("signal?signal=09", nil, 400, "signal"), ("signal", #"{"signal":9}"#, 400, "signal"),
      ("signal?signal=HUP", #"{"signal":"USR1"}"#, 400, "USR1"),
    ] as [(String, String?, Int, String)])
  func `what is not understood changes nothing`(
    request: String, body: String?, status: Int, word: String
  ) throws {
    let process = try taro.startJob("a")
    try server.post("/instances/a/\(request)", body: body).expectProblem(status, about: word)
    let long = String(repeating: "ü", count: 1001)
    try server.post("/instances/a/stop", body: #"{"reason":"\#(long)"}"#)
      .expectProblem(400, about: "reason")
    try server.ask("POST", "/instances/a/stop", ["Content-Type": "text/plain"], body: "x")
      .expectProblem(415, about: "application/json")
    #expect(try taro.events().allSatisfy { !$0.kind.name.hasSuffix("_requested") })
    process.signal(SIGTERM)
    _ = try process.finish()
  }

  @Test func `a signal is named in the query or the body, or in both alike`() throws {
    let process = try taro.startJob(
      "a", "while :; do sleep 0.1; done", trap: "trap 'echo got' USR1")
    try server.post("/instances/a/signal?signal=10", body: #"{"signal":"SIGUSR1"}"#).expect(202)
    while try process.readLine() != "got" {}
    let reason = #"{"signal":"usr1","reason":"read it again"}"#
    let event = try event(try server.post("/instances/a/signal", body: reason).expect(202))
    #expect(ControlRequest(event.json).by.reason == "read it again")
    while try process.readLine() != "got" {}
    try server.post("/instances/a/stop").expect(202)
    _ = try process.finish()
  }
}
