import Documents
import Events
import TestSupport
import Testing

/// `as_of`: the answer of an earlier moment, over HTTP.
@Suite("as_of", .temporaryDirectory) struct AsOfTests {
  private let taro: TaroProgram
  private let server: TarosProgram

  init() throws {
    taro = try TaroProgram()
    server = try TarosProgram(taro)
  }

  @Test func `tells of one instance what the command line tells of it then, at every position`()
    throws
  {
    try taro.run("exec", "--id", "a", "sh", "-c", "echo one; echo two >&2; exit 3").expect(code: 3)
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    for event in try taro.events() {
      let seq = event.seq
      let own = try JSON(
        parsing: taro.run("show", "a", "-f", "json", "--as-of", "\(seq)").expect(code: 0).text)
      let answer = try server.get("/instances/a?as_of=\(seq)").expect(200).json()
      for member in try #require(own.members) {
        try #require(answer[member.key] == member.value, "\(member.key) at \(seq)")
      }
      let output = try taro.run("output", "a", "--as-of", "\(seq)").expect(code: 0).stdout
      try expect(server.get("/instances/a/output?as_of=\(seq)").expect(200).body, is: output)
      let events = try server.get("/instances/a/events?as_of=\(seq)").expect(200).text
      let expected = try taro.events(ofJob: "a").filter { $0.seq <= seq }.count
      try #require(events.split(separator: "\n").count == expected)
      let time = Timestamp.rfc3339(event.at)
      guard try taro.events().prefix(while: { $0.at <= event.at }).last?.seq == seq else {
        continue
      }
      let byTime = try server.get("/instances/a?as_of=\(time)").expect(200).json()
      try #require(byTime["state"] == answer["state"], "at \(time)")
    }
  }

  @Test func `tells how jobs had fared, and what was disabled`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let ended = try #require(try taro.events().last).seq
    try taro.run("disable", "b").expect(code: 0)
    let disabled = try #require(try taro.events().last).seq
    try taro.run("enable", "b").expect(code: 0)
    try taro.run("exec", "--id", "a", "false").expect(code: 1)
    let count = try server.get("/jobs/a/stats?as_of=\(ended)").expect(200).json()["count"]
    #expect(count?.integer == 1)
    try server.get("/jobs/a/stats?as_of=1").expectProblem(404, about: "a")
    for (seq, patterns) in [(ended, []), (disabled, ["b"]), (disabled + 1, [])] {
      let list = try server.get("/disabled?as_of=\(seq)").expect(200).json()
      let found = try #require(list["_embedded"]?["disabled"]?.array)
      #expect(found.compactMap { $0["pattern"]?.string } == patterns, "at \(seq)")
    }
  }

  @Test func `tells who had run when`() throws {
    for _ in 0..<2 { try taro.run("exec", "--id", "a", "true").expect(code: 0) }
    for event in try taro.events() {
      let answer = try server.get("/timeline?as_of=\(event.seq)").expect(200).json()
      let runs = try #require(answer["runs"]?.array)
      let text = try taro.run("timeline", "-f", "json", "--as-of", "\(event.seq)").expect(code: 0)
      let expected = try JSON(parsing: text.text)
      #expect(runs == expected["runs"]?.array && answer["until"] == expected["until"])
    }
  }

  @Test func `a moment that the ledger does not have is told`() throws {
    try server.get("/instances?as_of=1").expectProblem(
      404, about: "as_of", "nothing has been recorded")
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let last = try #require(try taro.events().last).seq
    for target in [
      "/instances", "/jobs/a/instances", "/jobs/a/stats", "/instances/a", "/instances/a/events",
      "/instances/a/output", "/disabled", "/timeline",
    ] {
      for (moment, words) in [
        ("0", "the first is 1"), ("\(last + 1)", "ends with \(last)"),
        ("999999999999999999", "ends with \(last)"), ("2999-01-01", "still to come"),
        ("1971-01-01T00:00:00Z", "nothing was recorded by"),
      ] {
        try server.get("\(target)?as_of=\(moment)").expectProblem(404, about: "as_of", words)
      }
      for moment in ["then", "", "-1", "1000000000000000000"] {
        try server.get("\(target)?as_of=\(moment)").expectProblem(400, about: "as_of")
      }
      try server.get("\(target)?as_of=\(last)").expect(200)
    }
    try server.get("/instances/a/output?follow&as_of=1").expectProblem(
      400, about: "as_of", "follow")
  }
}
