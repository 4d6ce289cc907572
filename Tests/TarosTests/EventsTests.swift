import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// `GET /events`: catch-up and live in one.
@Suite(.temporaryDirectory) struct EventsTests {
  private func seqs(_ answer: HTTPAnswer) throws -> [Seq] {
    try answer.text.split(separator: "\n").map { line in
      try #require(try JSON(parsing: String(line))["seq"]?.seq)
    }
  }

  @Test func `gives what has happened, in order, and ends`() throws {
    let taro = try TaroProgram()
    for job in ["a", "b"] { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    try taro.run("disable", "x").expect(code: 0)
    let server = try TarosProgram(taro)
    let all = try server.get("/events").expect(200)
    #expect(all["content-type"] == "application/x-ndjson")
    let events = try taro.events()
    #expect(try seqs(all) == events.map(\.seq))
    #expect(all.text == events.map { TestSupport.EventLine.text($0) + "\n" }.joined())
    #expect(try seqs(try server.get("/events?after=2&limit=2")) == [3, 4])
    let last = try #require(events.last)
    #expect(try seqs(try server.get("/events?kind=job_disabled")) == [last.seq])
    let ofA = events.filter { $0.job == "a" }.map(\.seq)
    #expect(try seqs(try server.get("/events?match=a")) == ofA)
    #expect(try server.get("/events?after=\(last.seq)").expect(200).text == "")
  }

  @Test(arguments: [
    ("/events?after=900", 409, "after"), ("/events?after=-1", 400, "after"),
    ("/events?after=x", 400, "after"), ("/events?limit=0", 400, "limit"),
    ("/events?kind=nothing", 400, "kind"), ("/events?match=", 400, "match"),
    ("/events?follow=maybe", 400, "follow"), ("/events?wait=soon", 400, "wait"),
    ("/events?after=1&after=2", 400, "after"), ("/events?seq=3", 400, "seq"),
  ])
  func `a parameter that cannot be meant is named`(
    target: String, status: Int, name: String
  ) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let answer = try server.get(target).expectProblem(status, about: name)
    expect(try answer.json()["parameter"], is: .string(name))
  }

  @Test func `as server-sent events it goes on with what happens, and where one was`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let stream = try server.listen("/events?after=1")
    #expect(stream.answer["x-accel-buffering"] == "no")
    let before = try taro.events()
    for event in before.dropFirst() {
      let found = try stream.next()
      #expect(found.id == event.seq)
      #expect(try found.document()["seq"]?.seq == event.seq)
    }
    try taro.run("exec", "--id", "b", "echo", "hi").expect(code: 0)
    let after = try taro.events().dropFirst(before.count)
    for event in after { #expect(try stream.next().id == event.seq) }
    // Last-Event-ID has the last word.
    let last = try #require(after.last)
    let again = try server.listen("/events?after=1", after: last.seq - 1)
    #expect(try again.next().id == last.seq)
    _ = try server.get("/events", ["Last-Event-ID": "x", "Accept": "text/event-stream"])
      .expectProblem(400, about: "Last-Event-ID")
    try server.get("/events", ["Last-Event-ID": "x"]).expectProblem(400, about: "Last-Event-ID")
    // It ends with the server, and what it follows ends with the one who follows.
    try server.end().expect(code: 0)
    try stream.client.readUntilClosed()
  }

  @Test func `a server that starts before there is a ledger tells its first event`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let stream = try server.listen("/events")
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    for seq in 1...3 { #expect(try stream.next().id == Seq(seq)) }
  }

  @Test func `many jobs at once, many listeners: nothing missed, nothing twice`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let streams = try (0..<20).map { number in
      try server.listen(number.isMultiple(of: 2) ? "/events" : "/events?after=2")
    }
    let jobs = try taro.startShell(
      "for n in 1 2 3 4 5 6; do (for m in 1 2 3 4 5; do $TARO exec --id j$n sh -c 'echo x'; done) & done; wait"
    )
    try jobs.finish().expect(code: 0)
    let all = try taro.events().map(\.seq)
    for (number, stream) in streams.enumerated() {
      let wanted = number.isMultiple(of: 2) ? all[...] : all.dropFirst(2)
      #expect(try wanted.map { _ in try stream.next().id } == Array(wanted))
    }
  }

  @Test func `follow goes on as JSON Lines, and limit ends it`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let count = try taro.events().count
    let client = try server.connect()
    try client.send("GET /events?follow&limit=\(count + 1) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    let answer = try client.readAnswer().expect(200)
    #expect(try seqs(answer) == (1...count + 1).map { Seq($0) })
    // The connection is as good as before.
    try client.ask("GET", "/healthz").expect(200)
  }

  @Test func `wait waits for the first, and no longer`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let last = try #require(try taro.events().last).seq
    let start = MonotonicTime.now
    let nothing = try server.get("/events?after=\(last)&wait=300ms").expect(200)
    #expect(nothing.text == "" && MonotonicTime.now - start >= 300_000)
    let client = try server.connect()
    try client.send("GET /events?after=\(last)&kind=completed&wait=60s HTTP/1.1\r\n")
    try client.send("Host: localhost\r\n\r\n")
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    let found = try client.readAnswer().expect(200)
    #expect(try seqs(found).count == 1, "\(found)")
  }

  @Test func `a token with --jobs sees those jobs, and its stream ends when it is revoked`() throws
  {
    let taro = try TaroProgram()
    for job in ["mine", "other"] { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    try taro.run("disable", "x").expect(code: 0)
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    let own = try taro.events(ofJob: "mine").map(\.seq)
    #expect(try seqs(try server.get("/events", fields).expect(200)) == own)
    let stream = try server.listen("/events", fields)
    for seq in own { #expect(try stream.next().id == seq) }
    let start = MonotonicTime.now
    try TarosProgram.run(taro, "token", "revoke", "ops").expect(code: 0)
    try stream.client.readUntilClosed()
    #expect(MonotonicTime.now - start < 30_000_000)
  }

  @Test func `so many streams and no more, and one that has gone makes room`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro, "--set", "limits.streams=2")
    var streams = [try server.listen("/events"), try server.listen("/events")]
    try server.get("/events", ["Accept": "text/event-stream"])
      .expectProblem(503, about: "limits.streams")
    try server.get("/events").expect(200)
    try server.ask("HEAD", "/events", ["Accept": "text/event-stream"]).expect(200)
    streams.removeLast()
    try eventually("there is room") {
      let client = try server.connect()
      try client.send(
        "GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
      return try client.readHead().status == 200
    }
    #expect(try streams.at(0).next().id == 1)
  }
}
