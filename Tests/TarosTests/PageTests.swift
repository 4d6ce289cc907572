import TestSupport
import Testing

/// The page for browsers as it is served; what it does is looked at in a browser (Tests/page).
@Suite(.temporaryDirectory) struct PageTests {
  private func version(_ document: HTTPAnswer) throws -> String {
    let match = try #require(document.text.firstMatch(of: /page\/([0-9a-f]{16})\/main\.js/))
    return String(match.1)
  }

  @Test func `the document and its files are there for everybody, with a policy`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let document = try server.get("/").expect(200)
    #expect(document["content-type"] == "text/html; charset=utf-8")
    #expect(document["content-security-policy"]?.hasPrefix("default-src 'self';") == true)
    #expect(document["cache-control"] == "no-cache")
    let tag = try #require(document["etag"])
    #expect(try server.get("/", ["If-None-Match": "W/\(tag), \"b\""]).expect(304).body.isEmpty)
    let version = try version(document)
    let folder = Repository.path("Sources/Server/Page/Files")
    for name in Files.names(in: folder) where name != "index.html" {
      let file = try server.get("/page/\(version)/\(name)").expect(200)
      #expect(file.text == (try Files.text("\(folder)/\(name)")), "\(name)")
      #expect(file["cache-control"]?.contains("immutable") == true)
      #expect(file["content-type"]?.contains("octet") == false, "\(name)")
    }
    try server.get("/page/0000000000000000/main.js").expectProblem(404)
    try server.get("/page/\(version)/index.html").expectProblem(404)
    try server.get("/?x=1").expectProblem(400)
    try server.ask("POST", "/").expectProblem(405)
  }

  @Test func `others may have it, and nothing besides`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    _ = try TarosProgram.token(taro, "ops")
    let server = try TarosProgram(taro)
    let stranger = ["Authorization": "Bearer taro_wrong"]
    try server.get("/", stranger).expect(200)
    try server.get("/session", stranger).expectProblem(401)
  }
}
