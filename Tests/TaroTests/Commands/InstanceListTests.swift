internal import Events
import Ledger
import TestSupport
import Testing

@Suite("taro ps and taro hist", .temporaryDirectory)
struct InstanceListTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test
  func `show a header alone when there is nothing, whether there is a ledger or not`() throws {
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

  @Test func `give documents as docs/json.md says, in the order of the table`() throws {
    try taro.runThree()
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
}
