import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// `GET /check` and `GET /expectations`: the documents of `taro check` and `taro expectations`, and the figures of both.
@Suite(.temporaryDirectory) struct CheckTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Two jobs that fail, one that has not run when it was due, one that goes on for too long, one that is well.
  private func fill() throws -> TaroProcess {
    try taro.run("exec", "--id", "bad/1", "sh", "-c", "exit 3").expect(code: 3)
    try taro.run("exec", "--id", "other", "false").expect(code: 1)
    try taro.run("exec", "--id", "well", "true").expect(code: 0)
    // Said so long ago that a run has been due since.
    let expectation = JobExpectation(.every(3_600_000_000), grace: 0, by: .thisProcess())
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now - 4_000_000_000, mono: .now, job: "gone", instance: nil, kind: .jobExpected,
        data: expectation.json)
    ])
    try taro.run("expect", "slow", "--max-time", "1ms").expect(code: 0)
    try taro.run("expect", "well", "--cron", "0 3 * * *", "--tz", "UTC").expect(code: 0)
    try taro.run("disable", "off*", "--reason", "because").expect(code: 0)
    let slow = try taro.startJob("slow")
    try eventually("it is found") {
      try told(["check"])["findings"]?.array?.contains { $0["problem"] == "overlong" } ?? false
    }
    return slow
  }

  private func told(_ arguments: [String]) throws -> JSON {
    let words = arguments + ["-f", "json"]
    return try JSON(parsing: taro.start(bytes: words.map { Array($0.utf8) }).finish().text)
  }

  /// What goes on while somebody asks twice.
  private func still(_ json: JSON) -> JSON {
    switch json {
    case .array(let values): .array(values.map(still))
    case .object(let members):
      .object(
        members.filter { !["_links", "at", "count", "next_due"].contains($0.key) }
          .map { JSON.Member($0.key, still($0.value)) })
    default: json
    }
  }

  @Test func `what is not well is that of taro check, whatever is asked for`() throws {
    let slow = try fill()
    let server = try TarosProgram(taro)
    let questions: [(String, [String])] = [
      ("", []), ("?match=bad*", ["bad*"]), ("?match=bad/1&match=slow", ["bad/1", "slow"]),
      ("?match=well", ["well"]), ("?match=nobody", ["nobody"]),
      ("?within=1ms", ["--within", "1ms"]), ("?disabled_for=1ms", ["--disabled-for", "1ms"]),
    ]
    for (query, arguments) in questions {
      let answer = try server.get("/check\(query)").expect(200)
      expect(answer["content-type"], is: "application/hal+json")
      let found = try answer.json()
      try expect(still(found), is: still(told(["check"] + arguments)), "\(query)")
      expect(found["_links"]?["self"]?["href"]?.string, is: "/check\(query)")
    }
    let all = try server.get("/check").expect(200).json()
    expect(all["status"]?.string, is: "critical")
    let problems = try #require(all["findings"]?.array).compactMap { $0["problem"]?.string }
    expect(Set(problems), is: ["failing", "missed", "overlong"])
    for wrong in ["within=soon", "disabled_for=-1", "state=failed", "match="] {
      let name = try #require(wrong.split(separator: "=").first)
      try server.get("/check?\(wrong)").expectProblem(400, about: String(name))
    }
    slow.signal(SIGTERM)
    _ = try slow.finish()
  }

  @Test func `what is expected is that of taro expectations, with a way to how it fares`() throws {
    let slow = try fill()
    let server = try TarosProgram(taro)
    for (query, arguments) in [
      ("", []), ("?match=w*&match=slow", ["w*", "slow"]), ("?match=x*", ["x*"]),
    ] {
      let answer = try server.get("/expectations\(query)").expect(200)
      expect(answer["content-type"], is: "application/hal+json")
      let found = try #require(try answer.json()["_embedded"]?["expectations"])
      let said = try #require(try told(["expectations"] + arguments)["expectations"])
      expect(still(found), is: still(said), "\(query)")
      for document in try #require(found.array) {
        let href = try #require(document["_links"]?["check"]?["href"]?.string)
        try server.get(href).expect(200)
      }
    }
    let well = try server.get("/expectations?match=well").json()["_embedded"]?["expectations"]
    #expect(try well?.array?.at(0)["next_due"]?.string?.contains("T03:00:00") == true)
    slow.signal(SIGTERM)
    _ = try slow.finish()
  }

  @Test func `a token with --jobs learns of its own jobs, and nothing of the ledger`() throws {
    let slow = try fill()
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "bad/*", "--jobs", "well")
    let bearer = ["Authorization": "Bearer \(token)"]
    let server = try TarosProgram(taro)
    let check = try server.get("/check?disabled_for=1ms", bearer).expect(200).json()
    let findings = try #require(check["findings"]?.array)
    expect(findings.compactMap { $0["job"]?.string }, is: ["bad/1"])
    expect(check["jobs"]?.integer, is: 2)
    let expected = try server.get("/expectations", bearer).json()["_embedded"]?["expectations"]
    expect(expected?.array?.compactMap { $0["job"]?.string }, is: ["well"])
    let figures = try server.get("/metrics", bearer).expect(200).text
    #expect(figures.contains("taro_check_problem{job=\"bad/1\",problem=\"failing\"} 2\n"))
    for job in ["other", "gone", "slow"] { #expect(!figures.contains("job=\"\(job)\"")) }
    slow.signal(SIGTERM)
    _ = try slow.finish()
  }

  @Test func `the figures are those of check -f prometheus, and breaches are counted`() throws {
    let slow = try fill()
    let server = try TarosProgram(taro)
    func names(_ text: String) -> Set<String> {
      Set(
        text.split(separator: "\n").filter { $0.contains("taro_check_") }
          .map { $0.hasPrefix("#") ? String($0) : String($0.prefix { $0 != " " }) })
    }
    let told = try taro.run("check", "-f", "prometheus").expect(code: 2).text
    let found = try server.get("/metrics").expect(200).text
    expect(names(found), is: names(told))
    #expect(found.contains("taro_check_status 2\n"))
    try eventually("both are noticed, and counted") {
      let text = try server.get("/metrics").expect(200).text
      return text.contains("taro_job_breaches_total{job=\"gone\",problem=\"missed\"} ")
        && text.contains("taro_job_breaches_total{job=\"slow\",problem=\"overlong\"} 1\n")
    }
    try server.end().expect(code: 0)
    let again = try TarosProgram(taro).get("/metrics").expect(200).text
    #expect(again.contains("taro_job_breaches_total{job=\"slow\",problem=\"overlong\"} 1\n"))
    slow.signal(SIGTERM)
    _ = try slow.finish()
  }

  @Test func `where nothing can be said the answer says why`() throws {
    let server = try TarosProgram(taro)
    let none = try server.get("/check").expect(200).json()
    expect(none["status"]?.string, is: "unknown")
    try expect(none["findings"]?.array?.at(0)["reason"]?.string) {
      $0?.contains("there is no ledger") == true
    }
    try expect(still(none), is: still(told(["check"])))
    try expect(
      server.get("/expectations").expect(200).json()["_embedded"]?["expectations"], is: .array([]))
    try taro.run("exec", "true").expect(code: 0)
    try server.end().expect(code: 0)
    try Files.write(Array("no database".utf8), to: "\(taro.ledger.path)/ledger.db")
    try taro.shell("rm -f '\(taro.ledger.path)/ledger.db-wal'").expect(code: 0)
    let broken = try TarosProgram(taro)
    let answer = try broken.get("/check").expect(200).json()
    expect(answer["status"]?.string, is: "critical")
    try expect(answer["findings"]?.array?.at(0)["problem"]?.string, is: "damaged")
  }
}
