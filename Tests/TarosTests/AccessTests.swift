import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct AccessTests {
  /// A taro with a ledger, so that there is a place for tokens.
  private func taro() throws -> TaroProgram {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    return taro
  }

  /// Another user of this host asks, with bash, which needs nothing of ours.
  private func askAsOther(
    _ port: UInt16, uid: Int = 54_321, method: String = "GET", path: String = "/ledger",
    _ field: String = ""
  ) throws -> String {
    let script = """
      exec 3<>/dev/tcp/127.0.0.1/\(port)
      printf '\(method) \(path) HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\(field)\\r\\n' >&3
      cat <&3
      """
    let child = try ChildProcess(
      "setpriv", ["--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "bash", "-c", script])
    return try child.readAll()
  }

  @Test func `this user needs no token on loopback and on the socket`() throws {
    let taro = try taro()
    let path = "\(taro.root)/s.sock"
    let server = try TarosProgram(taro, "--socket", path)
    try server.get("/ledger").expect(200)
    try HTTPClient(.unix(path)).ask("GET", "/ledger").expect(200)
  }

  @Test(.enabled(if: TestHost.isRoot, "becomes another user"))
  func `another user of this host does need one`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops")
    let server = try TarosProgram(taro)
    expect(try askAsOther(server.port)) { $0.hasPrefix("HTTP/1.1 401 ") }
    let line = try server.waitForLog("the refusal") { $0["message"] == "refused" }
    #expect(line["because"] == "another user of this host: user 54321")
    #expect(line["address"]?.string?.hasPrefix("127.0.0.1:") == true)
    expect(try askAsOther(server.port, "Authorization: Bearer \(token)\\r\\n")) {
      $0.hasPrefix("HTTP/1.1 200 ")
    }
  }

  @Test(.enabled(if: TestHost.isRoot, "becomes another user"))
  func `root may too, whoever the server is`() throws {
    let taro = try taro()
    let other = try OtherUser(taro)
    let server = try TarosProgram(taro) { $0.wrapper = other.wrapper }
    try server.get("/ledger").expect(200)
    expect(try askAsOther(server.port)) { $0.hasPrefix("HTTP/1.1 200 ") }
    expect(try askAsOther(server.port, uid: 54_322)) { $0.hasPrefix("HTTP/1.1 401 ") }
    try server.end().expect(code: 0)
    try other.leave()
  }

  @Test(.enabled(if: TestHost.isRoot, "becomes another user"))
  func `who has closed its end is nobody, though the kernel calls it root's`() throws {
    let taro = try taro()
    let server = try TarosProgram(taro)
    // Stopped, so that it asks the kernel when the other end is closed.
    server.process.signal(SIGSTOP)
    let script = """
      exec 3<>/dev/tcp/127.0.0.1/\(server.port)
      printf 'DELETE /disabled/x HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n' >&3
      """
    let child = try ChildProcess(
      "setpriv", ["--reuid=54321", "--regid=54321", "--clear-groups", "bash", "-c", script])
    #expect(try child.wait() == .exited(0))
    server.process.signal(SIGCONT)
    let line = try server.waitForLog("the refusal") {
      $0["message"] == "refused" || $0["message"] == "answered"
    }
    #expect(line["message"] == "refused", "\(line)")
    #expect(line["status"] == "401", "\(line)")
  }

  @Test func `the kernel's two ways of telling whose a connection is agree`() throws {
    let server = try TarosProgram(try TaroProgram())
    for address in [InternetAddress.loopback4] {
      let client = try HTTPClient(.address(InternetEndpoint(address, port: server.port)))
      try client.ask("GET", "/healthz").expect(200)
      guard case .internet(let own) = ListeningSockets.name(of: client.fd) else {
        Issue.record("no name")
        return
      }
      let other = InternetEndpoint(address, port: server.port)
      #expect(SocketOwner.uid(of: own, connectedTo: other) == geteuid())
      #expect(SocketOwner.uidByFile(own, other) == geteuid())
      #expect(SocketOwner.uid(of: other, connectedTo: other) == nil)
    }
  }

  @Test func `a token is shown once, stored as a digest, and counts at once`() throws {
    let taro = try taro()
    let server = try TarosProgram(taro)
    let token = try TarosProgram.token(taro, "ops", "read")
    #expect(token.hasPrefix("taro_") && token.utf8.count == 48)
    let path = "\(taro.ledger.path)/tokens.json"
    #expect(Files.mode(path) == 0o600)
    expect(try Files.text(path)) { !$0.contains(token) && $0.contains("ops") }
    try server.get("/ledger", ["Authorization": "Bearer \(token)"]).expect(200)
    try TarosProgram.run(taro, "token", "revoke", "ops").expect(code: 0)
    try server.get("/ledger", ["Authorization": "Bearer \(token)"]).expect(401)
    try TarosProgram.run(taro, "token", "revoke", "ops").expect(code: 1)
  }

  @Test func `all refused tokens get the same answer`() throws {
    let taro = try taro()
    let expired = try TarosProgram.token(taro, "old", "read", "--expires", "1s")
    let revoked = try TarosProgram.token(taro, "gone")
    try TarosProgram.run(taro, "token", "revoke", "gone").expect(code: 0)
    let server = try TarosProgram(taro)
    try eventually("it has expired") {
      try server.get("/ledger", ["Authorization": "Bearer \(expired)"]).status == 401
    }
    let unknown = "taro_" + String(repeating: "A", count: 43)
    var texts: Set<String> = []
    for credential in [
      "Bearer \(expired)", "Bearer \(revoked)", "Bearer \(unknown)", "Bearer x", "Bearer ",
      "Basic abc",
      "bearer", "Bearer \(unknown) more",
    ] {
      let answer = try server.get("/ledger", ["Authorization": credential])
      answer.expectProblem(401, about: "taros token add")
      #expect(answer["www-authenticate"]?.hasPrefix("Bearer") == true)
      texts.insert(answer.text)
    }
    #expect(texts.count == 1, "\(texts)")
  }

  @Test func `a token in the query is none, and stands in no log`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops", "control")
    let server = try TarosProgram(taro)
    try server.get("/nothing?token=\(token)&access_token=\(token)").expect(404)
    try server.get("/nothing/\(token)/x").expect(404)
    try server.get("/ledger", ["Authorization": "Basic \(token)"]).expect(401)
    let field = "Authorization: Bearer \(token)\r\n"
    try server.exchange("GET /ledger HTTP/1.1\r\nHost: localhost\r\n\(field)\(field)\r\n")
      .expect(401)
    try server.get("/ledger", ["Authorization": "Bearer \(token)"]).expect(200)
    let result = try server.end().expect(code: 0)
    let log = server.log.map(\.text).joined() + result.stderr
    #expect(log.contains("refused") && !log.contains(token.dropFirst(5)), "\(log)")
  }

  @Test(
    .enabled(if: TestHost.isRoot, "becomes another user"),
    arguments: [
      ("/healthz", 200), ("/readyz", 200), ("/openapi.json", 200), ("/ledger", 401), ("/x", 401),
      ("/instances", 401), ("/metrics", 401), ("/hostinfo", 401), ("/disabled", 401),
      ("/latches", 401), ("/protocol", 401),
    ])
  func `what everybody may ask`(path: String, status: Int) throws {
    let server = try TarosProgram(try taro())
    expect(try askAsOther(server.port, path: path)) { $0.hasPrefix("HTTP/1.1 \(status) ") }
  }

  @Test(
    .enabled(if: TestHost.isRoot, "becomes another user"),
    arguments: [
      ("TRACE", "/healthz", 405), ("DELETE", "/readyz", 405), ("POST", "/openapi.json", 405),
      ("DELETE", "/ledger", 401),
    ])
  func `what everybody may ask has methods that everybody may know`(
    method: String, path: String, status: Int
  ) throws {
    let server = try TarosProgram(try taro())
    let answer = try askAsOther(server.port, method: method, path: path)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.lowercased().contains("\r\nallow: get, head, options\r\n") == (status == 405))
  }

  @Test func `a token for reading changes nothing`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops", "read")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    try server.get("/ledger", fields).expect(200)
    try server.ask("HEAD", "/ledger", fields).expect(200)
    try server.ask("PUT", "/ledger", fields).expect(405)
  }

  @Test func `with --jobs everything else is not there`() throws {
    let taro = try taro()
    try taro.run("disable", "mine1", "another").expect(code: 0)
    let waiting = try taro.start("exec", "--id", "other", "--pending", "go", "true")
    let own = try taro.start("exec", "--id", "mine2", "--pending", "went", "true")
    try eventually("both wait") {
      try taro.run("ps", "-f", "jsonl").lines.count { $0.contains("PENDING") } == 2
    }
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine*")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    let disabled = try server.get("/disabled", fields).expect(200).json()
    #expect(
      disabled["_embedded"]?["disabled"]?.array?.compactMap { $0["pattern"]?.string } == ["mine1"])
    let latches = try server.get("/latches", fields).expect(200).json()
    #expect(latches["_embedded"]?["latches"]?.array?.compactMap { $0["latch"]?.string } == ["went"])
    try taro.run("release", "go").expect(code: 0)
    try taro.run("release", "went").expect(code: 0)
    try waiting.finish().expect(code: 0)
    try own.finish().expect(code: 0)
  }

  @Test func `tokens that others could have read let nobody in, and that is said`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops")
    let server = try TarosProgram(taro)
    let fields = ["Authorization": "Bearer \(token)"]
    try server.get("/ledger", fields).expect(200)
    let path = "\(taro.ledger.path)/tokens.json"
    chmod(path, 0o644)
    // The mode is no content: what tells of it is a new time.
    utimes(path, nil)
    try server.get("/ledger", fields).expect(401)
    let line = try server.waitForLog("the reason") { $0["message"] == "refused" }
    expect(line["because"]?.string ?? "") { $0.contains("chmod 600") }
    chmod(path, 0o600)
    utimes(path, nil)
    try server.get("/ledger", fields).expect(200)
  }

  @Test func `tokens are listed without what would let one in`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops", "control", "--jobs", "a*", "--jobs", "b")
    try TarosProgram.run(taro, "token", "add", "ops", "--scope", "read").expect(code: 1)
    let list = try TarosProgram.run(taro, "token", "list", "-f", "json").expect(code: 0)
    let entry = try #require(try JSON(parsing: list.text)["tokens"]?.array).at(0)
    #expect(entry["name"] == "ops" && entry["scope"] == "control")
    #expect(entry["jobs"] == .strings(["a*", "b"]))
    #expect(!list.text.contains(token))
    try TarosProgram.run(taro, "token", "list").expect(code: 0)
    for name in ["", "a b", "a/b"] {
      try TarosProgram.run(taro, "token", "add", name, "--scope", "read").expect(code: 64)
    }
  }

  @Test func `a token may ask so fast and no faster, this user as fast as he likes`() throws {
    let taro = try taro()
    let token = try TarosProgram.token(taro, "ops")
    let server = try TarosProgram(taro, "--set", "limits.requests=1", "--set", "limits.burst=3")
    let client = try server.connect()
    let fields = ["Authorization": "Bearer \(token)"]
    for _ in 0..<3 { try client.ask("GET", "/ledger", fields).expect(200) }
    var answer = try client.ask("GET", "/ledger", fields)
    // A slow machine gives some back in between.
    for _ in 0..<50 where answer.status == 200 {
      answer = try client.ask("GET", "/ledger", fields)
    }
    answer.expectProblem(429, about: "ops", "limits.requests")
    #expect(answer["retry-after"] == "1")
    for _ in 0..<20 { try client.ask("GET", "/ledger").expect(200) }
  }
}
