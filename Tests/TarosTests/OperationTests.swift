import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct OperationTests {
  /// What a service manager is told.
  private final class Manager {
    let path: String
    private let descriptor: Descriptor

    init() throws {
      path = "\(TemporaryDirectory.path)/notify"
      descriptor = Descriptor(owning: try Sockets.receiver(at: path))
    }

    func next() throws -> String {
      guard Poll.wait(descriptor.fd, for: .readable, milliseconds: 60_000) else {
        throw HTTPClient.Broken(description: "nobody has said anything")
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor.fd, &buffer, buffer.count)
      return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
  }

  @Test func `tells the service manager when it is ready, that it lives, and that it stops`() throws
  {
    let manager = try Manager()
    let server = try TarosProgram(try TaroProgram()) {
      $0.environment["NOTIFY_SOCKET"] = manager.path
      $0.environment["WATCHDOG_USEC"] = "200000"
    }
    expect(try manager.next(), is: "READY=1")
    for _ in 0..<3 { expect(try manager.next(), is: "WATCHDOG=1") }
    server.process.signal(SIGTERM)
    var told = try manager.next()
    while told == "WATCHDOG=1" { told = try manager.next() }
    #expect(told == "STOPPING=1")
    try server.process.finish().expect(code: 0)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `ends with 0, and idle connections with it`(signal: Int32) throws {
    let server = try TarosProgram(try TaroProgram())
    let kept = try server.connect()
    try kept.ask("GET", "/healthz").expect(200)
    let half = try server.connect()
    try half.send("GET / HTTP/1.1\r\nHo")
    let start = MonotonicTime.now
    server.process.signal(signal)
    expect(try kept.readUntilClosed(), is: [])
    try server.process.finish().expect(code: 0)
    #expect(MonotonicTime.now - start < 30_000_000)
    #expect(throws: (any Error).self) { try server.connect() }
  }

  @Test func `a line of the log is JSON where that is asked for, and text else`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    try server.get("/nothing").expect(404)
    let line = try server.waitForLog("the answer") { $0["message"] == "answered" }
    #expect(line["level"] == "debug" && line["method"] == "GET" && line["path"] == "/nothing")
    #expect(line["status"] == "404" && line["who"]?.string?.hasPrefix("user ") == true)
    try server.end()

    let process = try taro.start(
      program: "taros", ["--port", "0", "--set", "log.level=warn"]
    ) { _ in }
    let quiet = try taro.start(program: "taros", ["--port", "0"]) { _ in }
    expect(try quiet.readLine(.stderr)) { $0.contains(" notice listening address=127.0.0.1:") }
    for server in [process, quiet] { server.signal(SIGTERM) }
    try quiet.finish().expect(code: 0)
    let end = try process.finish()
    #expect(end.stderr == "")
  }

  @Test func `what somebody sends does not act on who reads the log`() throws {
    let server = try TarosProgram(try TaroProgram())
    try server.get("/%1b%5b31m", ["Host": "\u{e9}vil\u{9b}31m"]).expectProblem(421)
    let line = try server.waitForLog("the refusal") { $0["message"] == "refused" }
    #expect(!line.text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x9b })
  }

  @Test func `lost instances are closed while nobody asks`() throws {
    let taro = try TaroProgram()
    let runner = try taro.start("exec", "--id", "a", "sleep", "1000")
    try eventually("it runs") { try taro.run("ps", "-f", "jsonl").text.contains("RUNNING") }
    let server = try TarosProgram(taro)
    let job = runner.children
    runner.signal(SIGKILL)
    _ = try runner.finish()
    defer { for pid in job { kill(pid, SIGKILL) } }
    _ = try taro.waitForEvent("lost") { $0.kind == .state(.lost) }
    try server.end().expect(code: 0)
  }

  @Test func `a ledger that cannot be read makes it not ready, and is read when it can be`() throws
  {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    try server.get("/readyz").expect(200)
    chmod(taro.ledger.path, 0o777)
    let path = "\(taro.ledger.path)/ledger.db"
    let aside = "\(taro.root)/aside"
    rename(path, aside)
    try Files.write(Array("this is no database at all, whoever reads it".utf8), to: path)
    try eventually("it is not ready") { try server.get("/readyz").status == 503 }
    try server.get("/healthz").expect(200)
    try server.get("/ledger").expectProblem(503)
    chmod(taro.ledger.path, 0o700)
    rename(aside, path)
    try eventually("it is ready") { try server.get("/readyz").status == 200 }
  }
}
