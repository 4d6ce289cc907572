import Events
import Glibc
import TestSupport
import Testing

/// `GET /metrics`, as Prometheus reads it.
@Suite(.temporaryDirectory) struct MetricsTests {
  private func lines(_ server: TarosProgram, _ fields: [String: String] = [:]) throws -> [String] {
    let answer = try server.get("/metrics", fields).expect(200)
    return answer.text.split(separator: "\n").map(String.init)
  }

  /// What Prometheus' own parsers say of it, in both formats.
  private func scrape(
    _ taro: TaroProgram, _ server: TarosProgram, _ arguments: String...
  ) throws -> TaroResult {
    let tests = Repository.path("Tests/rest")
    let words = ["http://127.0.0.1:\(server.port)"] + arguments
    return try taro.startShell(
      "exec \"$(\(tests)/environment.sh)/bin/python\" \(tests)/metrics.py \"$@\"", words
    ) { setup in
      setup.environment["HOME"] = getenv("HOME").map { String(cString: $0) } ?? "/root"
      // The first time it is made.
      setup.deadline = 300
    }.finish()
  }

  @Test func `Prometheus' parsers read it, before anything was run and afterwards`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    try scrape(taro, server).expect(code: 0)
    let strange = "a\"b\\\\c \u{e4}"
    for job in ["backup", strange] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
      try taro.run("exec", "--id", job, "sh", "-c", "exit 3").expect(code: 3)
    }
    try taro.run("disable", "off").expect(code: 0)
    _ = try taro.run("exec", "--id", "off", "true")
    try server.ask("BREW", "/jobs/x").expectProblem(405)
    try server.get("/nowhere/at/all").expectProblem(404)
    try server.get("/jobs/a%2Fb").expectProblem(404)
    try server.get("/ledger", ["Authorization": "Bearer taro_no"]).expectProblem(401)
    try scrape(taro, server, "--job", "backup", "--job", strange, "--job", "off").expect(code: 0)
  }

  @Test func `counts runs by how they have ended, and does not count down`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let server = try TarosProgram(taro)
    let completed = "taro_job_runs_total{job=\"a\",outcome=\"completed\"}"
    #expect(try lines(server).contains("\(completed) 1"))
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try taro.run("exec", "--id", "a", "sh", "-c", "exit 7").expect(code: 7)
    let live = try taro.start("exec", "--id", "a", "--pending", "go", "true")
    try eventually("one is live") { try lines(server).contains("taro_job_running{job=\"a\"} 1") }
    let found = try lines(server)
    #expect(found.contains("\(completed) 2"))
    #expect(found.contains("taro_job_runs_total{job=\"a\",outcome=\"failed\"} 1"))
    #expect(found.contains("taro_job_last_exit_code{job=\"a\"} 7"))
    #expect(found.contains("taro_job_duration_seconds_count{job=\"a\"} 3"))
    try eventually("the heads are one") {
      let head = try #require(try server.get("/ledger").json()["head"]?.integer)
      return try lines(server).contains("taro_ledger_head_seq \(head)")
    }
    try eventually("all of it is folded") { try lines(server).contains("taro_ledger_lag_events 0") }
    try taro.run("release", "go").expect(code: 0)
    try live.finish().expect(code: 0)
    try taro.run("history-remove", "--force", "a").expect(code: 0)
    let removed = try lines(server)
    #expect(removed.contains("\(completed) 3"))
    #expect(removed.contains("taro_job_running{job=\"a\"} 0"))
    // The next server counts what the history has.
    try server.end().expect(code: 0)
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    #expect(try lines(try TarosProgram(taro)).contains("\(completed) 1"))
  }

  @Test func `a token with --jobs sees its own jobs`() throws {
    let taro = try TaroProgram()
    for job in ["mine", "other"] { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "mine")
    let server = try TarosProgram(taro)
    let found = try lines(server, ["Authorization": "Bearer \(token)"])
    #expect(found.contains { $0.contains("job=\"mine\"") })
    #expect(!found.contains { $0.contains("job=\"other\"") })
    try server.get("/metrics?job=mine").expectProblem(400, about: "job")
  }

  @Test func `OpenMetrics is for who asks for it`() throws {
    let taro = try TaroProgram()
    let server = try TarosProgram(taro)
    let rich = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    let plain = "text/plain; version=0.0.4; charset=utf-8"
    for (accept, type) in [
      ("*/*", plain), ("", plain), ("text/plain", plain), ("application/openmetrics-text", rich),
      ("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5", rich),
      ("application/openmetrics-text;q=0.3, text/plain;q=0.5", plain),
      ("application/openmetrics-text;q=0", plain),
    ] {
      let answer = try server.get("/metrics", accept.isEmpty ? [:] : ["Accept": accept]).expect(200)
      #expect(answer["content-type"] == type, "\(accept)")
      #expect(answer.text.hasSuffix("# EOF\n") == (type == rich), "\(accept)")
    }
    let head = try server.ask("HEAD", "/metrics").expect(200)
    #expect(head["content-type"] == plain)
  }
}
