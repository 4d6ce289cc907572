import Events
import Glibc
import TestSupport
import Testing

/// The same request with the same key is asked once.
@Suite(.temporaryDirectory) struct IdempotencyTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func key(_ text: String) -> [String: String] { ["Idempotency-Key": text] }

  private func requests(_ kind: EventKind) throws -> [Event] {
    try taro.events().filter { $0.kind == kind }
  }

  @Test func `is one event and the same answer, also after the server was killed`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a", "while :; do sleep 0.1; done", trap: "trap '' TERM")
    let body = #"{"reason":"maintenance"}"#
    let first = try server.post("/instances/a/stop", key("one"), body: body).expect(202)
    server.process.signal(SIGKILL)
    _ = try server.process.finish()
    let second = try TarosProgram(taro)
    let again = try second.post("/instances/a/stop", key("one"), body: body).expect(202)
    #expect(again.body == first.body)
    try expect(requests(.stopRequested).count, is: 1)
    // Another instance of that name is not meant.
    try second.post("/instances/a/kill?wait=60s").expect(200)
    _ = try process.finish()
    let next = try taro.startJob("a")
    let late = try second.post("/instances/a/stop", key("one"), body: body).expect(202)
    #expect(late.body == first.body)
    try second.post("/instances/a/stop?wait=60s").expect(200)
    _ = try next.finish()
    try expect(requests(.stopRequested).count, is: 3)
  }

  @Test func `the event has digests, and neither the key nor more of it`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    try server.post("/instances/a/stop", key("a-secret-key")).expect(202)
    _ = try process.finish()
    let event = try #require(try requests(.stopRequested).first)
    #expect(!event.data.contains("a-secret-key"))
    let data = try #require(event.json["idempotency"])
    #expect(data["key"]?.string?.utf8.count == 64 && data["request"]?.string?.utf8.count == 64)
    #expect(ControlRequest(event.json).by.idempotency?.json == data)
  }

  @Test func `ten at once are one`() throws {
    let server = try TarosProgram(taro)
    let other = try TarosProgram(taro)
    let process = try taro.startJob("a", "while :; do sleep 0.1; done", trap: "trap '' USR1")
    let target = "/instances/a/signal?signal=USR1"
    // All are sent before the first is answered.
    let clients = try (0..<10).map { try ($0.isMultiple(of: 2) ? server : other).connect() }
    for client in clients {
      try client.send("POST \(target) HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: ten\r\n\r\n")
    }
    let answers = try clients.map { try $0.readAnswer().expect(202).body }
    #expect(Set(answers).count == 1)
    try expect(requests(.signalRequested).count, is: 1)
    try server.post("/instances/a/kill").expect(202)
    _ = try process.finish()
  }

  @Test func `another request with it is 422`() throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let token = try TarosProgram.token(taro, "ops", "control")
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a", "while :; do sleep 0.1; done", trap: "trap '' USR1")
    let target = "/instances/a/signal?signal=USR1"
    try server.post(target, key("k"), body: "{}").expect(202)
    let others: [() throws -> HTTPAnswer] = [
      { try server.post("/instances/a/signal?signal=USR2", key("k"), body: "{}") },
      { try server.post("/instances/a/stop", key("k"), body: "{}") },
      { try server.post(target, key("k"), body: #"{"reason":"x"}"#) },
      { try server.post(target, key("k")) },
      {
        let fields = key("k").merging(TarosProgram.bearer(token)) { $1 }
        return try server.post(target, fields, body: "{}")
      },
      { try server.post("/latches/l/release", key("k")) },
      { try server.put("/disabled/a", key("k")) },
      { try server.delete("/disabled/a", key("k")) },
    ]
    for other in others {
      let answer = try other().expectProblem(422, about: "Idempotency-Key")
      #expect(try answer.json()["type"] == "/problems/idempotency-key")
    }
    try server.post(target, key("k"), body: "{}").expect(202)
    try expect(taro.events().count { $0.json["idempotency"] != nil }, is: 1)
    try server.post("/instances/a/kill").expect(202)
    _ = try process.finish()
  }

  @Test func `latches and what is disabled too`() throws {
    let server = try TarosProgram(taro)
    let waiting = try taro.startWaiting("a", for: "l")
    let released = try server.post("/latches/l/release", key("r")).expect(202)
    try waiting.finish().expect(code: 0)
    let put = try server.put("/disabled/x", key("p")).expect(202)
    let deleted = try server.delete("/disabled/x", key("d")).expect(202)
    server.process.signal(SIGKILL)
    _ = try server.process.finish()
    let second = try TarosProgram(taro)
    #expect(try second.post("/latches/l/release", key("r")).expect(202).body == released.body)
    #expect(try second.put("/disabled/x", key("p")).expect(202).body == put.body)
    #expect(try second.delete("/disabled/x", key("d")).expect(202).body == deleted.body)
    try second.get("/disabled/x").expect(404)
    for kind in [EventKind.released, .jobDisabled, .jobEnabled] {
      try expect(requests(kind).count, is: 1)
    }
  }

  @Test func `who waits again waits for what was asked first`() throws {
    let server = try TarosProgram(taro)
    let process = try taro.startJob("a")
    let first = try server.post("/instances/a/stop?wait=60s", key("w")).expect(200)
    _ = try process.finish()
    let again = try server.post("/instances/a/stop?wait=60s", key("w")).expect(200)
    #expect(again.body == first.body)
    try expect(requests(.stopRequested).count, is: 1)
  }

  @Test func `what left no event behind is asked anew`() throws {
    let server = try TarosProgram(taro)
    try server.delete("/disabled/a", key("k")).expectProblem(404)
    try server.put("/disabled/a", key("k")).expect(202)
    try server.post("/instances/a/stop", key("other")).expectProblem(404, about: "a")
  }

  @Test func `a key is 1 to 255 visible characters, once`() throws {
    let server = try TarosProgram(taro)
    for bad in [String(repeating: "k", count: 256), "two words", "ключ"] {
      let answer = try server.put("/disabled/a", key(bad))
        .expectProblem(400, about: "Idempotency-Key")
      #expect(try answer.json()["parameter"] == "Idempotency-Key")
    }
    let twice = "PUT /disabled/a HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: a\r\n"
    try server.exchange(twice + "Idempotency-Key: b\r\n\r\n")
      .expectProblem(400, about: "Idempotency-Key")
    try server.put("/disabled/a", key(String(repeating: "k", count: 255))).expect(202)
  }
}
