import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct StartingTests {
  @Test func `starts without a ledger, and answers that there is nothing`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    try server.get("/healthz").expect(200)
    try server.get("/readyz").expect(200)
    let ledger = try server.get("/ledger").expect(200).json()
    #expect(ledger["head"] == 0)
    #expect(ledger["id"] == .null)
    expect(try server.get("/latches").json()["_embedded"]?["latches"], is: .array([]))
    #expect(!Files.exists(taro.ledger.path))
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    // What has come meanwhile is there with the next question.
    expect(try server.get("/ledger").json()["head"]?.integer ?? 0) { $0 > 0 }
    try server.end().expect(code: 0)
  }

  @Test func `start is what it does without a command`() throws {
    let taro = try TaroProgram()
    let plain = try TarosProgram.run(taro, "--port", "7", "--print-config").expect(code: 0)
    let start = try TarosProgram.run(taro, "start", "--port", "7", "--print-config")
    #expect(plain.text == start.text)
    #expect(plain.lines.contains("server.port=7"))
    #expect(plain.lines.contains("limits.head=16K"))
    #expect(plain.lines.contains("log.format=text"))
  }

  @Test func `reads taros.yaml where taro.yaml is looked for, options have the last word`() throws {
    let taro = try TaroProgram()
    let path = "\(taro.root)/home/.config/taro/taros.yaml"
    _ = try WholeFile.write(
      "server:\n  bind: [localhost, \"[::1]:81\"]\n  port: 9\nlimits:\n  body: 1M\n", to: path,
      overwrites: true)
    let shown = try TarosProgram.run(taro, "--port", "8", "--print-config").expect(code: 0)
    #expect(shown.lines.contains("server.bind=[\"localhost\", \"[::1]:81\"]"))
    #expect(shown.lines.contains("server.port=8"))
    #expect(shown.lines.contains("limits.body=1M"))
    let again = try TarosProgram.run(
      taro, "--set", "limits.body=2M", "-C", "/dev/null", "--print-config"
    ).expect(code: 0)
    #expect(again.lines.contains("limits.body=2M"))
  }

  @Test(arguments: [
    ("limits:\n  boddy: 3\n", "limits.boddy", "limits.body"),
    ("serverr:\n  port: 3\n", "serverr", "server"),
    ("server:\n  port: 70000\n", "server.port", "0 to 65535"),
    ("log:\n  format: xml\n", "log.format", "text, json"),
    ("server:\n  origins: ops.example\n", "server.origins", "https://ops.example.org"),
  ])
  func `what is wrong in taros.yaml is named with its line`(
    text: String, key: String, right: String
  ) throws {
    let taro = try TaroProgram()
    let path = "\(taro.work)/taros.yaml"
    _ = try WholeFile.write(text, to: path, overwrites: true)
    let result = try TarosProgram.run(taro).expect(code: EX_CONFIG)
    for word in [key, right, "taros.yaml:"] { #expect(result.stderr.contains(word), "\(result)") }
  }

  @Test(arguments: ["localhost", "[::1]", "127.0.0.1", "127.0.0.9"])
  func `listens where it is told to`(address: String) throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro, address: "\(address):0")
    let place =
      address == "[::1]"
      ? HTTPClient.Place.address(InternetEndpoint(.loopback6, port: server.port))
      : address == "127.0.0.9"
        ? .address(InternetEndpoint(try #require(InternetAddress(address)), port: server.port))
        : .port(server.port)
    try HTTPClient(place).ask("GET", "/ledger").expect(200)
  }

  @Test func `localhost is both of its addresses, on one port where one is named`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro, address: "localhost:0")
    let lines = server.log.filter { $0["message"] == "listening" }
    let addresses = lines.compactMap { $0["address"]?.string }
    #expect(addresses.contains { $0.hasPrefix("127.0.0.1:") }, "\(addresses)")
    #expect(addresses.contains { $0.hasPrefix("[::1]:") }, "\(addresses)")
  }

  @Test(arguments: [
    ("example.org", "localhost"), ("127.0.0.1:99999", "port"), ("[::1", "bracket"),
    ("[127.0.0.1]:1", "IPv6"), ("1.2.3", "address"),
  ])
  func `an address that is none is refused`(address: String, word: String) throws {
    let taro = try TaroProgram()
    let result = try TarosProgram.run(taro, "--bind", address).expect(code: EX_USAGE)
    #expect(result.stderr.contains(address) && result.stderr.contains(word), "\(result)")
  }

  @Test(arguments: ["0.0.0.0:0", "all:0", "[::]:0"])
  func `is not reached from other hosts without TLS and a token`(address: String) throws {
    let taro = try TaroProgram()
    let result = try TarosProgram.run(taro, "--bind", address).expect(code: EX_CONFIG)
    for word in ["tls.certificate", "taros token add", "localhost"] {
      #expect(result.stderr.contains(word), "\(result)")
    }
    mkdir(taro.ledger.path, 0o700)
    _ = try TarosProgram.token(taro, "a")
    let other = try TarosProgram.run(taro, "--bind", address).expect(code: EX_CONFIG)
    #expect(!other.stderr.contains("token add") && other.stderr.contains("tls.key"), "\(other)")
  }

  @Test func `a port that is taken is said to be`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let result = try TarosProgram.run(taro, "--port", "\(server.port)").expect(code: EX_OSERR)
    #expect(result.stderr.contains("127.0.0.1:\(server.port)"), "\(result)")
    #expect(result.stderr.contains("--port"), "\(result)")
  }

  @Test func `a ledger that others can write is refused`() throws {
    let taro = try TaroProgram()
    mkdir(taro.ledger.path, 0o777)
    chmod(taro.ledger.path, 0o777)
    let result = try TarosProgram.run(taro).expect(code: EX_CONFIG)
    #expect(result.stderr.contains("chmod go-w"), "\(result)")
  }

  @Test func `the unix socket is this user's alone, and goes with the server`() throws {
    let taro = try TaroProgram()
    let path = "\(taro.root)/s.sock"
    let server = try TarosProgram(taro, "--socket", path)
    #expect(Files.mode(path) == 0o600)
    try HTTPClient(.unix(path)).ask("GET", "/ledger").expect(200)
    let second = try TarosProgram.run(taro, "--socket", path, "--port", "0")
    second.expect(code: EX_TEMPFAIL)
    #expect(second.stderr.contains(path), "\(second)")
    try HTTPClient(.unix(path)).ask("GET", "/ledger").expect(200)
    try server.end().expect(code: 0)
    #expect(!Files.exists(path))
  }

  @Test func `a socket that a killed server has left behind is replaced, a file is not`() throws {
    let taro = try TaroProgram()
    let path = "\(taro.root)/s.sock"
    let first = try TarosProgram(taro, "--socket", path)
    first.process.signal(SIGKILL)
    _ = try first.process.finish()
    #expect(Files.exists(path))
    let second = try TarosProgram(taro, "--socket", path)
    try HTTPClient(.unix(path)).ask("GET", "/ledger").expect(200)
    try second.end().expect(code: 0)

    try Files.write([1], to: path)
    let third = try TarosProgram.run(taro, "--socket", path, "--port", "0").expect(code: EX_CONFIG)
    #expect(third.stderr.contains(path), "\(third)")
    expect(try Files.contents(path), is: [1])
  }

  @Test func `takes the sockets that a service manager has opened`() throws {
    let taro = try TaroProgram()
    let path = "\(taro.root)/s.sock"
    let unix = try ListeningSockets.unix(path)
    let tcp = try ListeningSockets.tcp(InternetEndpoint(.loopback4, port: 0))
    let server = try TarosProgram(taro, address: nil) {
      $0.stdin = .descriptor(unix.fd)
      $0.stdout = .descriptor(tcp.fd)
      $0.preparation = """
        exec 3<&0 4>&1 0</dev/null 1>/dev/null
        export LISTEN_PID=$$ LISTEN_FDS=2
        """
    }
    #expect(server.port > 0)
    try server.get("/ledger").expect(200)
    try HTTPClient(.unix(path)).ask("GET", "/ledger").expect(200)
    let addresses = server.log.filter { $0["message"] == "listening" }
    #expect(addresses.count == 2, "\(addresses)")
    try server.end().expect(code: 0)
    // It is the service manager's, who has it still.
    #expect(Files.exists(path))
  }
}
