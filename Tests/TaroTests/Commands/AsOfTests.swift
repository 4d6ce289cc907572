import Events
import Ledger
import TestSupport
import Testing

/// `--as-of`: the answer of an earlier moment.
@Suite("--as-of", .temporaryDirectory)
struct AsOfTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func ask(_ words: String..., at moment: String) throws -> TaroResult {
    try taro.runAll(words + ["--as-of", moment])
  }

  private func rows(_ words: String..., at moment: String) throws -> [JSON] {
    try taro.runAll(words + ["-f", "jsonl", "--as-of", moment]).expect(code: 0, stderr: "")
      .lines.map { try JSON(parsing: $0) }
  }

  private func event(_ kind: EventKind, of job: String, after position: Seq = .start) throws
    -> Event
  {
    try #require(
      try taro.events().first { $0.kind == kind && $0.job == job && $0.seq > position })
  }

  @Test func `ps and hist tell of each instance what its events told by then, at every position`()
    throws
  {
    let job = try taro.startJob("one")
    try taro.exec("two", "sh", "-c", "echo out; exit 3", code: 3)
    try job.write("a line\nexit 0\n")
    try job.finish().expect(code: 0)
    try taro.exec("one", "true")
    var states: [InstanceID: InstanceState] = [:]
    for event in try taro.events() {
      if let instance = event.instance, let state = event.kind.state { states[instance] = state }
      let expected = states.map { "\($0) \($1.rawValue)" }.sorted()
      let at = "\(event.seq)"
      let found = try rows("ps", at: at) + rows("hist", at: at)
      let told = found.map { "\($0["instance"]?.string ?? "") \($0["state"]?.string ?? "")" }
      try #require(told.sorted() == expected, "at \(at)")
    }
  }

  @Test func `each command tells what was known, by position as by time`() throws {
    try taro.exec("a", "sh", "-c", "echo one; echo two >&2")
    let ended = try event(.state(.completed), of: "a")
    try taro.run("disable", "b*", "--reason", "tape").expect(code: 0)
    let waiting = try taro.start("exec", "--id", "c", "--pending", "go", "echo", "gone")
    try taro.waitForEvent { $0.kind == .state(.pending) }
    let pending = try event(.state(.pending), of: "c")
    try taro.run("release", "go").expect(code: 0)
    try waiting.finish().expect(code: 0)
    try taro.exec("a", "false", code: 1)
    try taro.run("enable", "b*").expect(code: 0)
    try taro.run("history-remove", "--force", "a").expect(code: 0)

    func both(_ words: String..., of event: Event, _ check: (TaroResult) throws -> Void) throws {
      try check(taro.runAll(words + ["--as-of", "\(event.seq)"]))
      // Two programs may have taken their times in another order than their turns.
      let byThen = try taro.events().prefix { $0.at <= event.at }
      guard byThen.last?.seq == event.seq else { return }
      try check(taro.runAll(words + ["--as-of", Timestamp.rfc3339(event.at)]))
    }
    func document(_ result: TaroResult) throws -> JSON {
      try JSON(parsing: result.expect(code: 0, stderr: "").text)
    }
    try expect(taro.run("hist", "-f", "json").expect(code: 0).text) { !$0.contains("\"a\"") }
    try both("hist", "-f", "json", of: ended) {
      let instances = try #require(try document($0)["instances"]?.array)
      #expect(instances.map { $0["job"]?.string } == ["a"])
    }
    try both("stats", "-f", "json", of: ended) {
      let jobs = try #require(try document($0)["jobs"]?.array)
      #expect(jobs.map { $0["count"]?.integer } == [1])
    }
    try both("show", "a", "-f", "json", of: ended) {
      let shown = try document($0)
      #expect(shown["state"]?.string == "COMPLETED")
    }
    let running = try event(.state(.running), of: "a")
    try both("show", "a", "-f", "json", of: running) {
      let shown = try document($0)
      #expect(shown["state"]?.string == "RUNNING")
      #expect(shown["run_seconds"]?.number == 0)
      #expect(shown["exit_code"] == .null)
      #expect(shown["transitions"]?.array?.count == 2)
    }
    try both("show", "a", of: running) {
      let text = $0.expect(code: 0, stderr: "").text
      #expect(!text.contains("COMPLETED") && !text.contains("Last lines"))
    }
    try both("output", "a", of: running) { $0.expect(code: 0, stdout: "", stderr: "") }
    try both("output", "a", "--stdout", of: ended) {
      $0.expect(code: 0, stdout: "one\n", stderr: "")
    }
    try both("tail", "a", "-n", "1", "--stderr", of: ended) {
      $0.expect(code: 0, stdout: "two\n", stderr: "")
    }
    try both("list-disabled", "-f", "json", of: pending) {
      let disabled = try #require(try document($0)["disabled"]?.array)
      #expect(disabled.map { $0["pattern"]?.string } == ["b*"])
    }
    try both("list-disabled", "-f", "json", of: ended) {
      let list = try document($0)
      #expect(list["disabled"] == .array([]))
    }
    try both("why", "c", of: pending) {
      let text = $0.expect(code: 0, stderr: "").text
      #expect(text.contains("taro release go"))
    }
    try both("ps", "-f", "json", of: pending) {
      let instances = try #require(try document($0)["instances"]?.array)
      #expect(instances.map { $0["state"]?.string } == ["PENDING"])
    }
    // Nothing of that has touched the present.
    try taro.run("ledger", "verify").expect(code: 0)
    try taro.run("ps", "-f", "jsonl").expect(code: 0, stdout: "")
  }

  @Test func `now is that moment: for how long something runs, and what is recent`() throws {
    let job = try taro.startJob("long")
    try job.write("line\n")
    try taro.waitForEvent { $0.kind == .output }
    let (running, output) = (
      try event(.state(.running), of: "long"), try event(.output, of: "long")
    )
    let shown = try JSON(
      parsing: ask("show", "long", "-f", "json", at: "\(output.seq)").expect(code: 0).text)
    let seconds = Double(output.mono - running.mono) / 1_000_000
    #expect(abs((shown["run_seconds"]?.number ?? -1) - seconds) < 0.000_002)
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    let last = try #require(try taro.events().last)
    // Half a second before that moment it was not there yet, however long ago that is.
    for (since, count) in [("1h ago", 1), ("0s ago", 0)] {
      let found = try taro.runAll(["hist", "-S", since, "-f", "jsonl", "--as-of", "\(last.seq)"])
      #expect(found.expect(code: 0).lines.count == count)
    }
  }

  @Test func `a moment that the ledger does not have is refused, and why`() throws {
    try ask("ps", at: "1").expect(code: 1, stdout: "").expectOneLine(
      about: "nothing has been recorded")
    try ask("show", "a", at: "now").expect(code: 1).expectOneLine(
      about: "nothing has been recorded")
    try taro.exec("a", "true")
    let last = try #require(try taro.events().last).seq
    for (moment, code, reason) in [
      ("0", 1, "the first is 1"), ("\(last + 1)", 1, "the ledger ends with \(last)"),
      ("999999999999999999", 1, "is still to come"), ("2999-01-01", 1, "is still to come"),
      ("1971-01-01", 1, "nothing was recorded by"), ("then", 64, "no position of the ledger"),
      ("", 64, "--as-of"), ("9999999999999999999999", 64, "so many events"),
      ("2026-02-30", 64, "--as-of"),
    ] as [(String, Int32, String)] {
      try ask("ps", at: moment).expect(code: code, stdout: "").expectOneLine(about: reason)
    }
    for command in ["hist", "stats", "list-disabled"] {
      try ask(command, at: "0").expect(code: 1, stdout: "").expectOneLine(about: "the first is 1")
    }
    for command in ["show", "why", "output", "tail"] {
      try ask(command, "a", at: "0").expect(code: 1, stdout: "").expectOneLine(
        about: "the first is 1")
    }
    try ask("tail", "-f", "a", at: "\(last)").expect(code: 64, stdout: "")
    try ask("show", "b", at: "\(last)").expect(code: 1).expectOneLine(about: "no job or instance b")
    try ask("ps", at: "now").expect(code: 0, stderr: "")
  }

  @Test func `what retention has dropped is told`() throws {
    try taro.exec("old", "echo", "gone")
    try taro.exec("new", "echo", "here")
    let (old, new) = (
      try event(.state(.completed), of: "old"), try event(.state(.completed), of: "new")
    )
    try taro.run("ledger", "retain", "--set", "retention.max_records=1", "--force").expect(code: 0)
    try ask("hist", at: "\(old.seq)").expect(code: 1, stdout: "").expectOneLine(
      about: "retention has dropped the event at position \(old.seq)")
    let found = try ask("hist", "-f", "jsonl", at: "\(new.seq)").expect(code: 0)
    #expect(found.lines.count == 1)
    found.expectOneLine(about: "retention has since dropped 4 events")
    let now = try taro.run("hist", "--as-of", "now").expect(code: 0)
    #expect(now.stderr.isEmpty)
  }
}
