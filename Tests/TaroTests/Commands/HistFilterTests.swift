internal import Events
import TestSupport
import Testing

@Suite("taro hist", .temporaryDirectory)
struct HistFilterTests {
  private let taro: TaroProgram
  private let history: MadeHistory

  init() throws {
    taro = try TaroProgram()
    history = try MadeHistory(taro)
    try history.add("old", hoursAgo: 60, ran: 10, .completed)
    try history.add("yesterday", hoursAgo: 24, ran: 60, .failed, reason: "signal SEGV")
    try history.add("morning", hoursAgo: 6, ran: 5, .interrupted, reason: "Timeout after 5s")
    try history.add("old", hoursAgo: 2, ran: 7000, .completed)
    try history.add("skip", hoursAgo: 0.5, ran: nil, .skipped, reason: "overlap")
    try history.add("new", hoursAgo: 0.2, ran: 60, .stopped)
  }

  private func jobs(_ arguments: [String]) throws -> [String] {
    let result = try taro.start(bytes: (["hist"] + arguments).map { Array($0.utf8) }) {
      $0.environment["TZ"] = history.zoneOfNoon
    }.finish()
    result.expect(code: 0, stderr: "")
    return try result.lines.dropFirst(2).map { String(try $0.split(separator: " ").at(0)) }
  }

  @Test(
    arguments: [
      ([], "new skip old morning yesterday old"),
      (["-T"], "new skip old morning"), (["--today"], "new skip old morning"),
      (["-Y"], "yesterday"), (["--yesterday"], "yesterday"),
      (["-T", "-Y"], "new skip old morning yesterday"),
      (["-S", "3h ago"], "new skip old"), (["--since", "PT3H ago"], "new skip old"),
      (["-U", "3h ago"], "morning yesterday old"), (["--until", "yesterday"], "old"),
      (["-S", "7h ago", "-U", "1h ago"], "old morning"),
      (["-T", "-S", "48h ago"], "new skip old morning"),
      (["-S", "now"], ""), (["-S", "2020-01-01T00:00:00Z", "-U", "2020-01-02"], ""),
      (["-S", "00:00"], "new skip old morning"),
      (["--state", "failed"], "yesterday"), (["--state", "FAILED,completed"], "old yesterday old"),
      (["--state", "failed", "--state", "skipped"], "skip yesterday"),
      (["--failed"], "morning yesterday"),
      (["--failed", "--state", "stopped"], "new morning yesterday"),
      (["--reason", "segv"], "yesterday"), (["--reason", "TIME"], "morning"),
      (["--reason", "x"], ""),
      (["--longer", "10s"], "new old yesterday"), (["--longer", "1m"], "old"),
      (["--longer", "4s", "-T"], "new old morning"),
      (["-s", "time"], "old new yesterday old morning skip"),
      (["-s", "time", "-a"], "morning old yesterday new old skip"),
      (["--sort", "time", "-n", "2"], "old new"),
      (["-s", "finished"], "old new skip morning yesterday old"),
      (["-s", "finished", "--ascending", "-n1"], "old"),
      (["-s", "created", "-a"], "old yesterday morning old skip new"),
      (["-n", "2", "-U", "3h ago"], "morning yesterday"), (["-n", "1", "--failed"], "morning"),
      (["-L"], "new skip old morning yesterday"),
      (["-L", "-U", "3h ago"], "morning yesterday old"),
      (["-L", "-s", "time", "-n", "2"], "old new"), (["-L", "-a", "-n", "2"], "yesterday morning"),
      (["old"], "old old"), (["old", "-n", "1", "-U", "3h ago"], "old"),
      (["y*", "-L", "--failed"], "yesterday"),
    ] as [([String], String)])
  func `shows what the options leave, in the order they say`(arguments: [String], expected: String)
    throws
  {
    try expect(jobs(arguments).joined(separator: " "), is: expected)
  }

  @Test func `gives documents of what the options leave`() throws {
    let lines = try taro.run("hist", "-f", "jsonl", "--reason", "e", "-n", "2").expect(code: 0)
      .lines
    try expect(lines.map { try JSON(parsing: $0)["job"]?.string }, is: ["skip", "morning"])
    try taro.run("hist", "-f", "json", "--reason", "none").expect(
      code: 0, stdout: "{\"instances\":[]}\n")
  }

  @Test(arguments: [
    (
      ["--state", "done"],
      "--state done: there is no such state; the states are: completed stopped"
    ),
    (["--state", "failed,,"], "there is no such state"),
    (["--state", "running"], "what is in it has not ended"),
    (["-S", "soon"], "--since \"soon\": it is not a time"), (["-U", "2026-02-30"], "--until"),
    (["--longer", "-5"], "--longer"), (["--longer", "long"], "--longer \"long\""),
    (["-s", "name"], "'created', 'finished'"), (["-n", "0"], "1 or more"),
  ])
  func `refuses what it does not understand, and says what it would`(
    arguments: [String], word: String
  ) throws {
    for command in word.contains("more") || word.contains("finished")
      ? ["hist"] : ["hist", "stats"]
    {
      let result = try taro.runAll([command] + arguments).expect(code: 64, stdout: "")
      #expect(result.stderr.contains(word), "\(result)")
    }
  }
}
