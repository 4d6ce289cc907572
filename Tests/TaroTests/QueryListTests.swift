import Ledger
import TestSupport
import Testing

@Suite("taro ps and taro hist", .temporaryDirectory)
struct QueryListTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func runThree() throws {
    try taro.run("exec", "--id", "backup", "--param", "tape=4", "--", "echo", "all saved")
      .expect(code: 0)
    try taro.exec("check", "sh", "-c", "echo no disk; exit 3", code: 3)
    try taro.exec("backup", "true")
  }

  /// The first column, without header.
  private func jobs(_ arguments: String...) throws -> [String] {
    let result = try taro.runAll(arguments)
    result.expect(code: 0, stderr: "")
    return result.lines.dropFirst(2).map { String($0.split(separator: " ")[0]) }
  }

  @Test("show a header alone when there is nothing, whether there is a ledger or not")
  func empty() throws {
    for _ in 0..<2 {
      try taro.run("ps").expect(
        code: 0,
        stdout: """
           JOB ID   INSTANCE ID   CREATED   TIME   STATE   WARNINGS   STATUS
          -------- ------------- --------- ------ ------- ---------- --------

          """, stderr: "")
      try taro.run("hist").expect(
        code: 0,
        stdout: """
           JOB ID   INSTANCE ID   CREATED   ENDED   TIME   STATE   WARNINGS   RESULT
          -------- ------------- --------- ------- ------ ------- ---------- --------

          """, stderr: "")
      for command in ["ps", "hist"] {
        try taro.run(command, "-f", "json").expect(code: 0, stdout: "{\"instances\":[]}\n")
        try taro.run(command, "-f", "jsonl").expect(code: 0, stdout: "")
      }
      // The second time round there is a ledger without events.
      _ = try LedgerWriter(taro.ledger)
    }
  }

  @Test("hist is a table, newest first, with why a run failed")
  func histTable() throws {
    try runThree()
    let result = try taro.run("hist").expect(code: 0, stderr: "")
    #expect(
      result.text.normalized == """
         JOB ID   INSTANCE ID        CREATED                   ENDED                     TIME           STATE       WARNINGS   RESULT
        -------- ------------------ ------------------------- ------------------------- -------------- ----------- ---------- ----------------------
         backup   IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   COMPLETED
         check    IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   FAILED                 exit code 3: no disk
         backup   IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   COMPLETED              all saved

        """)
    #expect(try taro.run("history").text == result.text)
    #expect(try taro.run("hist", "-P", "--no-color").text == result.text)
  }

  @Test("ps is a table of what is live, oldest first, with its last line")
  func psTable() throws {
    let first = try taro.startJob("first")
    let second = try taro.startJob("second", options: ["--param", "a=1", "--param", "b=x=y"])
    try taro.exec("ended", "true")
    try first.say("half of it")
    try taro.waitForEvent { $0.kind == .status }
    let text = try taro.run("ps").expect(code: 0, stderr: "").text.normalized
    #expect(
      text.hasPrefix(
        """
         JOB ID   INSTANCE ID        CREATED                   TIME           STATE     WARNINGS   STATUS
        -------- ------------------ ------------------------- -------------- --------- ---------- ------------

        """))
    let rows = text.split(separator: "\n").dropFirst(2).map(String.init)
    let fixed = "IIIIIIIIIIIIIIII   DDDD-DD-DD TT:TT:TT.TTT   00:00:00.000   RUNNING"
    #expect(
      rows == [" first    \(fixed)              half of it", " second   \(fixed)"])
    let params = try taro.run("ps", "--show-params", "second").lines
    #expect(params.first?.contains("INSTANCE ID        PARAMETERS   ") == true)
    #expect(params.last?.contains("   a=1, b=x=y   ") == true)
    for job in [first, second] {
      job.closeInput()
      try job.finish().expect(code: 0)
    }
    #expect(try jobs("ps") == [])
    #expect(try jobs("hist") == ["ended", "second", "first"])
  }

  @Test(
    "hist shows so many, in either order, of what matches, of each job the last",
    arguments: [
      ([], ["backup", "check", "backup"]), (["-a"], ["backup", "check", "backup"]),
      (["-n", "1"], ["backup"]), (["-n", "2", "-a"], ["backup", "check"]),
      (["-n", "100"], ["backup", "check", "backup"]), (["backup"], ["backup", "backup"]),
      (["back*", "-n", "1"], ["backup"]), (["check", "backup"], ["backup", "check", "backup"]),
      (["-L"], ["backup", "check"]), (["-L", "-a"], ["check", "backup"]),
      (["-L", "-n", "1"], ["backup"]), (["-L", "-n", "1", "-a"], ["check"]),
      (["-L", "check"], ["check"]), (["-L", "ch?ck"], ["check"]), (["none"], []),
      (["-L", "none"], []),
      (["--last", "--asc", "--lines", "2"], ["check", "backup"]), (["back"], []),
    ] as [([String], [String])])
  func selection(arguments: [String], expected: [String]) throws {
    try runThree()
    let result = try taro.runAll(["hist"] + arguments).expect(code: 0, stderr: "")
    let rows = result.lines.dropFirst(2)
    #expect(rows.map { $0.split(separator: " ")[0] } == expected.map { $0[...] })
  }

  @Test("hist finds one run by id, by its beginning and as job@instance, and several by glob")
  func instances() throws {
    try runThree()
    let id = try taro.instance("check")
    for pattern in [id, String(id.prefix(13)), "check@\(id)", "*@\(id)", "\(id.prefix(15))?"] {
      #expect(try jobs("hist", pattern) == ["check"], "\(pattern)")
    }
    #expect(try jobs("hist", "\(id.prefix(4))*").count == 3)
    #expect(try jobs("hist", "*@*").count == 3)
  }

  @Test("show the parameters when they are asked for")
  func params() throws {
    try runThree()
    let lines = try taro.run("hist", "--show-params").lines
    #expect(lines[0].contains("INSTANCE ID        PARAMETERS   CREATED"))
    #expect(lines[4].contains("   tape=4       20"))
    #expect(try !taro.run("hist").text.contains("tape"))
  }

  @Test("give documents as docs/json.md says, in the order of the table")
  func documents() throws {
    try runThree()
    let live = try taro.startJob("live")
    var contract = try JSONContract("The instance document")
    for (command, expected) in [("hist", ["backup", "check", "backup"]), ("ps", ["live"])] {
      let lines = try taro.run(command, "-f", "jsonl").expect(code: 0, stderr: "").lines
      let documents = try lines.map { try JSON(parsing: $0) }
      #expect(documents.map { $0["job"]?.string } == expected)
      for document in documents { #expect(contract.check(document) == []) }
      let text = try taro.run(command, "--format", "json").expect(code: 0, stderr: "").text
      #expect(text.hasSuffix("\n]}\n"))
      let whole = try JSON(parsing: text)
      #expect(whole.members?.map(\.key) == ["instances"])
      #expect(whole["instances"]?.array?.map { $0["instance"] } == documents.map { $0["instance"] })
    }
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test(
    "refuse what they do not understand, and say what they would",
    arguments: [
      (["ps", "-f", "xml"], "'table', 'json'"), (["hist", "-n", "0"], "1 or more"),
      (["hist", "-n", "x"], "-n"), (["ps", "--nonsense"], "--nonsense"),
      (["hist", "-n", "-1"], "-n"), (["tail", "-n", "-1"], "-n"),
      (["show", "-n", "-5", "x"], "-n"),
      (["wait", "-c", "0"], "1 or more"), (["wait", "-t", "soon"], "--timeout"),
      (["listen", "--since", "whenever"], "--since"), (["stop", "--wait", "x", "y"], "--wait"),
      (["show"], "instance"), (["output"], "instance"), (["nonsense"], "nonsense"),
      (["listen", "-f", "json"], "'text' and 'jsonl'"),
      (["show", "x", "-f", "table"], "'text' and 'json'"),
    ])
  func usage(arguments: [String], word: String) throws {
    let result = try taro.runAll(arguments).expect(code: 64, stdout: "")
    #expect(result.stderr.contains(word), "\(result)")
    #expect(!Files.exists(taro.ledger.path), "a wrong option makes no ledger")
  }
}
