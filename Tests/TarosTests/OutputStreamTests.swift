import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Output that is followed: as it is, and as server-sent events.
@Suite(.temporaryDirectory) struct OutputStreamTests {
  /// A job that goes on line by line as the test writes to it.
  private func start(_ taro: TaroProgram, _ script: String) throws -> TaroProcess {
    try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
  }

  private func bytes(_ event: EventStream.Event) throws -> [UInt8] {
    let document = try JSON(parsing: event.data)
    if let text = document["text"]?.string { return Array(text.utf8) }
    return try #require(document["base64"]?.string.flatMap { Base64.decode($0) })
  }

  /// What comes until the end, with where each piece begins, and the end itself.
  private func readAll(
    _ stream: EventStream, from start: Int64 = 0
  ) throws -> (bytes: [UInt8], ids: [String], end: JSON) {
    var (all, ids): ([UInt8], [String]) = ([], [])
    while let event = try stream.nextEvent() {
      if event.name == "end" {
        #expect(event.id == "end")
        #expect(try stream.nextEvent() == nil)
        return (all, ids, try JSON(parsing: event.data))
      }
      #expect(event.name == "message")
      let piece = try bytes(event)
      #expect(try JSON(parsing: event.data)["offset"]?.integer == start + Int64(all.count))
      all += piece
      #expect(event.id == "\(start + Int64(all.count))")
      ids.append(event.id ?? "")
    }
    throw HTTPClient.Broken(description: "it ends without an end")
  }

  @Test func `comes in pieces, and goes on from each`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "sh", "-c",
      "echo one; echo two >&2; printf 'a\\377\\n'; echo \u{e4}\u{20ac}; exit 3"
    ).expect(code: 3)
    let all = try taro.run("output", "a").stdout
    let server = try TarosProgram(taro)
    let whole = try readAll(try EventStream(server, "/instances/a/output"))
    #expect(whole.bytes == all)
    #expect(whole.end["state"] == "FAILED" && whole.end["exit_code"]?.integer == 3)
    #expect(whole.end["bytes"]?.integer == Int64(all.count))
    for offset in 0...all.count {
      let stream = try EventStream(
        server, "/instances/a/output", ["Last-Event-ID": "\(offset)"])
      #expect(try readAll(stream, from: Int64(offset)).bytes == Array(all.dropFirst(offset)))
    }
    // Who has been told the end stays away, and so does who has seen more than there is.
    for id in ["end", "\(all.count + 1)"] {
      let fields = ["Accept": "text/event-stream", "Last-Event-ID": id]
      #expect(try server.get("/instances/a/output", fields).expect(204).body.isEmpty)
    }
    let stderr = try EventStream(server, "/instances/a/output?stream=stderr")
    let event = try #require(try stderr.nextEvent())
    let piece = try JSON(parsing: event.data)
    #expect(piece["stream"] == "stderr" && piece["text"] == "two\n" && event.id == "4")
    #expect(piece["at"]?.string.flatMap { Timestamp.time($0) } != nil)
    #expect(try stderr.nextEvent()?.name == "end")
    let last = try readAll(
      try EventStream(server, "/instances/a/output?lines=1"),
      from: Int64(all.count - (all.split(separator: 10).last?.count ?? 0) - 1))
    #expect(last.bytes.count < all.count)
    let head = try server.ask("HEAD", "/instances/a/output", ["Accept": "text/event-stream"])
    #expect(head.expect(200)["content-type"] == "text/event-stream")
  }

  @Test func `a character that a piece ends in is not lost`() throws {
    let taro = try TaroProgram()
    let job = try start(taro, "printf 'a\\342'; read x; printf '\\202'; read x; printf '\\254b'")
    let server = try TarosProgram(taro)
    for count in [2, 3] {
      try eventually("\(count) bytes") {
        try server.get("/instances/a/output").body.count == count
      }
      try job.write("\n")
    }
    try job.finish().expect(code: 0)
    let found = try readAll(try EventStream(server, "/instances/a/output"))
    #expect(String(decoding: found.bytes, as: UTF8.self) == "a\u{20ac}b")
    // Text where there is some.
    #expect(found.ids == ["1", "2", "3", "4", "5"])
  }

  @Test func `is followed until the instance ends`() throws {
    let taro = try TaroProgram()
    let job = try start(taro, "while read line; do echo \"got $line\"; done; exit 4")
    let server = try TarosProgram(taro)
    try eventually("it runs") { try server.get("/instances?match=a").text.contains("RUNNING") }
    let events = try EventStream(server, "/instances/a/output")
    let plain = try server.connect()
    try plain.send("GET /instances/a/output?follow HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let head = try plain.readHead().expect(200)
    #expect(head["content-type"] == "text/plain; charset=utf-8" && head["content-length"] == nil)
    var expected = ""
    var fastest = Int64.max
    var count = 0
    // The runner knows that somebody follows: otherwise it would keep each line for 250 ms.
    while count < 12 || fastest >= 200_000 {
      count += 1
      try #require(count < 200, "\(fastest)")
      let number = count
      let start = Clock.monotonicMicroseconds()
      try job.write("\(number)\n")
      expected += "got \(number)\n"
      #expect(try bytes(try #require(try events.nextEvent())) == Array("got \(number)\n".utf8))
      fastest = min(fastest, Clock.monotonicMicroseconds() - start)
      #expect(
        String(decoding: try plain.readChunk(), as: UTF8.self) == "got \(number)\n")
    }
    let live = try server.get("/instances/a/output", ["Range": "bytes=4-5"]).expect(206)
    #expect(live["content-range"] == "bytes 4-5/*" && live.text == "1\n")
    let lines = try EventStream(server, "/instances/a/output?lines=2")
    for number in (count - 1)...count {
      #expect(try bytes(try #require(try lines.nextEvent())) == Array("got \(number)\n".utf8))
    }
    job.closeInput()
    try job.finish().expect(code: 4)
    for stream in [events, lines] {
      let end = try #require(try stream.nextEvent())
      #expect(end.name == "end")
      let facts = try JSON(parsing: end.data)
      #expect(facts["exit_code"]?.integer == 4)
      #expect(facts["bytes"]?.integer == Int64(expected.utf8.count))
    }
    #expect(try plain.readChunk().isEmpty)
    // The connection is as good as before.
    #expect(try plain.ask("GET", "/instances/a/output?follow").expect(200).text == expected)
  }

  @Test func `a server that is killed loses nothing of it for who comes back`() throws {
    let taro = try TaroProgram()
    let job = try start(taro, "while read line; do echo \"got $line\"; done")
    var server = try TarosProgram(taro)
    try eventually("it runs") { try server.get("/instances?match=a").text.contains("RUNNING") }
    var found: [UInt8] = []
    var id: String?
    for round in 1...4 {
      let stream = try EventStream(
        server, "/instances/a/output", id.map { ["Last-Event-ID": $0] } ?? [:])
      try job.write("\(round)\n")
      let event = try #require(try stream.nextEvent())
      found += try bytes(event)
      id = event.id
      server.process.signal(SIGKILL)
      _ = try server.process.finish()
      try job.write("between\n")
      server = try TarosProgram(taro)
    }
    job.closeInput()
    try job.finish().expect(code: 0)
    let stream = try EventStream(
      server, "/instances/a/output", ["Last-Event-ID": try #require(id)])
    found += try readAll(stream, from: Int64(found.count)).bytes
    #expect(found == (try taro.run("output", "a").stdout))
  }

  @Test func `many follow one, and each has all of it`() throws {
    let taro = try TaroProgram()
    let job = try start(
      taro, "read go; i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done")
    let server = try TarosProgram(taro)
    try eventually("it runs") { try server.get("/instances?match=a").text.contains("RUNNING") }
    let streams = try (0..<10).map { _ in try EventStream(server, "/instances/a/output") }
    try job.write("go\n")
    try job.finish().expect(code: 0)
    let all = try taro.run("output", "a").stdout
    for stream in streams { #expect(try readAll(stream).bytes == all) }
    try eventually("nobody streams any more") {
      try server.get("/metrics").text.contains("taros_streams 0")
    }
  }
}
