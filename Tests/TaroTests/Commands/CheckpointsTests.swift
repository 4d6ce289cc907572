import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// `taro ledger checkpoints`: how far named listeners have come.
@Suite(.temporaryDirectory) struct CheckpointsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func rows(_ names: String...) throws -> [JSON] {
    let words = ["ledger", "checkpoints"] + names + ["-f", "jsonl"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish().expect(code: 0)
    let rows = try result.lines.map { try JSON(parsing: $0) }
    var contract = try JSONContract("The checkpoint document")
    for row in rows { expect(contract.check(row), is: []) }
    return rows
  }

  /// Listens under the name until it has come to the end.
  private func listen(_ name: String) throws -> TaroProcess {
    let listener = try taro.start("listen", "--all", "-f", "jsonl", "--checkpoint", name)
    let head = try #require(taro.events().last?.seq)
    try eventually("\(name) has come to \(head)") {
      try rows().contains { $0["name"]?.string == name && $0["behind"] == 0 }
    }
    return listener
  }

  @Test func `there are none without a ledger, nor without a listener`() throws {
    for text in ["", "x"] {
      if text == "x" { try taro.run("exec", "true").expect(code: 0) }
      try expect(rows(), is: [])
      try taro.run("ledger", "checkpoints", "x").expect(code: 1, stdout: "")
        .expectOneLine(about: "no checkpoint x", "taro ledger checkpoints")
    }
    try taro.run("ledger", "checkpoints", "--remove").expect(code: 64, stdout: "")
  }

  @Test func `they are told with who listens, and how much is behind them`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let audit = try listen("audit")
    try expect(rows("audit").at(0)["pid"]?.integer, is: Int64(audit.pid))
    audit.signal(SIGTERM)
    _ = try audit.finish()
    let other = try listen("other")
    let head = try #require(taro.events().last?.seq.number)
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    let (one, two) = (try rows().at(0), try rows().at(1))
    expect([one["name"]?.string, two["name"]?.string], is: ["audit", "other"])
    expect(one["seq"]?.integer, is: head)
    let events = try #require(taro.events().last?.seq.number) - head
    expect(one["behind"]?.integer, is: events)
    #expect(one["listening"] == false && one["pid"] == .null && two["listening"] == true)
    let table = try taro.run("ledger", "checkpoints", "audit").expect(code: 0)
    expect(table.text) { $0.contains("\(events) events") && !$0.contains("other") }
    other.signal(SIGTERM)
    _ = try other.finish()
  }

  @Test func `one is forgotten, but not under who listens; the next listener begins anew`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let audit = try listen("audit")
    try taro.run("ledger", "checkpoints", "--remove", "audit").expect(code: EX_TEMPFAIL, stdout: "")
      .expectOneLine(about: "audit", "pid \(audit.pid)")
    audit.signal(SIGTERM)
    _ = try audit.finish()
    try taro.run("ledger", "checkpoints", "--remove", "audit")
      .expect(code: 0, stdout: "Forgotten: audit\n", stderr: "")
    expect(Files.names(in: taro.ledger.checkpoints), is: [])
    let anew = try taro.start("listen", "--all", "-f", "jsonl", "--checkpoint", "audit")
    try expect(JSON(parsing: anew.readLine())["seq"]?.integer, is: 1)
    anew.signal(SIGTERM)
    _ = try anew.finish()
  }

  @Test func `what no listener goes on from says so`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let audit = try listen("audit")
    audit.signal(SIGTERM)
    _ = try audit.finish()
    let path = "\(taro.ledger.checkpoints)/audit"
    let text = try Files.text(path)
    for (content, problem) in [
      ("{", "unreadable"),
      (text.replacing("\"digest\":\"", with: "\"digest\":\"00"), "lost_events"),
      (text.replacing("\"ledger\":\"", with: "\"ledger\":\"00"), "other_ledger"),
    ] {
      try Files.write(Array(content.utf8), to: path)
      let row = try rows().at(0)
      expect(row["problem"]?.string, is: problem)
      #expect(row["seq"] == .null && row["behind"] == .null)
    }
    try expect(taro.run("ledger", "checkpoints").text) {
      $0.contains("begins anew: it is of another ledger")
    }
  }
}
