import Events
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct LimitTests {
  private func server(_ settings: String...) throws -> TarosProgram {
    let taro = try TaroProgram()
    let path = "\(taro.work)/taros.yaml"
    let lines = settings.map { "  \($0)\n" }.joined()
    _ = try WholeFile.write(settings.isEmpty ? "" : "limits:\n\(lines)", to: path, overwrites: true)
    return try TarosProgram(taro)
  }

  /// The answer, and that nothing comes after it.
  private func expectClosed(
    _ server: TarosProgram, _ bytes: String, _ status: Int, about words: String...
  ) throws {
    let client = try server.connect()
    try client.send(bytes)
    let answer = try client.readAnswer().expectProblem(status)
    for word in words { #expect(answer.text.contains(word), "\(answer)") }
    #expect(answer["connection"] == "close")
    #expect(answer["x-content-type-options"] == "nosniff")
    expect(try client.readUntilClosed(), is: [])
  }

  private func request(_ fields: String, target: String = "/healthz") -> String {
    "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
  }

  @Test func `a head of 16 KiB is taken, a larger one is not`() throws {
    let server = try server()
    let client = try server.connect()
    let rest = (16 << 10) - request("A: \r\n").utf8.count
    try client.send(request("A: \(String(repeating: "x", count: rest))\r\n"))
    try client.readAnswer().expect(200)
    try expectClosed(
      server, request("A: \(String(repeating: "x", count: rest + 1))\r\n"), 431,
      about: "limits.head")
    // No end in sight.
    try expectClosed(
      server, "GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 100_000))", 431)
  }

  @Test func `100 fields are taken, more are not`() throws {
    let server = try server()
    let field = "A: b\r\n"
    try server.exchange(request(String(repeating: field, count: 99))).expect(200)
    try expectClosed(
      server, request(String(repeating: field, count: 100)), 431, about: "limits.fields")
  }

  @Test func `a target of 8 KiB is taken, a longer one is not`() throws {
    let server = try server()
    let target = "/" + String(repeating: "x", count: (8 << 10) - 1)
    try server.exchange(request("", target: target)).expect(404)
    try expectClosed(server, request("", target: target + "x"), 414, about: "limits.target")
    try expectClosed(
      server, "GET /\(String(repeating: "x", count: 40_000))", 414, about: "limits.target")
  }

  @Test func `a body of 64 KiB is taken, a larger one is not`() throws {
    let server = try server()
    let body = String(repeating: " ", count: 64 << 10)
    try server.ask("POST", "/session", body: body).expect(401)
    try expectClosed(
      server,
      "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: \((64 << 10) + 1)\r\n\r\n",
      413, about: "limits.body")
    // Also where it does not say so before.
    let chunk = "4000\r\n\(String(repeating: " ", count: 0x4000))\r\n"
    let head = "POST /session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    try server.exchange(head + String(repeating: chunk, count: 4) + "0\r\n\r\n").expect(401)
    try expectClosed(
      server, head + String(repeating: chunk, count: 4) + "1\r\n", 413, about: "limits.body")
  }

  @Test func `who asks before a large body is told before he sends it`() throws {
    let server = try server()
    let client = try server.connect()
    try client.send(
      "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    )
    #expect(try client.readHead().status == 100)
    try client.send("{}")
    try client.readAnswer().expect(401)
    try expectClosed(
      server,
      "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n",
      413)
    try expectClosed(server, request("Expect: tea\r\n"), 417)
  }

  @Test func `a head or a body that does not come on is not waited for`() throws {
    // Long enough for this machine to ask, whatever else it does.
    let server = try server("head_time: 1500ms", "body_time: 1500ms")
    try expectClosed(server, "GET / HTTP/1.1\r\nHo", 408, about: "limits.head_time")
    try expectClosed(
      server, "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{", 408,
      about: "limits.body_time")
    // One byte now and then is no help.
    let client = try server.connect()
    try client.ask("GET", "/healthz").expect(200)
    let start = MonotonicTime.now
    for byte in "GET / HTTP/1.1\r\nHost: localhost\r\n" {
      try client.send(String(byte))
      guard !Poll.wait(client.fd, for: .readable, milliseconds: 50) else { break }
    }
    try client.readAnswer().expectProblem(408)
    #expect(MonotonicTime.now - start < 30_000_000)
  }

  @Test func `a connection that nobody uses is closed`() throws {
    let server = try server("idle_time: 1500ms", "head_time: 1500ms")
    let unused = try server.connect()
    expect(try unused.readUntilClosed(), is: [])
    let kept = try server.connect()
    try kept.ask("GET", "/healthz").expect(200)
    expect(try kept.readUntilClosed(), is: [])
  }

  @Test func `so many connections and no more`() throws {
    let server = try server("connections: 5")
    var clients: [HTTPClient] = []
    for _ in 0..<5 {
      let client = try server.connect()
      try client.ask("GET", "/healthz").expect(200)
      clients.append(client)
    }
    let more = try server.connect()
    let answer = try more.readAnswer().expectProblem(503, about: "5 connections")
    #expect(answer["retry-after"] == "1")
    expect(try more.readUntilClosed(), is: [])
    try clients.at(0).ask("GET", "/healthz").expect(200)
    clients.removeAll()
    try eventually("there is room again") {
      let client = try server.connect()
      return try client.ask("GET", "/healthz").status == 200
    }
  }

  @Test(arguments: [
    ("two lengths", "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
    ("two lengths in one", "Content-Length: 2, 2\r\n\r\n{}"),
    ("a length with a sign", "Content-Length: +2\r\n\r\n{}"),
    ("a negative length", "Content-Length: -1\r\n\r\n"),
    ("an endless length", "Content-Length: 99999999999999999999\r\n\r\n"),
    ("a length in hexadecimal", "Content-Length: 0x2\r\n\r\n{}"),
    ("an empty length", "Content-Length:\r\n\r\n"),
    ("length and chunked", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("another coding", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked hidden", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("chunked with a tab", "Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n"),
    ("a bad chunk", "Transfer-Encoding: chunked\r\n\r\nx\r\n"),
    ("a negative chunk", "Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
    ("a chunk that is longer", "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"),
    ("a chunk that ends with LF", "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n"),
    ("a chunk of no size", "Transfer-Encoding: chunked\r\n\r\n\r\n"),
    ("a huge chunk", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
    (
      "a length behind the body", "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"
    ),
    ("a folded field", "A: b\r\n c\r\n\r\n"),
    ("a blank before the colon", "Content-Length : 2\r\n\r\n{}"),
    ("a field without a colon", "Content-Length\r\n\r\n"),
    ("a field without a name", ": 2\r\n\r\n"),
    ("a NUL in a field", "A: b\u{0}c\r\n\r\n"),
    ("a lone CR in a field", "A: b\rTransfer-Encoding: chunked\r\n\r\n"),
    ("a lone LF in a field", "A: b\nTransfer-Encoding: chunked\r\n\r\n"),
    ("a second Host", "Host: localhost\r\n\r\n"),
  ])
  func `what two could read in two ways is refused, and the connection closed`(
    name: String, rest: String
  ) throws {
    let server = try server()
    // What follows must never be taken for a request.
    try expectClosed(
      server,
      "POST /session HTTP/1.1\r\nHost: localhost\r\n\(rest)GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
      400)
  }

  @Test(arguments: [
    "\u{16}\u{3}\u{1}\u{2}\u{0}", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", " GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /\t HTTP/1.1\r\nHost: localhost\r\n\r\n", "G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/0.9\r\nHost: localhost\r\n\r\n",
    "GET localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", "{\"a\": 1}",
    "GET http://a/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /ä HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\n\u{0}",
  ])
  func `what is no request is refused`(bytes: String) throws {
    try expectClosed(try server(), bytes, 400)
  }

  @Test func `a request may come in any pieces, and several at once`() throws {
    let server = try server()
    let client = try server.connect()
    let text =
      "\r\nPOST /session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for byte in text.utf8 { try client.send([byte]) }
    try client.readAnswer().expect(401)
    try client.readAnswer().expect(200)
    try client.send(String(repeating: request(""), count: 50) + "garbage\r\n\r\n")
    for _ in 0..<50 { try client.readAnswer().expect(200) }
    try client.readAnswer().expectProblem(400)
    expect(try client.readUntilClosed(), is: [])
  }

  @Test func `HTTP/1.0 and Connection: close end the connection with the answer`() throws {
    let server = try server()
    for head in [
      "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", request("Connection: Close\r\n"),
      request("Connection: upgrade\r\nUpgrade: h2c\r\n"), request("Connection: x, close\r\n"),
    ] {
      let client = try server.connect()
      try client.send(head)
      let answer = try client.readAnswer().expect(200)
      #expect(answer["connection"] == "close")
      expect(try client.readUntilClosed(), is: [])
    }
  }

  @Test func `who says that nothing more comes is still answered`() throws {
    let server = try server()
    let client = try server.connect()
    try client.send(request(""))
    client.finishSending()
    try client.readAnswer().expect(200)
    expect(try client.readUntilClosed(), is: [])
  }
}
