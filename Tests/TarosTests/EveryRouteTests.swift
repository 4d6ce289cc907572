import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// What holds for every resource that `schema/openapi.json` has, so that a new one is not forgotten.
@Suite(.temporaryDirectory) struct EveryRouteTests {
  private struct Operation: CustomStringConvertible {
    let method: String
    /// `/instances/{id}/stop`.
    let path: String

    var description: String { "\(method) \(path)" }
    var changes: Bool { method != "GET" }

    /// With a value in the place of each parameter.
    func target(_ value: String) -> String { path.replacing(/\{[a-z]+\}/, with: value) }
  }

  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func operations() throws -> [Operation] {
    let description = try JSON(parsing: try Files.text(Repository.path("schema/openapi.json")))
    let operations = try #require(description["paths"]?.members).flatMap { path in
      (path.value.members ?? []).map(\.key).filter {
        ["get", "post", "put", "delete"].contains($0)
      }
      .map { Operation(method: $0.uppercased(), path: path.key) }
    }
    try #require(operations.count > 25, "\(operations)")
    return operations
  }

  @Test func `a page of another site changes nothing by any of them`() throws {
    let job = try taro.startJob("a")
    let server = try TarosProgram(taro)
    for operation in try operations() where operation.changes {
      let fields = [
        ["Origin": "http://evil.example"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
        // As a form of a page sends it, which no browser asks about before.
        ["Origin": "http://evil.example", "Content-Type": "text/plain"],
      ]
      for fields in fields {
        let answer = try server.ask(operation.method, operation.target("a"), fields)
        answer.expectProblem(403, about: "another site")
      }
    }
    try expect(taro.events()) { $0.allSatisfy { !$0.data.contains(#""rest""#) } }
    job.signal(SIGTERM)
    _ = try job.finish()
  }

  @Test func `none of them answers to a name that is not the server's`() throws {
    let server = try TarosProgram(taro)
    for operation in try operations() {
      for host in ["evil.example", "evil.example:\(server.port)", "127.0.0.1.evil.example"] {
        let answer = try server.ask(operation.method, operation.target("a"), ["Host": host])
        answer.expectProblem(421)
      }
    }
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `what looks like a way to a file, or like anything else, is a name and nothing more`()
    throws
  {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro, "--set", "log.level=info")
    let before = Files.names(in: taro.root)
    let names = [
      "..", ".", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
      "%2fetc%2fpasswd",
      "%252e%252e%252fetc%252fpasswd", "..%5c..%5cwindows", "%00", "a%00b", "%c0%ae%c0%ae%c0%af",
      "%0d%0aSet-Cookie:%20a=b", "%0a", "'%20OR%201=1--", "%22%3b%20DROP%20TABLE%20event%3b--",
      "%24%28id%29", "%60id%60", "-rf", "%3cscript%3e", "%f0%9f%92%a9", "%e2%80%ae", "*", "%5b",
      "%5b%5e", "%7b",
      String(repeating: "a", count: 3000), String(repeating: "*", count: 1000), "%zz", "%", "%ff",
    ]
    var client = try server.connect()
    for operation in try operations() where operation.path.contains("{") {
      for name in names {
        let answer = try client.ask(operation.method, operation.target(name))
        if answer["connection"] == "close" { client = try server.connect() }
        #expect((200..<500).contains(answer.status), "\(operation) \(name): \(answer)")
        #expect(!answer.text.contains("root:"), "\(operation) \(name): \(answer)")
        #expect(answer["set-cookie"] == nil, "\(operation) \(name): \(answer)")
        #expect(answer["content-type"]?.contains("html") != true, "\(operation) \(name): \(answer)")
      }
    }
    try server.get("/instances/a").expect(200)
    try expect(server.end().expect(code: 0).stderr) { !$0.contains("\"error\"") }
    #expect(Files.names(in: taro.root) == before)
    try expect(taro.firstBrokenLink(), is: nil)
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `no query leads elsewhere than to an answer or a problem`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro, "--set", "log.level=info")
    var client = try server.connect()
    let queries = [
      "x", "=", "&&&", "limit", "limit=", "limit=1;DROP", "limit=1e9", "limit=%00",
      "limit=9223372036854775808",
      "after=-9223372036854775808", "match=%5b%5b%5b",
      "match=" + String(repeating: "*a", count: 500),
      "cursor=9-0000000000000000", "since=0000-00-00T00:00:00Z", "since=9999-12-31T23:59:60Z",
      "until=P99999999Y",
      "wait=99999999999999w", "wait=-1s", "signal=999", "signal=-9", "lines=-1", "%ff=1",
      "a=%e2%80", "kind=%0a",
      String(repeating: "a=b&", count: 1500),
    ]
    for operation in try operations() {
      for query in queries {
        let target = "\(operation.target("a"))?\(query)"
        let answer = try client.ask(operation.method, target)
        if answer["connection"] == "close" { client = try server.connect() }
        #expect((200..<500).contains(answer.status), "\(operation.method) \(target): \(answer)")
      }
    }
    try expect(server.end().expect(code: 0).stderr) { !$0.contains("\"error\"") }
  }
}
