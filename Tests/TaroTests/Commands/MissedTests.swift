import Events
import Ledger
import TestSupport
import Testing

/// What was not as it was expected, beside the runs.
@Suite("taro ps, hist and why show", .temporaryDirectory)
struct MissedTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private static let hour: Int64 = 3_600_000_000

  private func say(_ job: String, every period: Int64, since ago: Int64) throws {
    let expectation = JobExpectation(.every(period), grace: 0, by: .thisProcess())
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now - ago, mono: .now, job: job, instance: nil, kind: .jobExpected,
        data: expectation.json)
    ])
  }

  @Test func `what was missed among the runs, in their order`() throws {
    try taro.run("exec", "--id", "other", "true").expect(code: 0)
    try say("backup", every: 4 * Self.hour, since: 10 * Self.hour)
    try taro.run("exec", "--id", "backup", "true").expect(code: 0)
    func states(_ arguments: String...) throws -> [String] {
      let words = ["hist"] + arguments
      return try taro.start(bytes: words.map { Array($0.utf8) }).finish().lines.dropFirst(2).map {
        line in
        let words = line.split(separator: " ")
        let state = words.first { ["MISSED", "COMPLETED"].contains($0) }
        return "\(words.first ?? "") \(state ?? "")"
      }
    }
    // The run is late: the first of both was missed.
    let all = try states()
    #expect(all == ["backup COMPLETED", "other COMPLETED", "backup MISSED"])
    try expect(states("-a"), is: all.reversed())
    try expect(states("-n", "1"), is: ["backup COMPLETED"])
    try expect(states("other"), is: ["other COMPLETED"])
    try expect(states("-S", "1h ago"), is: ["backup COMPLETED", "other COMPLETED"])
    try expect(states("--state", "completed").count, is: 2)
    try expect(states("-L").count, is: 2)
    expect(try taro.run("hist", "backup").text) { $0.contains(" late") }
    expect(try taro.run("hist", "-L").lines.first ?? "") { $0.contains("NEXT DUE") }
    try expect(taro.run("hist", "-f", "jsonl").lines.count, is: 2)
  }

  @Test func `with --as-of what was known then`() throws {
    try taro.run("exec", "--id", "other", "true").expect(code: 0)
    let before = try #require(try taro.events().last?.seq)
    try say("backup", every: 4 * Self.hour, since: 10 * Self.hour)
    try taro.run("hist").expect(code: 0)
    expect(try taro.run("hist", "--as-of", "\(before)").text) { !$0.contains("MISSED") }
    expect(try taro.run("ps", "--as-of", "\(before)").text) { !$0.contains("MISSED") }
    let last = try #require(try taro.events().last?.seq)
    expect(try taro.run("hist", "--as-of", "\(last)").text) { $0.contains("MISSED") }
    // Whoever asks of the past records nothing.
    try expect(taro.events().last?.seq, is: last)
  }

  @Test func `what is missing now beside what runs, and why`() throws {
    try taro.run("exec", "--id", "other", "true").expect(code: 0)
    try say("backup", every: 4 * Self.hour, since: 10 * Self.hour)
    let ps = try taro.run("ps").expect(code: 0, stderr: "")
    #expect(ps.lines.count == 3)
    expect(try ps.lines.at(2)) {
      $0.contains("backup") && $0.contains("MISSED") && $0.contains("2 times")
    }
    try expect(taro.run("ps", "other").lines.count, is: 2)
    try expect(taro.run("ps", "-f", "jsonl").text, is: "")

    let never = try taro.run("why", "backup").expect(code: 0, stderr: "")
    for part in [
      "backup has never run.\n", "Expected: every 4h.\n",
      ", the first of 2 times, and it has never run.\n",
      "It is due next at ",
    ] {
      expect(never.text) { $0.contains(part) }
    }
    try taro.run("exec", "--id", "backup", "true").expect(code: 0)
    let late = try taro.run("why", "backup").expect(code: 0, stderr: "")
    expect(late.text) {
      $0.contains(" COMPLETED at ") && $0.contains("This run was due at ")
        && !$0.contains("It was due")
    }
    try taro.run("unexpect", "backup").expect(code: 0)
    try expect(taro.run("why", "backup").lines.count, is: 1)
  }

  @Test func `which run began while another went on, and which was skipped then`() throws {
    try taro.run("expect", "backup", "--max-time", "1h").expect(code: 0)
    let job = try taro.startJob("backup")
    let shown = try taro.instance("backup")
    func why() throws -> [String] {
      Array(try taro.run("why", "backup").expect(code: 0, stderr: "").lines.dropFirst())
    }
    let expected = "Expected: at most 1h."
    try expect(why(), is: [expected])
    try taro.run("exec", "--id", "backup", "-o", "true").expect(code: 0)
    let id = try #require(try taro.events().last { $0.kind == .state(.skipped) }?.instance)
    try expect(
      why(), is: [expected, "Run \(id) was to begin while run \(shown) went on, and was skipped."])
    try taro.run("exec", "--id", "backup", "true").expect(code: 0)
    job.closeInput()
    try job.finish().expect(code: 0)
    // The newest that was executed is meant now, and there is none that is newer.
    try expect(why()) { $0.contains("This run has begun while run \(shown) went on.") }
  }
}
