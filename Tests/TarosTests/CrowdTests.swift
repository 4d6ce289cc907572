import Events
import Ledger
import Linux
import TestSupport
import Testing

/// Many at once who take what there is to take: whoever else asks is answered, memory and descriptors are bounded, and
/// afterwards all is as before.
@Suite(.temporaryDirectory) struct CrowdTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Others are served: requests, and jobs beside the server.
  private func expectServed(_ server: TarosProgram) throws {
    let client = try server.connect()
    for path in ["/healthz", "/instances?include=all", "/ledger"] {
      try client.ask("GET", path).expect(200)
    }
    try taro.run("exec", "--id", "beside", "echo", "out").expect(
      code: 0, stdout: "out\n", stderr: "")
  }

  @Test func `300 connections that nobody uses`() throws {
    let server = try TarosProgram(taro)
    try expectServed(server)
    let before = server.process.sockets
    // Half of them have been used.
    let idle = try (0..<300).map { number in
      let client = try server.connect()
      if number.isMultiple(of: 2) { try client.ask("GET", "/healthz").expect(200) }
      return client
    }
    try expectServed(server)
    #expect(server.process.sockets >= before + 150)
    expect(try server.process.mostResidentBytes()) { $0 < 150 << 20 }
    for client in idle { client.finishSending() }
    try eventually("they are gone") { server.process.sockets <= before }
    withExtendedLifetime(idle) {}
  }

  @Test func `heads and bodies that never come`() throws {
    let server = try TarosProgram(
      taro, "--set", "limits.head_time=1s", "--set", "limits.body_time=1s")
    try expectServed(server)
    let before = server.process.sockets
    let parts = [
      "", "G", "GET / HTTP/1.1\r\nHost: localh",
      "POST /instances/a/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{",
      "PUT /disabled/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
    ]
    var clients: [(client: HTTPClient, part: String)] = []
    for _ in 0..<20 {
      for part in parts {
        let client = try server.connect()
        try client.send(part)
        clients.append((client, part))
      }
      try server.get("/healthz").expect(200)
    }
    try expectServed(server)
    for (client, part) in clients {
      // Who has said nothing is told nothing.
      if !part.isEmpty { try client.readAnswer().expectProblem(408) }
      expect(try client.readUntilClosed(), is: [], "\(part)")
    }
    try eventually("they are gone") { server.process.sockets <= before }
    expect(try server.process.mostResidentBytes()) { $0 < 150 << 20 }
    try expect(taro.events().filter { $0.kind == .stopRequested || $0.kind == .jobDisabled }) {
      $0.isEmpty
    }
  }

  @Test func `100 who ask for much and read nothing`() throws {
    let worker = try LedgerWorker.start("fill", taro.ledger.path, "300")
    try expect(worker.readLine(), is: "filled")
    let server = try TarosProgram(taro)
    try expectServed(server)
    let before = server.process.sockets
    let targets = ["/events", "/instances?include=all", "/jobs"]
    var clients: [HTTPClient] = []
    for number in 0..<100 {
      let client = try server.connect()
      try client.send("GET \(targets[number % 3]) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      clients.append(client)
    }
    try expectServed(server)
    clients.removeAll()
    try eventually("they are gone") { server.process.sockets <= before }
    expect(try server.process.mostResidentBytes()) { $0 < 400 << 20 }
    worker.closeInput()
  }

  @Test func `garbage, and requests with a fault in them, get an answer or an end`() throws {
    let server = try TarosProgram(taro, "--set", "log.level=info")
    try expectServed(server)
    let before = server.process.sockets
    var random = SeededGenerator(for: "requests with faults")
    for number in 0..<300 {
      let bytes = number.isMultiple(of: 4) ? Self.garbage(&random) : Self.faulty(&random)
      let client = try server.connect()
      try client.send(bytes)
      client.finishSending()
      // The log goes on.
      _ = server.process.hasPrinted
      let text = String(decoding: try client.readUntilClosed(), as: UTF8.self)
      let isRight = text.isEmpty || text.hasPrefix("HTTP/1.1 ") && !text.contains("HTTP/1.1 5")
      #expect(isRight, "\(bytes): \(text.prefix(1000))")
    }
    try expectServed(server)
    try eventually("all are closed") { server.process.sockets <= before }
    // A mistake of the server's own would be logged.
    try expect(server.end().expect(code: 0).stderr) { !$0.contains("\"error\"") }
  }

  private static func garbage(_ random: inout SeededGenerator) -> [UInt8] {
    (0..<Int.random(in: 1...2000, using: &random)).map { _ in .random(in: 0...255, using: &random) }
  }

  private static let requests = [
    "GET /events?limit=3&match=a* HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n",
    "GET /instances?state=COMPLETED&cursor=-06h2g37gxry0h6jc HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /instances/none/signal?signal=USR1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n"
      + "Content-Type: application/json\r\nIdempotency-Key: k\r\n\r\n{\"reason\":\"x\"}",
    "DELETE /disabled/a%2Fb HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "2\r\n{}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
  ]

  /// A request in which a few bytes are others, are missing, or are there twice.
  private static func faulty(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = Array(requests[random.below(requests.count)].utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = random.below(bytes.count)
      let length = min(Int.random(in: 1...8, using: &random), bytes.count - place)
      switch random.below(4) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<(place + length))
      case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
      default:
        bytes.insert(
          contentsOf: Array("\r\n: %/?\0\u{ff}".utf8).shuffled(using: &random).prefix(2), at: place)
      }
      if bytes.isEmpty { return [0] }
    }
    return bytes
  }
}
