import Events
import Glibc
import TestSupport
import Testing

/// Hosts that are asked over HTTP.
@Suite(.temporaryDirectory, .enabled(if: TestHost.hasCurl, "needs curl"))
struct ServerTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func configure(_ text: String) throws {
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    try Files.write(Array(text.utf8), to: "\(folder)/hosts.yaml")
  }

  private func start(_ words: String...) throws -> TaroProcess {
    try taro.start(program: "taroc", words) { _ in }
  }

  private func run(_ words: String...) throws -> TaroResult {
    try taro.start(program: "taroc", words) { _ in }.finish()
  }

  @Test func `the same is asked of a server, and shown the same`() throws {
    for index in 1...3 {
      try taro.run("exec", "--id", "a\(index)", "echo", "\(index)").expect(code: 0)
    }
    let server = try TarosProgram(taro)
    try configure("hosts: {edge: {url: \"http://127.0.0.1:\(server.port)\"}}")
    let local = try taro.run("hist", "-f", "jsonl").lines.map { try JSON(parsing: $0) }
    let far = try run("hist", "-f", "jsonl").expect(code: 0, stderr: "").lines
    let documents = try far.map { try JSON(parsing: $0) }
    #expect(documents.map { $0["instance"] } == local.map { $0["instance"] })
    #expect(documents.allSatisfy { $0["host"]?.string == "edge" })
    try expect(run("hist", "-n", "2", "-f", "jsonl").lines.count, is: 2)
    try run("output", "a2").expect(code: 0, stdout: "2\n", stderr: "")
    try run("tail", "a3").expect(code: 0, stdout: "3\n", stderr: "")
    try run("show", "a1").expect(code: 0, stderr: "")
    try run("show", "nosuch").expect(code: 1, stdout: "")
    try run("hosts", "--check").expect(code: 0, stderr: "")
    let refused = try run("exec", "--all", "true").expect(code: 1, stdout: "")
    #expect(refused.stderr.contains("taroc: edge: version: a server runs nothing"), "\(refused)")
  }

  @Test func `requests are made, and events followed over a server that comes back`() throws {
    let job = try taro.start("exec", "--id", "nightly", "sh", "-c", "echo up; exec sleep 1000")
    try expect(job.readLine(), is: "up")
    let server = try TarosProgram(taro)
    try configure("hosts: {edge: {url: \"http://127.0.0.1:\(server.port)\"}}")
    let listener = try start("listen", "-f", "jsonl")
    try run("disable", "--force", "x*", "--reason", "why").expect(code: 0, stderr: "")
    try expect(run("list-disabled", "-f", "jsonl").lines.count, is: 1)
    try run("enable", "--force", "x*").expect(code: 0, stderr: "")
    var index = 0
    try eventually("it listens") {
      index += 1
      try taro.run("exec", "--id", "try", "true").expect(code: 0)
      return listener.hasPrinted
    }
    server.process.signal(SIGKILL)
    _ = try server.process.finish()
    try taro.run("exec", "--id", "meanwhile", "true").expect(code: 0)
    let again = try TarosProgram(taro, address: "127.0.0.1:\(server.port)")
    while true {
      let event = try JSON(parsing: listener.readLine())
      if event["job"]?.string == "meanwhile" { break }
    }
    listener.signal(SIGTERM)
    try listener.finish().expect(code: 0)
    try run("stop", "--force", "nightly", "--wait", "60s").expect(code: 0, stderr: "")
    _ = try job.finish()
    let shown = try taro.run("show", "nightly", "-f", "json")
    try expect(JSON(parsing: shown.text)["requests"]?.array?.first?["via"]?.string, is: "rest")
    withExtendedLifetime(again) {}
  }

  @Test func `a token comes from its file, and no other process sees it`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let token = try TarosProgram.token(taro, "ops", "read")
    try Files.write(Array("\(token)\n".utf8), to: "\(taro.root)/token")
    let server = try TarosProgram(taro)
    let url = "url: \"http://127.0.0.1:\(server.port)\""
    try configure("hosts: {edge: {\(url), token_file: \(taro.root)/token}}")
    try run("hist").expect(code: 0, stderr: "")
    try configure("hosts: {edge: {\(url), token_file: \(taro.root)/none}}")
    let without = try run("hist").expect(code: 2)
    #expect(without.stderr.hasPrefix("taroc: edge: authentication: the token cannot be read"))
    try Files.write(Array("wrong\n".utf8), to: "\(taro.root)/token")
    try configure("hosts: {edge: {\(url), token_file: \(taro.root)/token}}")
    let wrong = try run("hist").expect(code: 2)
    #expect(wrong.stderr.hasPrefix("taroc: edge: authentication: "), "\(wrong)")
    try configure("hosts: {edge: {url: \"http://127.0.0.1:9\"}}")
    let dead = try run("hist").expect(code: 2)
    #expect(dead.stderr.hasPrefix("taroc: edge: connect: "), "\(dead)")
  }
}
