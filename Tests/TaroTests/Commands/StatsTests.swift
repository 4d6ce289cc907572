internal import Events
import TestSupport
import Testing

@Suite("taro stats", .temporaryDirectory)
struct StatsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func makeHistory() throws {
    let history = try MadeHistory(taro)
    for (index, seconds) in ([10, 20, 40, 80] as [Int64]).enumerated() {
      try history.add(
        "backup", hoursAgo: 50 - Double(index), ran: seconds, .completed, output: 1024)
    }
    try history.add("backup", hoursAgo: 3, ran: 1, .failed, reason: "full", output: 5)
    try history.add("backup", hoursAgo: 2, ran: nil, .skipped)
    try history.add("backup", hoursAgo: 1, ran: 2, .lost)
    try history.add("never", hoursAgo: 1, ran: nil, .disabled)
  }

  @Test func `is a table, of nothing too`() throws {
    let empty = try taro.run("stats").expect(code: 0, stderr: "").lines
    #expect(empty.count == 2)
    try expect(empty.at(0)) { $0.hasPrefix(" JOB ID   ENDED   FIRST RUN") }
    try makeHistory()
    let text = try taro.run("stats").expect(code: 0, stderr: "").text.normalized
    #expect(
      text == """
         JOB ID   ENDED   FIRST RUN                 LAST RUN                  FASTEST   AVERAGE   MEDIAN   P95          SLOWEST      LAST   LAST STATE   FAILED    STREAK     OUTPUT    LAST RUNS
        -------- ------- ------------------------- ------------------------- --------- --------- -------- ------------ ------------ ------ ------------ --------- ---------- --------- -----------
         backup   7       DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   10.0 s    37.5 s    30.0 s   1 min 20 s   1 min 20 s   N/A    LOST         2 (33%)   2 failed   4.0 KiB   _-=#_..
         never    1       DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   N/A       N/A       N/A      N/A          N/A          N/A    DISABLED     0                    0 B       .

        """)
  }

  @Test func `takes the filters of hist`() throws {
    try makeHistory()
    func counts(_ arguments: String...) throws -> [String] {
      try taro.runAll(["stats", "-f", "jsonl"] + arguments).expect(code: 0, stderr: "").lines.map {
        let document = try JSON(parsing: $0)
        return "\(document["job"]?.string ?? "") \(document["count"]?.integer ?? 0)"
      }
    }
    try expect(counts(), is: ["backup 7", "never 1"])
    try expect(counts("n*"), is: ["never 1"])
    try expect(counts("-S", "10h ago"), is: ["backup 3", "never 1"])
    try expect(counts("-U", "10h ago"), is: ["backup 4"])
    try expect(counts("--failed"), is: ["backup 2"])
    try expect(counts("--state", "skipped,disabled"), is: ["backup 1", "never 1"])
    try expect(counts("--reason", "FULL"), is: ["backup 1"])
    try expect(counts("--longer", "30s"), is: ["backup 2"])
    try expect(counts("none*"), is: [])
  }

  @Test func `gives documents as docs/json.md says`() throws {
    try taro.run("stats", "-f", "json").expect(code: 0, stdout: "{\"jobs\":[]}\n")
    try makeHistory()
    try taro.exec("well", "true")
    var contract = try JSONContract("The statistics document")
    let documents = try taro.run("stats", "-f", "jsonl").expect(code: 0).lines
      .map { try JSON(parsing: $0) }
    for document in documents { #expect(contract.check(document) == []) }
    #expect(contract.neverSeen == [])
    #expect(documents.first?["streak"]?.text == #"{"group":"failure","count":2}"#)
    #expect(documents.first?["p95_seconds"]?.text == "80.0")
    let whole = try JSON(parsing: taro.run("stats", "--format", "json").text)
    #expect(whole["jobs"]?.array == documents)
    try expect(contract.check(JSON(parsing: contract.example)), is: [])
  }

  @Test
  func `draws with blocks where the locale has them, and failures in red on a terminal`() throws {
    try makeHistory()
    for (variables, line) in [
      (["LANG": "C.UTF-8"], "▁▂▄█▁··"), (["LANG": "C.UTF-8", "LC_ALL": "C"], "_-=#_.."),
      (["LC_CTYPE": "en_US.utf8", "LANG": "C"], "▁▂▄█▁··"),
    ] {
      let result = try taro.run("stats", "backup") { $0.environment.merge(variables) { $1 } }
      #expect(result.lines.last?.hasSuffix(line) == true, "\(result)")
    }
    let terminal = try QueryTerminal()
    try taro.start("stats", "backup") { terminal.attach(&$0, columns: 250) }.finish().expect(
      code: 0)
    let red = "\u{1b}[91m_\u{1b}[0m"
    #expect(terminal.readAll().contains("_-=#\(red)\u{1b}[33m.\u{1b}[0m\u{1b}[91m.\u{1b}[0m"))
  }
}
