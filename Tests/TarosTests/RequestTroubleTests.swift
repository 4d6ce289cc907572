import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Requests where runners, the ledger or the server do not do what they should.
@Suite(.temporaryDirectory) struct RequestTroubleTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `a runner that is stopped acts when it goes on`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    process.signal(SIGSTOP)
    try process.waitUntilStopped()
    try server.post("/instances/a/stop?wait=200ms").expect(202)
    try expect(taro.events(ofJob: "a").last?.kind, is: .stopRequested)
    process.signal(SIGCONT)
    _ = try process.finish()
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `who waits for a runner that was killed gets LOST`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a", "exec sleep 300", ["--die-with-taro"])
    process.signal(SIGSTOP)
    try process.waitUntilStopped()
    let client = try server.connect()
    try client.send("POST /instances/a/stop?wait=60s HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = try taro.waitForEvent("the request") { $0.kind == .stopRequested }
    process.signal(SIGKILL)
    _ = try process.finish()
    #expect(try client.readAnswer().expect(200).json()["state"] == "LOST")
  }

  @Test func `what a lost run has left behind is signalled by the server`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    let job = try #require(process.children.first)
    let started = try #require(Host.startTime(of: job))
    process.signal(SIGKILL)
    _ = try process.finish()
    _ = try taro.waitForEvent("it is lost") { $0.kind == .state(.lost) }
    let fields = ["Idempotency-Key": "k"]
    let answer = try server.post("/instances/a/stop", fields, body: #"{"reason":"x"}"#).expect(202)
    try eventually("the command has ended") { Host.startTime(of: job) != started }
    let event = try #require(try taro.events().last)
    #expect(event.kind == .orphanRequested)
    let request = OrphanRequest(event.json)
    #expect(
      request.kind == .stopRequested && request.job == "a" && request.request.by.reason == "x")
    let again = try server.post("/instances/a/stop", fields, body: #"{"reason":"x"}"#).expect(202)
    #expect(again.body == answer.body)
    try server.post("/instances/a/stop").expectProblem(409, about: "LOST")
  }

  @Test func `what a killed server may not have signalled is signalled for who comes back`() throws
  {
    let first = try TarosProgram(taro)
    // Each TERM is a line; TERM ends nothing.
    // What was its output is a broken pipe.
    let trap =
      "exec >/dev/null 2>&1; trap 'echo term >> terms' TERM; trap 'echo usr1 >> terms' USR1"
    let process = try taro.startJob("a", "\(trap); while :; do sleep 0.1; done")
    let job = try #require(process.children.first)
    let started = try #require(Host.startTime(of: job))
    process.signal(SIGKILL)
    _ = try process.finish()
    _ = try taro.waitForEvent("it is lost") { $0.kind == .state(.lost) }
    func signals() -> [String] { (try? Files.lines("\(taro.work)/terms")) ?? [] }
    let (stop, usr1) = (["Idempotency-Key": "stop"], ["Idempotency-Key": "usr1"])
    let answer = try first.post("/instances/a/stop", stop).expect(202)
    try eventually("it has come") { signals().filter { $0 == "term" }.count == 1 }
    // The one that has done it knows that.
    #expect(try first.post("/instances/a/stop", stop).expect(202).body == answer.body)
    try first.post("/instances/a/signal?signal=USR1", usr1).expect(202)
    try eventually("it has come too") { signals().contains("usr1") }
    #expect(signals().filter { !$0.isEmpty } == ["term", "usr1"])
    first.process.signal(SIGKILL)
    _ = try first.process.finish()
    let second = try TarosProgram(taro)
    #expect(try second.post("/instances/a/stop", stop).expect(202).body == answer.body)
    try eventually("it has come again") { signals().filter { $0 == "term" }.count == 2 }
    try second.post("/instances/a/stop", stop).expect(202)
    try second.post("/instances/a/signal?signal=USR1", usr1)
      .expectProblem(409, about: "a@", "Idempotency-Key")
    #expect(signals().filter { !$0.isEmpty } == ["term", "usr1", "term"])
    #expect(try taro.events().count { $0.kind == .orphanRequested } == 2)
    try second.post("/instances/a/kill").expect(202)
    try eventually("the command has ended") { Host.startTime(of: job) != started }
  }

  @Test(.enabled(if: getuid() == 0, "needs root's rights to give them up"))
  func `a signal that the kernel does not let through is told`() throws {
    let user = try OtherUser(taro, id: 64_115)
    // A job that has become root under a runner that is not, as under sudo.
    let program = "\(TemporaryDirectory.path)/rootly"
    try Files.write(try Files.contents("/usr/bin/setpriv"), to: program)
    #expect(chmod(program, 0o4755) == 0)
    let words = [
      "exec", "--id", "a", program, "--ruid=0", "sh", "-c", "echo ready; read x; exit 0",
    ]
    let process = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.stdin = .pipe
      $0.wrapper = user.wrapper
    }
    try expect(process.readLine(), is: "ready")
    let server = try TarosProgram(taro) { $0.wrapper = user.wrapper }
    let answer = try server.post("/instances/a/stop?wait=60s")
      .expectProblem(409, about: "a@", "Operation not permitted")
    #expect(try answer.json()["type"] == "/problems/not-delivered")
    try process.write("\n")
    try process.finish().expect(code: 0)
    try server.end()
    try user.leave()
    let kinds = try taro.events(ofJob: "a").map(\.kind)
    #expect(kinds.contains(.undelivered) && kinds.last == .state(.completed))
  }

  @Test func `while others hold the ledger who asks is told soon, and who reads is answered`()
    throws
  {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a", "while :; do sleep 0.1; done", trap: "trap '' USR1")
    // The ledger is open.
    try server.post("/instances/a/signal?signal=USR1").expect(202)
    let queue = try taro.holdQueue()
    let start = MonotonicTime.now
    let clients = try (0..<8).map { _ in try server.connect() }
    for client in clients {
      try client.send("POST /instances/a/stop HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }
    try server.get("/latches").expect(200)
    try server.get("/events").expect(200)
    for client in clients {
      let answer = try client.readAnswer().expectProblem(
        503, about: "fuser -v \(taro.ledger.path)/ledger.lock")
      #expect(answer["retry-after"] == "1")
    }
    #expect(MonotonicTime.now - start < 20_000_000)
    queue.release()
    try server.post("/instances/a/kill?wait=60s").expect(200)
    _ = try process.finish()
    #expect(try taro.events().count { $0.kind == .stopRequested } == 1)
  }

  @Test func `where there is no ledger yet`() throws {
    let server = try TarosProgram(taro)
    try server.delete("/disabled/a").expectProblem(404, about: "a")
    try server.post("/instances/a/stop").expectProblem(404, about: "a")
    #expect(!Files.exists("\(taro.ledger.path)/ledger.db"))
    try server.put("/disabled/a").expect(202)
    try taro.run("exec", "--id", "a", "false").expect(code: 0)
  }

  @Test func `who waits is answered when the server ends`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a", "while :; do sleep 0.1; done", trap: "trap '' TERM")
    let client = try server.connect()
    try client.send("POST /instances/a/stop?wait=60s HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = try taro.waitForEvent("the request") { $0.kind == .stopRequested }
    server.process.signal(SIGTERM)
    try client.readAnswer().expect(202)
    try server.process.finish().expect(code: 0)
    try taro.run("stop", "--force", "--kill", "a").expect(code: 0)
    _ = try process.finish()
  }
}
