import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

/// `GET /instances/{id}/output`: what there is, whole and in parts.
@Suite(.temporaryDirectory) struct OutputTests {
  private static let text = "text/plain; charset=utf-8"
  private static let binary = "application/octet-stream"

  /// Runs a job with three lines on stdout and one on stderr; gives what the command line prints of them.
  private func runJob(_ taro: TaroProgram) throws -> [UInt8] {
    try taro.run(
      "exec", "--id", "a", "sh", "-c", "echo one; echo two >&2; echo thr\u{e4}e; printf four"
    ).expect(code: 0)
    return try taro.run("output", "a").expect(code: 0).stdout
  }

  @Test func `is what the command line prints, byte for byte`() throws {
    let taro = try TaroProgram()
    let all = try runJob(taro)
    let server = try TarosProgram(taro)
    let whole = try server.get("/instances/a/output").expect(200)
    #expect(whole.body == all)
    #expect(whole["content-type"] == Self.text)
    #expect(whole["x-content-type-options"] == "nosniff")
    #expect(whole["accept-ranges"] == "bytes")
    #expect(whole["content-length"] == "\(all.count)")
    for stream in ["stdout", "stderr"] {
      let own = try taro.run("output", "a", "--\(stream)").expect(code: 0).stdout
      let answer = try server.get("/instances/a/output?stream=\(stream)").expect(200)
      #expect(answer.body == own, "\(stream)")
      #expect(answer["content-length"] == "\(own.count)")
    }
    let head = try server.ask("HEAD", "/instances/a/output").expect(200)
    #expect(head["content-length"] == "\(all.count)" && head["content-type"] == Self.text)
    // Whatever is asked for, a browser runs none of it.
    let page = try server.get("/instances/a/output", ["Accept": "text/html"]).expect(200)
    #expect(page["content-type"] == Self.text)
  }

  @Test func `has its last lines`() throws {
    let taro = try TaroProgram()
    _ = try runJob(taro)
    let server = try TarosProgram(taro)
    for count in 0...6 {
      let answer = try server.get("/instances/a/output?lines=\(count)", ["Range": "bytes=0-1"])
        .expect(200)
      let expected = try taro.run("tail", "-n", "\(count)", "a").expect(code: 0).stdout
      #expect(answer.body == expected, "\(count)")
      #expect(answer["content-length"] == "\(expected.count)")
    }
    #expect(
      try server.get("/instances/a/output?lines=2&stream=stdout").expect(200).text
        == "thr\u{e4}e\nfour")
  }

  @Test func `has every range of it`() throws {
    let taro = try TaroProgram()
    let all = try runJob(taro)
    let server = try TarosProgram(taro)
    let client = try server.connect()
    func ask(_ range: String) throws -> HTTPAnswer {
      try client.ask("GET", "/instances/a/output", ["Range": range])
    }
    for first in all.indices {
      for last in [first, all.count - 1, all.count + 5] {
        let end = min(last, all.count - 1)
        let answer = try ask("bytes=\(first)-\(last)").expect(206)
        #expect(answer.body == Array(all[first...end]))
        #expect(answer["content-range"] == "bytes \(first)-\(end)/\(all.count)")
        #expect(answer["content-length"] == "\(end - first + 1)")
        // A cut through a character makes it no other text.
        #expect(answer["content-type"] == Self.text || answer.body.count < 4)
      }
      #expect(try ask("bytes=\(first)-").expect(206).body == Array(all[first...]))
      #expect(try ask("Bytes=-\(first + 1)").expect(206).body == Array(all.suffix(first + 1)))
    }
    for range in ["bytes=\(all.count)-", "bytes=-0", "bytes=999999999999999999-"] {
      let answer = try ask(range).expectProblem(416, about: range, "\(all.count)")
      #expect(answer["content-range"] == "bytes */\(all.count)")
    }
    for range in ["bytes=3-2", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes", "bytes=-"] {
      #expect(try ask(range).expect(200).body == all, "\(range)")
    }
    // Nobody can say that it is still the same.
    let again = ["Range": "bytes=0-1", "If-Range": "\"a\""]
    #expect(try client.ask("GET", "/instances/a/output", again).expect(200).body == all)
    // Of one stream.
    let out = try taro.run("output", "a", "--stdout").stdout
    let part = try client.ask("GET", "/instances/a/output?stream=stdout", ["Range": "bytes=4-9"])
    #expect(part.expect(206).body == Array(out[4...9]))
  }

  @Test func `that is no text is bytes`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    for (job, script, type) in [
      ("nul", "printf 'a\\000b'", Self.binary), ("latin", "printf '\\344bc'", Self.binary),
      ("cut", "printf 'a\\303'", Self.text), ("html", "echo '<script>'", Self.text),
      ("none", ":", Self.text),
    ] {
      try taro.run("exec", "--id", job, "sh", "-c", script).expect(code: 0)
      let answer = try server.get("/instances/\(job)/output").expect(200)
      #expect(answer["content-type"] == type, "\(job)")
      #expect(answer.body == (try taro.run("output", job).stdout))
    }
    let none = try server.get("/instances/none/output", ["Range": "bytes=0-"])
    #expect(none.expectProblem(416)["content-range"] == "bytes */0")
  }

  @Test func `of many pieces is whole, from any place`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "seq", "700000") { $0.stdout = .file("/dev/null") }
      .expect(code: 0)
    let all = try taro.run("output", "a").stdout
    #expect(all.count > 4_000_000)
    let server = try TarosProgram(taro)
    let client = try server.connect()
    #expect(try client.ask("GET", "/instances/a/output").expect(200).body == all)
    for first in [1, 262_143, 262_144, 1_048_576, 3_333_333, all.count - 1] {
      let answer = try client.ask(
        "GET", "/instances/a/output", ["Range": "bytes=\(first)-\(first + 2_000_000)"])
      #expect(answer.expect(206).body == Array(all.dropFirst(first).prefix(2_000_001)))
    }
    let lines = try client.ask("GET", "/instances/a/output?lines=300000").expect(200)
    #expect(lines.text.hasPrefix("400001\n") && lines.text.hasSuffix("\n700000\n"))
  }

  @Test func `that was not captured, or was dropped, is a problem`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "-b", "--id", "bare", "echo", "hi").expect(code: 0)
    try taro.run("exec", "--id", "old", "sh", "-c", "echo hi; exit 3").expect(code: 3)
    let server = try TarosProgram(taro)
    try server.get("/instances/bare/output").expectProblem(404, about: "bare@", "not captured")
    try server.get("/instances/bare/output?stream=stderr").expectProblem(404, about: "stderr")
    try server.get("/instances/old/output").expect(200)
    try taro.run(
      "ledger", "retain", "--force", "--set", "retention.max_size=1", "--set",
      "retention.keep_failed=9"
    ).expect(code: 0)
    for fields in [[:], ["Accept": "text/event-stream"], ["Range": "bytes=0-1"]] {
      let answer = try server.get("/instances/old/output", fields)
      answer.expectProblem(410, about: "old@", "retention")
      #expect(try answer.json()["type"] == "/problems/gone")
    }
    try server.get("/instances/nobody/output").expectProblem(404, about: "nobody")
  }

  @Test func `that is damaged is broken off there, and there behind it`() throws {
    let taro = try TaroProgram()
    let job = try taro.start(
      "exec", "--id", "a", "sh", "-c", "echo one; read x; echo two; read y; echo three"
    ) { $0.stdin = .pipe }
    let server = try TarosProgram(taro)
    for text in ["one\n", "one\ntwo\n"] {
      try eventually(text) { try server.get("/instances/a/output").text == text }
      try job.write("\n")
    }
    try job.finish().expect(code: 0)
    let second = try taro.events(ofJob: "a").filter { $0.kind == .output }.at(1).seq
    let database = try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
    try database.execute("UPDATE output SET size = size + 1 WHERE seq = \(second)")
    let client = try server.connect()
    try client.send("GET /instances/a/output HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(try client.readHead().expect(200)["content-length"] == "14")
    #expect(String(decoding: try client.readUntilClosed(), as: UTF8.self) == "one\n")
    _ = try server.waitForLog("broken off") { $0["message"] == "an output was broken off" }
    #expect(try server.get("/instances/a/output", ["Range": "bytes=8-"]).text == "three\n")
    try server.get("/instances/a/output", ["Range": "bytes=4-"])
      .expectProblem(503, about: "damaged", "\(second)")
    let events = try EventStream(server, "/instances/a/output")
    #expect(try events.nextEvent()?.id == "4")
    let missing = try #require(try events.nextEvent())
    #expect(missing.name == "missing" && missing.id == nil)
    #expect(try JSON(parsing: missing.data)["reason"] == "damaged")
    #expect(try events.nextEvent()?.id == "14")
    #expect(try events.nextEvent()?.name == "end")
  }

  @Test(arguments: [
    ("?stream=both", "stream"), ("?lines=-1", "lines"), ("?lines=1000001", "lines"),
    ("?follow=maybe", "follow"), ("?tail=3", "tail"),
  ])
  func `a parameter that cannot be meant is named`(target: String, name: String) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let answer = try server.get("/instances/a/output\(target)").expectProblem(400, about: name)
    expect(try answer.json()["parameter"], is: .string(name))
    let fields = ["Accept": "text/event-stream", "Last-Event-ID": "x"]
    try server.get("/instances/a/output", fields).expectProblem(400, about: "Last-Event-ID")
  }

  @Test func `a token with --jobs has that of its jobs`() throws {
    let taro = try TaroProgram()
    for job in ["mine", "other"] { try taro.run("exec", "--id", job, "echo", job).expect(code: 0) }
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    #expect(try server.get("/instances/mine/output", fields).expect(200).text == "mine\n")
    try server.get("/instances/other/output", fields).expectProblem(404, about: "other")
  }
}
