import Events
import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct SessionTests {
  private struct Setting {
    let taro: TaroProgram
    let server: TarosProgram
    let token: String
  }

  private func begin(_ scope: String = "read") throws -> Setting {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let token = try TarosProgram.token(taro, "ops", scope)
    return Setting(taro: taro, server: try TarosProgram(taro), token: token)
  }

  /// A session, and its cookie as a browser sends it.
  private func open(_ setting: Setting) throws -> (answer: HTTPAnswer, cookie: String) {
    let answer = try setting.server.ask(
      "POST", "/session", ["Authorization": "Bearer \(setting.token)"]
    ).expect(201)
    let cookie = answer["set-cookie"]?.prefix { $0 != ";" } ?? ""
    return (answer, String(cookie))
  }

  /// With a cookie that is no good the answer is this user's own: what a session allows is seen where nobody else is let in.
  private func ask(_ setting: Setting, _ cookie: String) throws -> Int {
    let log = setting.server
    _ = try log.get("/ledger", ["Cookie": "a=b; \(cookie)"])
    let line = try log.waitForLog("the answer") { $0["path"] == "/ledger" }
    return line["who"] == "token ops" ? 200 : 401
  }

  @Test func `a token opens a session, whose cookie stands for it`() throws {
    let setting = try begin()
    let (answer, cookie) = try open(setting)
    let field = try #require(answer["set-cookie"])
    for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43"] {
      #expect(field.contains(word), "\(field)")
    }
    #expect(!field.contains("Secure"))
    expect(try answer.json()["scope"], is: "read")
    expect(try ask(setting, cookie), is: 200)
    expect(try ask(setting, "taros_session=taro_wrong"), is: 401)
    // Nothing but its digest is kept.
    let value = try #require(cookie.split(separator: "=").last)
    expect(try Files.text("\(setting.taro.ledger.path)/tokens.json")) { !$0.contains(value) }
  }

  @Test func `a session ends when it is ended, and is not there again afterwards`() throws {
    let setting = try begin()
    let (_, cookie) = try open(setting)
    let other = try open(setting).cookie
    let ended = try setting.server.ask("DELETE", "/session", ["Cookie": cookie]).expect(204)
    #expect(ended["set-cookie"]?.contains("Max-Age=0") == true)
    expect(try ask(setting, cookie), is: 401)
    expect(try ask(setting, other), is: 200)
    try setting.server.end().expect(code: 0)
    let again = Setting(
      taro: setting.taro, server: try TarosProgram(setting.taro), token: setting.token)
    expect(try ask(again, cookie), is: 401)
    expect(try ask(again, other), is: 200)
    try again.server.ask("DELETE", "/session").expectProblem(404, about: "cookie")
  }

  @Test func `a session ends with its token, also where another gets its name`() throws {
    let setting = try begin()
    let (_, cookie) = try open(setting)
    try TarosProgram.run(setting.taro, "token", "revoke", "ops").expect(code: 0)
    expect(try ask(setting, cookie), is: 401)
    _ = try TarosProgram.token(setting.taro, "ops", "control")
    expect(try ask(setting, cookie), is: 401)
  }

  @Test func `nobody opens one without a token`() throws {
    let setting = try begin()
    try setting.server.ask("POST", "/session").expectProblem(401)
    let (_, cookie) = try open(setting)
    try setting.server.ask("POST", "/session", ["Cookie": cookie]).expectProblem(401)
  }
}
