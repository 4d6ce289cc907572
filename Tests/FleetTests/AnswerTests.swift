import Documents
import Events
import TestSupport
import Testing

@testable import Fleet

@Suite struct `An answer` {
  private func read(
    _ pieces: [String], _ form: Asking.Form = .documents
  ) throws -> [AnswerReader.Item] {
    var reader = AnswerReader(marker: "m", form)
    var items: [AnswerReader.Item] = []
    for piece in pieces { try reader.take(Array(piece.utf8)[...]) { items.append($0) } }
    try reader.finish { items.append($0) }
    return items
  }

  private func lines(_ items: [AnswerReader.Item]) -> [String] {
    items.compactMap { item in
      if case .line(let bytes) = item { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
  }

  @Test func `begins behind whatever the shell greets with`() throws {
    let items = try read([
      "Welcome\nm? m [] x\n m [] y\nno end of line",
      "\nm [7] {\"protocol\":1,\"version\":\"2\"}\na\n", "b\r\n\nc",
    ])
    #expect(items.first == .begun(AnswerProtocol(number: 1, version: "2"), found: "7"))
    #expect(lines(items) == ["a", "b", "c"])
  }

  @Test func `comes in pieces of any size`() throws {
    let text = "hello\nm [] taro 0.1.0\n{\"a\":1}\n{\"b\":2}\n"
    let items = try read(text.map { String($0) })
    #expect(items.first == .begun(nil, found: ""))
    #expect(lines(items) == ["{\"a\":1}", "{\"b\":2}"])
    #expect(try lines(read([text])) == ["{\"a\":1}", "{\"b\":2}"])
  }

  @Test func `that has not begun is none`() throws {
    try expect(read(["a\nb\n"]), is: [])
    #expect(throws: HostFailure.self) { try read([String(repeating: "x\n", count: 200_000)]) }
    #expect(throws: HostFailure.self) {
      try read([String(repeating: "x", count: 100_000), String(repeating: "y", count: 200_000)])
    }
  }

  @Test func `says that the program is missing`() throws {
    let failure = try #require(throws: HostFailure.self) { try read(["\nm [] missing\n"]) }
    #expect(failure.step == .missing)
  }

  @Test(arguments: ["m x\n", "m [\n", "m [] {\n", "m [] {\"protocol\":\"1\"}\n", "m \n"])
  func `with a beginning that is none is refused`(text: String) {
    #expect(throws: HostFailure.self) { try read([text]) }
  }

  @Test func `has an end, and lines have, too`() throws {
    let mib = String(repeating: "x", count: 1 << 20)
    let begin = "m [] -\n"
    #expect(try lines(read([begin, mib, "\n"])).count == 1)
    #expect(throws: HostFailure.self) { try read([begin, mib, "y"]) }
    let line = String(repeating: "x", count: (1 << 20) - 1) + "\n"
    let whole = Array(repeating: line, count: 64)
    #expect(try lines(read([begin] + whole)).count == 64)
    #expect(throws: HostFailure.self) { try read([begin] + whole + ["\n"]) }
    // What goes on for as long as one wants may be of any size.
    #expect(try lines(read([begin] + whole + ["a\n"], .stream)).count == 65)
  }

  @Test func `of bytes is handed on as it is`() throws {
    let items = try read(["hi\nm [] -\na\r\n", "\u{0}b"], .bytes)
    #expect(items.dropFirst().elementsEqual([.bytes(Array("a\r\n".utf8)), .bytes([0, 0x62])]))
  }
}

@Suite struct `What a process says of its end` {
  private func step(_ errors: String..., code: Int32 = 255, hasBegun: Bool = false) -> HostFailure
    .Step?
  {
    FailureReading(errors: errors, exitCode: code, hasBegun: hasBegun).ofSSH?.step
  }

  @Test func `names the step that failed`() {
    #expect(step("ssh: Could not resolve hostname x: Name or service not known") == .name)
    #expect(step("ssh: connect to host x port 22: Connection refused") == .connect)
    #expect(step("kex_exchange_identification: Connection closed by remote host") == .connect)
    #expect(
      step(
        "@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @", "Host key verification failed.")
        == .hostKey)
    #expect(
      step("No ED25519 host key is known for x.", "Host key verification failed.") == .hostKey)
    #expect(step("root@x: Permission denied (publickey).") == .authentication)
    #expect(step("Connection to x closed by remote host.", hasBegun: true) == .connect)
    #expect(step(code: 255) == .connect)
    #expect(step(code: 1) == .answer)
    #expect(step(code: 137, hasBegun: true) == nil)
    #expect(step(code: 0, hasBegun: true) == nil)
  }
}

@Suite struct `Events of several hosts` {
  @Test func `come in the order of their times, and wait for nobody longer than the bound`() {
    var merge = TimeMerge<String>(bound: 300)
    merge.add("b", at: WallTime(microseconds: 20), from: 0, now: MonotonicTime(microseconds: 1000))
    merge.add("a", at: WallTime(microseconds: 10), from: 1, now: MonotonicTime(microseconds: 1200))
    merge.add("c", at: WallTime(microseconds: 30), from: 1, now: MonotonicTime(microseconds: 1250))
    #expect(merge.due == MonotonicTime(microseconds: 1300))
    #expect(merge.take(now: MonotonicTime(microseconds: 1299)) == [])
    #expect(merge.take(now: MonotonicTime(microseconds: 1300)) == ["a", "b"])
    #expect(merge.take(now: MonotonicTime(microseconds: 1300)) == [])
    // One that is late has lost its place, and is there all the same.
    merge.add(
      "late", at: WallTime(microseconds: 5), from: 2, now: MonotonicTime(microseconds: 1400))
    #expect(merge.take(now: MonotonicTime(microseconds: 1550)) == ["late", "c"])
    #expect(merge.due == nil)
  }

  @Test func `stay in each host's own order, whatever its clock does`() {
    var merge = TimeMerge<Int>(bound: 0)
    for (index, time) in [50, 10, 60].enumerated() {
      merge.add(index, at: WallTime(microseconds: Int64(time)), from: 0, now: .zero)
    }
    merge.add(9, at: WallTime(microseconds: 20), from: 1, now: .zero)
    #expect(merge.takeAll() == [9, 0, 1, 2])
  }
}

@Suite struct `The first rows of many` {
  @Test func `are those that a sort would begin with`() {
    var generator = SeededGenerator(for: "first rows")
    for limit in [1, 3, 10, 100] {
      let rows = (0..<80).map { ($0, Int.random(in: 0..<20, using: &generator)) }
      var first = FirstRows<(Int, Int)>(limit) { $0.1 < $1.1 }
      for row in rows { first.add(row) }
      let sorted = rows.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(limit)
      #expect(first.rows.map(\.0) == sorted.map(\.0))
    }
  }
}

@Suite struct `An answer over HTTP` {
  private func read(
    _ pieces: [String], _ shape: HTTPAsking.Shape
  ) throws -> ([String], HTTPBody.End) {
    var body = HTTPBody(shape, nil)
    var lines: [String] = []
    func give(_ item: HTTPBody.Item) {
      if case .line(let bytes) = item { lines.append(String(decoding: bytes, as: UTF8.self)) }
    }
    for piece in pieces { try body.take(Array(piece.utf8)[...], give) }
    let end = try body.finish(give)
    return (lines, end)
  }

  @Test func `is a list, page by page`() throws {
    let page =
      #"{"_links":{"next":{"href":"/instances?cursor=x"}},"_embedded":{"instances":[{"a":1},{"a":2}]}}"#
    let (lines, end) = try read(
      ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20", "0 OK\r\nA: b\r\n\r\n" + page],
      .list("instances"))
    #expect(lines == [#"{"a":1}"#, #"{"a":2}"#])
    #expect(end == .next(.init("/instances?cursor=x", .list("instances"))))
  }

  @Test func `that leads elsewhere is not followed`() {
    for link in ["https://evil/", "//evil/", "/a b", "/a\u{7f}"] {
      let page = #"{"_links":{"next":{"href":"\#(link)"}},"_embedded":{"instances":[]}}"#
      #expect(throws: HostFailure.self) {
        try read(["HTTP/1.1 200 OK\r\n\r\n" + page], .list("instances"))
      }
    }
  }

  @Test func `says what is wrong`() throws {
    func end(_ status: String) throws -> HTTPBody.End {
      try read(
        ["HTTP/1.1 \(status)\r\n\r\n{\"detail\":\"because\"}"], .document
      ).1
    }
    try expect(end("404 Not Found"), is: .nothing("because"))
    #expect(throws: HostFailure(.authentication, "because")) { try end("401 Unauthorized") }
    #expect(throws: HostFailure(.version, "because")) { try end("400 Bad Request") }
    #expect(throws: HostFailure(.answer, "because")) { try end("503 Unavailable") }
    #expect(throws: HostFailure.self) { try end("302 Found") }
    #expect(throws: HostFailure.self) { try read(["SSH-2.0-OpenSSH\r\n\r\n"], .document) }
    #expect(throws: HostFailure.self) { try read([""], .document) }
    #expect(throws: HostFailure.self) { try read(["HTTP/1.1 200 OK\r\n\r\n<html>"], .document) }
  }
}

@Suite struct `A call of ssh` {
  private func words(_ address: String, _ change: (inout SSHCommand) -> Void = { _ in }) throws
    -> [String]
  {
    var command = SSHCommand()
    change(&command)
    return try command.words(SSHAddress(address), command: Array("x".utf8)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test func `has the host behind --, and asks nobody`() throws {
    let words = try words("ops@web1:2222")
    #expect(Array(words.suffix(7)) == ["-p", "2222", "-l", "ops", "--", "web1", "x"])
    #expect(words.contains("BatchMode=yes"))
    #expect(!words.contains { $0.hasPrefix("ControlPath") })
  }

  @Test func `has the caller's options first`() throws {
    let words = try words("web1") { $0.options = ["BatchMode=no"] }
    let first = try #require(words.firstIndex(of: "BatchMode=no"))
    let own = try #require(words.firstIndex(of: "BatchMode=yes"))
    #expect(first < own)
  }

  @Test func `shares a connection under a short name, another for another address`() throws {
    func path(_ address: String) throws -> String {
      let words = try words(address) { $0.socketDirectory = "/run/user/1000/taroc" }
      return try #require(words.first { $0.hasPrefix("ControlPath=") })
    }
    let one = try path("web1")
    #expect(one.utf8.count < 50)
    try expect(path("web1"), is: one)
    try expect(path("web2"), isNot: one)
    try expect(path("ops@web1"), isNot: one)
  }
}
