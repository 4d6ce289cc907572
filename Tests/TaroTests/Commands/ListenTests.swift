internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro listen", .temporaryDirectory)
struct ListenTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `prints each change of a state as it happens, from now on`() throws {
    try taro.exec("before", "true")
    let listener = try taro.start("listen")
    try listener.waitUntilWatching()
    try taro.exec("a", "echo", "output is no change of a state")
    let lines = try (0..<3).map { _ in try listener.readLine().normalized }
    let subject = "DDDD-DD-DD TT:TT:TT.TTT a@IIIIIIIIIIIIIIII ->"
    #expect(lines == ["\(subject) CREATED", "\(subject) RUNNING", "\(subject) COMPLETED"])
    try listener.end(with: SIGTERM).expect(code: 0, stdout: "", stderr: "")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `waits for the first ledger`(signal: Int32) throws {
    let listener = try taro.start("listen")
    try listener.waitUntilWatching()
    try taro.exec("a", "false", code: 1)
    for state in ["CREATED", "RUNNING", "FAILED"] {
      let ending = state == "FAILED" ? " (exit code 1)" : ""
      try expect(listener.readLine()) { $0.hasSuffix("-> \(state)\(ending)") }
    }
    try listener.end(with: signal).expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `begins after a position or at a time, and goes on without a gap`() throws {
    for job in ["a", "b"] { try taro.exec(job, "true") }
    func first(_ since: String, _ count: Int = 1) throws -> [String] {
      let listener = try taro.start("listen", "--since", since, "-f", "jsonl")
      let lines = try (0..<count).map { _ in try JSON(parsing: try listener.readLine()) }
      try listener.end(with: SIGTERM).expect(code: 0, stderr: "")
      return lines.map { "\($0["seq"]?.integer ?? 0) \($0["job"]?.string ?? "")" }
    }
    try expect(first("0", 6), is: ["1 a", "2 a", "3 a", "4 b", "5 b", "6 b"])
    try expect(first("2", 2), is: ["3 a", "4 b"])
    try expect(first("yesterday"), is: ["1 a"])
    try expect(first("1h ago"), is: ["1 a"])
    try expect(first("1970-01-01"), is: ["1 a"])
    let created = try #require(try taro.document("b")["created_at"]?.string)
    try expect(first(created), is: ["4 b"])
    let listener = try taro.start("listen", "--since", "6")
    try listener.waitUntilWatching()
    try taro.exec("c", "true")
    try expect(listener.readLine()) { $0.contains(" c@") }
  }

  @Test func `gives every event and every field of it when it is asked to`() throws {
    let script = "echo one; echo two >&2"
    try taro.run("exec", "--id", "a", "--param", "x=y", "sh", "-c", script).expect(code: 0)
    var contract = try JSONContract("The event document")
    let listener = try taro.start("listen", "--all", "--since", "0", "-f", "jsonl")
    let reader = try LedgerReader(taro.ledger)
    let events = try reader.events(after: 0, limit: 100)
    var kinds: [String] = []
    for event in events {
      let document = try JSON(parsing: try listener.readLine())
      #expect(contract.check(document) == [])
      #expect(document["seq"]?.seq == event.seq)
      #expect(document["mono"]?.bootTime == event.mono)
      #expect(document["job"]?.string == "a")
      #expect(document["instance"]?.string == event.instance?.text)
      #expect(document["n"]?.integer == event.n)
      #expect(document["data"] == event.json)
      #expect(document["payload"]?.string == event.payload?.description)
      #expect(document["digest"]?.string == event.digest.description)
      kinds.append(document["kind"]?.string ?? "")
    }
    #expect(Set(kinds).isSuperset(of: ["created", "running", "output", "completed"]))
    #expect(kinds.last == "completed")
    let text = try taro.start("listen", "--all", "--since", "0")
    for event in events {
      let line = try text.readLine()
      let words = event.kind.state.map { "-> \($0.rawValue)" } ?? "\(event.kind.name) {"
      #expect(line.contains(words), "\(line)")
    }
  }

  @Test func `prints only what matches`() throws {
    for job in ["backup-a", "other", "backup-b", "check"] { try taro.exec(job, "true") }
    let id = try taro.instance("other")
    for (patterns, expected) in [
      (["backup*"], ["backup-a", "backup-b"]), ([String(id.prefix(15))], ["other"]),
      (["check", "other"], ["other", "check"]), (["*-a@*"], ["backup-a"]),
    ] {
      let command = ["listen", "--since", "0", "-f", "jsonl"] + patterns
      let listener = try taro.start(bytes: command.map { Array($0.utf8) })
      let lines = try (0..<3 * expected.count).map { _ in try JSON(parsing: listener.readLine()) }
      #expect(lines.map { $0["job"]?.string } == expected.flatMap { [$0, $0, $0] })
      try listener.end(with: SIGTERM).expect(code: 0, stdout: "")
    }
  }

  @Test func `tells ten listeners exactly the same, whenever each of them came`() throws {
    let runs = 20
    var listeners: [TaroProcess] = []
    var jobs: [TaroProcess] = []
    for number in 0..<runs {
      if number % 2 == 0 {
        listeners.append(try taro.start("listen", "--since", "0", "--all", "-f", "jsonl"))
      }
      jobs.append(try taro.start("exec", "--id", "job\(number)", "sh", "-c", "echo \(number)"))
    }
    for job in jobs { try job.finish().expect(code: 0) }
    let reader = try LedgerReader(taro.ledger)
    let expected = try reader.events(after: 0, limit: 10_000)
    #expect(expected.count >= 4 * runs)
    for listener in listeners {
      for event in expected {
        let line = try listener.readLine()
        try #require(
          line.hasPrefix("{\"seq\":\(event.seq),") && line.contains(event.digest.description))
      }
      try listener.end(with: SIGTERM).expect(code: 0, stdout: "", stderr: "")
    }
  }

  @Test func `tells of a killed runner within five seconds`() throws {
    let job = try taro.startJob("a")
    let listener = try taro.start("listen", "a")
    try listener.waitUntilWatching()
    try taro.killRunner(of: job)
    try expect(listener.readLine()) { $0.contains("-> LOST") }
    try expect(taro.document("a")["reason"]?.string, is: "runner vanished")
    try expect(taro.run("ps").lines.count, is: 2)
  }
}
