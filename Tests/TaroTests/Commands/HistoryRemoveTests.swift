internal import Events
import Ledger
import TestSupport
import Testing

@Suite("taro history-remove", .temporaryDirectory)
struct HistoryRemoveTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("a", "echo", "kept")
    try taro.exec("a", "true")
    try taro.exec("bee", "false", code: 1)
  }

  private func jobs() throws -> [String] {
    try taro.run("hist", "-f", "jsonl").lines.compactMap { try JSON(parsing: $0)["job"]?.string }
  }

  private func removals() throws -> [HistoryRemoved] {
    try taro.events().filter { $0.kind == .historyRemoved }.map { HistoryRemoved($0.json) }
  }

  @Test func `hides what matches from hist, stats and names, and says how much it was`() throws {
    let head = try LedgerReader(taro.ledger).head().seq
    try taro.run("history-remove", "--force", "a", "b*", "a").expect(
      code: 0,
      stdout: """
        2 instances found for a
        1 instance found for b*
        2 instances found for a
        3 instances removed from the history

        """, stderr: "")
    try expect(jobs(), is: [])
    try expect(taro.run("stats", "-f", "jsonl").text, is: "")
    for command in ["show", "output"] { try taro.run(command, "a").expect(code: 1, stdout: "") }
    let removal = try #require(try removals().first)
    #expect(removal.patterns == ["a", "b*", "a"])
    #expect(removal.upTo == head)
    #expect(removal.by.pid > 0)
    try taro.exec("a", "true")
    try expect(jobs(), is: ["a"])
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `leaves the events: by its whole id a run is still shown`() throws {
    let id = try #require(
      try taro.events(ofJob: "a").first { $0.kind == .state(.created) }?.instance
    ).text
    try taro.run("history-remove", "--force", String(id.prefix(15))).expect(code: 0)
    try expect(jobs(), is: ["bee", "a"])
    for name in [id, "a@\(id)"] {
      try taro.run("output", name).expect(code: 0, stdout: "kept\n")
      try expect(taro.run("show", name).expect(code: 0).text) { $0.contains("a@\(id)  COMPLETED") }
    }
    try taro.run("output", String(id.prefix(15))).expect(code: 1, stdout: "")
    try taro.run("hist", id, "-f", "jsonl").expect(code: 1, stdout: "")
  }

  @Test func `never removes what is live`() throws {
    let job = try taro.startJob("a")
    try taro.run("history-remove", "--force", "*").expect(code: 0)
    try expect(taro.run("ps", "-f", "jsonl").lines.count, is: 1)
    job.closeInput()
    try job.finish().expect(code: 0)
    try expect(jobs(), is: ["a"])
  }

  @Test func `does nothing where nobody can be asked, unless it is told not to ask`() throws {
    let result = try taro.run("history-remove", "a").expect(
      code: 64, stdout: "2 instances found for a\n")
    result.expectOneLine(about: "nobody here to ask", "--force")
    try expect(removals()) { $0.isEmpty }
    try expect(jobs().count, is: 3)
  }

  @Test(arguments: ["n\n", "\n", "\u{4}", "y\n"])
  func `asks a person, and takes anything but yes for no`(answer: String) throws {
    let terminal = try QueryTerminal()
    let process = try taro.start("history-remove", "bee") { terminal.attach(&$0) }
    try terminal.read(until: "Do you want to remove it from the history? [y/N] ")
    #expect(terminal.text.hasPrefix("1 instance found for bee\n"))
    // Whatever ends while the person thinks is not meant.
    try taro.exec("bee", "true")
    try terminal.type(answer)
    try process.finish().expect(code: 0)
    let isAgreed = answer == "y\n"
    #expect(terminal.readAll().contains("1 instance removed") == isAgreed)
    try expect(jobs(), is: (isAgreed ? ["bee", "a", "a"] : ["bee", "bee", "a", "a"]))
  }

  @Test func `says that nothing matches, with a ledger and without`() throws {
    try taro.run("history-remove", "--force", "none").expect(
      code: 1, stdout: "0 instances found for none\n"
    ).expectOneLine(about: "nothing in the history matches none")
    try expect(removals()) { $0.isEmpty }
    let other = try TaroProgram("other")
    try other.run("history-remove", "--force", "*").expect(code: 1, stdout: "")
    #expect(!Files.exists(other.ledger.path))
    for arguments in [["history-remove"], ["history-remove", "--force", ""]] {
      try taro.runAll(arguments).expect(code: 64, stdout: "")
    }
  }
}
