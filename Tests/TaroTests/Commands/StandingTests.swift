import Events
import TestSupport
import Testing

@Suite("What is said of a run", .temporaryDirectory)
struct StandingTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `is which failure in a row it is, and when the job was well`() throws {
    try taro.exec("a", "false", code: 1)
    try expect(taro.run("why", "a").text) { $0.contains("It has never completed before.") }
    try taro.exec("a", "true")
    try expect(taro.run("why", "a").expect(code: 0).lines.count, is: 1)
    for _ in 0..<3 {
      try taro.exec("a", "false", code: 1)
      // Neither counts.
      try taro.run("exec", "--id", "a", "--dry-run", "true").expect(code: 0)
      try taro.run("exec", "--id", "a", "-d", "none", "true").expect(code: 0)
    }
    let id = try taro.instance("a~failed")
    let why = try taro.run("why", id).expect(code: 0).lines
    try expect(why.at(0)) { $0.contains(" FAILED at ") && $0.hasSuffix(": exit code 1.") }
    try expect(why.at(1)) { $0.hasPrefix("That is the 3rd failure in a row, the first at ") }
    try expect(why.at(2)) { $0.hasPrefix("Last completed at ") && $0.contains(", took ") }
    let show = try taro.run("show", id).expect(code: 0).text
    #expect(show.contains("\nfailing    the 3rd failure in a row, the first at "))
    #expect(show.contains("\ngood       last completed at "))
    // As it was then.
    try expect(taro.run("why", "\(id)~failed").text) { $0.contains("the 2nd failure in a row") }
  }

  @Test func `is how long it usually takes, where that is known`() throws {
    for _ in 0..<3 { try taro.exec("a", "true") }
    let job = try taro.startJob("a")
    try expect(taro.run("why", "a").expect(code: 0).lines.last) {
      $0?.hasPrefix("It takes usually ") == true
    }
    try expect(taro.run("show", "a").text) { $0.contains(", usually ") }
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `is that somebody wants its end`() throws {
    let job = try taro.startJob("a", options: [])
    let stubborn = try taro.start(
      "exec", "--id", "b", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")
    _ = try taro.waitForEvent("output") { $0.job == "b" && $0.kind == .output }
    try taro.run("stop", "--force", "--reason", "too long", "b").expect(code: 0)
    try expect(taro.run("ps").text) { $0.contains("RUNNING (to end)") }
    try expect(taro.run("why", "b").expect(code: 0).lines.at(0)) {
      $0.contains("has asked it to end ") && $0.hasSuffix("(SIGTERM: too long).")
    }
    try expect(taro.run("why", "a").text) { !$0.contains("to end") }
    let result = try taro.run("stop", "--force", "--kill-after", "50ms", "b").expect(code: 0)
    #expect(
      result.text.normalized == "b@IIIIIIIIIIIIIIII -> stop requested\n"
        + "b@IIIIIIIIIIIIIIII -> kill requested\n")
    try stubborn.finish().expect(code: 137)
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `are its last lines as a terminal shows them, without colours`() throws {
    try taro.exec(
      "a", "sh", "-c", #"printf '\033[31mred\033[0m\n10%%\r100%%\n\033]0;title\007end\n'; false"#,
      code: 1)
    let lines = try taro.run("show", "a").expect(code: 0).lines
    #expect(lines.suffix(3) == ["  red", "  100%", "  end"])
    try expect(taro.run("hist", "a").text) { !$0.contains("u{1b}") }
    // The bytes stay.
    try taro.run("output", "a", "--stdout").expect(
      code: 0, stdout: "\u{1b}[31mred\u{1b}[0m\n10%\r100%\n\u{1b}]0;title\u{7}end\n")
  }

  @Test func `has its durations from runs that completed, and rehearsals apart`() throws {
    let history = try MadeHistory(taro)
    for seconds in [10, 20, 30] as [Int64] {
      try history.add("a", hoursAgo: 5 - Double(seconds) / 10, ran: seconds, .completed)
    }
    try history.add("a", hoursAgo: 1, ran: 1, .failed)
    try taro.run("exec", "--id", "a", "--dry-run=failed", "true").expect(code: 1)
    try taro.run("exec", "--id", "dry", "--dry-run=failed", "true").expect(code: 1)
    let lines = try taro.run("stats", "-f", "jsonl").expect(code: 0).lines
    let document = try JSON(parsing: lines.at(0))
    #expect(document["count"] == 4)
    #expect(document["failed"] == 1)
    #expect(document["dry_runs"] == 1)
    #expect(document["streak"]?["count"] == 1)
    for (key, seconds) in [("fastest", 10), ("median", 20), ("average", 20), ("slowest", 30)] {
      #expect(document["\(key)_seconds"]?.number == Double(seconds), "\(key)")
    }
    #expect(document["last_state"] == "FAILED")
    let dry = try JSON(parsing: lines.at(1))
    #expect(dry["count"] == 0)
    #expect(dry["dry_runs"] == 1)
    try expect(taro.run("stats").text) { $0.contains(" 4 + 1 dry ") && $0.contains(" 0 + 1 dry ") }
    // Nor does a rehearsal hide a failure.
    try taro.run("exec", "--id", "a", "--dry-run", "true").expect(code: 0)
    try taro.run("check").expect(code: 2)
  }
}
