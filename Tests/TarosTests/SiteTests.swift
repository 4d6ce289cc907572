import Events
import TestSupport
import Testing

/// What a browser says of where a request comes from.
@Suite(.temporaryDirectory) struct SiteTests {
  @Test(arguments: [
    ("localhost", 200), ("localhost:1", 200), ("LOCALHOST", 200), ("127.0.0.1", 200),
    ("127.0.0.1:80", 200), ("[::1]:80", 200), ("127.9.9.9", 200), ("ops.example:99", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421),
    ("10.0.0.1", 421), ("[::2]", 421), ("", 421), ("localhost@evil.example", 421),
  ])
  func `the server answers to its own names alone`(host: String, status: Int) throws {
    let server = try TarosProgram(try TaroProgram(), "--set", "server.hosts=[ops.example]")
    for path in ["/ledger", "/healthz"] {
      let answer = try server.get(path, ["Host": host])
      if status == 200 {
        answer.expect(200)
      } else {
        answer.expectProblem(421, about: "server.hosts")
      }
    }
  }

  @Test(arguments: [
    (["Origin": "http://evil.example"], false), (["Origin": "null"], false),
    (["Origin": "http://localhost.evil.example"], false), (["Origin": "http://localhost"], true),
    (["Origin": "http://localhost:99"], false), (["Sec-Fetch-Site": "cross-site"], false),
    (["Sec-Fetch-Site": "same-site"], false), (["Sec-Fetch-Site": "same-origin"], true),
    (["Sec-Fetch-Site": "none"], true), ([:], true),
    (["Origin": "https://page.example", "Sec-Fetch-Site": "cross-site"], true),
  ])
  func `a foreign page changes nothing`(fields: [String: String], isAllowed: Bool) throws {
    let server = try TarosProgram(
      try TaroProgram(), "--set", "server.origins=[\"https://page.example\"]")
    let answer = try server.ask("DELETE", "/session", fields)
    if isAllowed {
      answer.expectProblem(404)
    } else {
      answer.expectProblem(403, about: "another site", "server.origins")
      let line = try server.waitForLog("the refusal") { $0["message"] == "refused" }
      #expect(line["status"] == "403")
    }
    // Looking changes nothing; that a page does not see what comes is the browser's business.
    try server.get("/ledger", fields).expect(200)
  }

  @Test func `a browser is told of the origins that may ask, and of no others`() throws {
    let server = try TarosProgram(
      try TaroProgram(), "--set", "server.origins=[\"https://page.example\"]")
    let own = try server.get("/ledger", ["Origin": "https://page.example"]).expect(200)
    #expect(own["access-control-allow-origin"] == "https://page.example")
    #expect(own["vary"] == "Origin")
    let foreign = try server.get("/ledger", ["Origin": "https://evil.example"]).expect(200)
    #expect(foreign["access-control-allow-origin"] == nil)
    let asked = try server.ask(
      "OPTIONS", "/ledger",
      ["Origin": "https://page.example", "Access-Control-Request-Method": "GET"]
    ).expect(204)
    #expect(asked["access-control-allow-methods"]?.contains("GET") == true)
    #expect(asked.fields.count { $0.name == "access-control-allow-origin" } == 1)
    let refused = try server.ask("OPTIONS", "/ledger", ["Origin": "https://evil.example"])
    #expect(refused["access-control-allow-methods"] == nil)
  }

  @Test func `without server.origins there are none of these fields`() throws {
    let server = try TarosProgram(try TaroProgram())
    let answer = try server.get("/ledger", ["Origin": "https://page.example"]).expect(200)
    #expect(!answer.fields.contains { $0.name.hasPrefix("access-control") || $0.name == "vary" })
  }
}
