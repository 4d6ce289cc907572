internal import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@testable import taro

@Suite("taro ledger", .temporaryDirectory)
struct LedgerCommandTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("a", "echo", "kept")
    try taro.exec("bee", "false", code: 1)
    try taro.run("hist").expect(code: 0)
  }

  private func harm(_ file: String, _ sql: String) throws {
    // What stands in well-formed pages.
    let pages: Connection.Pages = file == taro.ledger.projections ? .checked : .plain
    try Connection(file, .readWrite, pages: pages, busyMilliseconds: 1000).execute(sql)
  }

  private func head() throws -> String {
    let line = try taro.run("ledger", "head").expect(code: 0, stderr: "").text
    return String(line.dropLast())
  }

  @Test func `verify says that a ledger is good, and nothing on stderr`() throws {
    let result = try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(result.lines.first == "\(taro.ledger.path): good")
    #expect(result.lines.contains { $0.hasPrefix("read models  agree with all events up to ") })
    #expect(result.lines.last == "head         \(try head())")
  }

  @Test func `verify names what is damaged, what is not, and ends with 65`() throws {
    // On a busy machine there is an event more, or output in two pieces.
    let events = try taro.events()
    let outputs = events.filter { $0.kind == .output }.map(\.seq)
    let changed = try #require(events.first { $0.job == "bee" }).seq
    try harm(
      taro.ledger.database,
      "UPDATE output SET size = size + 1; DROP TRIGGER event_is_never_updated; "
        + "UPDATE event SET at = at + 1 WHERE seq = \(changed)")
    let result = try taro.run("ledger", "verify").expect(code: 65, stderr: "")
    #expect(result.lines.first == "\(taro.ledger.path): damaged, \(2 + outputs.count) problems")
    #expect(result.text.contains("\n  column") == false)
    #expect(result.text.contains("\n  trigger event_is_never_updated is missing\n"))
    for seq in outputs {
      #expect(result.text.contains("\n  event \(seq): its output cannot be decoded\n"))
    }
    #expect(
      result.text.contains(
        "\n  event \(changed): it and its digest do not fit the event before it\n"))
    #expect(
      result.text.contains(
        "trustworthy  all events from 1 to \(changed.number - 1), and \(events.count - Int(changed.number)) "
          + "behind them that fit their predecessor; all output but "
          + "\(outputs.count == 1 ? "1 piece" : "\(outputs.count) pieces") named here\n"))
  }

  @Test func `verify writes nothing, and does without the right to write`() throws {
    let before = try taro.events().count
    try taro.run("ledger", "verify").expect(code: 0)
    try expect(taro.events().count, is: before)
  }

  @Test func `verify --against proves, or does not`() throws {
    let kept = try head()
    try taro.exec("a", "true")
    try taro.run("ledger", "verify", "--against", kept).expect(code: 0)
    let other = (kept.first == "0" ? "1" : "0") + kept.dropFirst()
    let wrong = try taro.run("ledger", "verify", "--against", other).expect(code: 65)
    #expect(wrong.text.contains("something up to here was rewritten, or this is another ledger"))
    #expect(wrong.text.contains("\ntrustworthy  no event\n"))
    let digest = kept.prefix(64)
    let far = try taro.run("ledger", "verify", "--against", "\(digest)@99").expect(code: 65)
    #expect(far.text.contains("  event 99: there is no such event: the ledger ends at "))
    for text in ["", "12", "x@1", "\(digest)@x"] {
      let result = try taro.run("ledger", "verify", "--against", text).expect(code: 64, stdout: "")
      #expect(result.stderr.contains("--against takes what ledger head printed"))
    }
  }

  @Test
  func `verify finds read models that are not what the events say, and rebuild mends them`() throws
  {
    try harm(
      taro.ledger.projections,
      "UPDATE instance SET state = 'STOPPED' WHERE job = 'bee'; DELETE FROM instance WHERE job = 'a'"
    )
    let result = try taro.run("ledger", "verify").expect(code: 65)
    #expect(result.text.contains("\n  read models 1: an instance is missing\n"))
    #expect(result.text.contains(": state of bee@"))
    let rebuilt = try taro.run("ledger", "rebuild").expect(code: 0, stderr: "")
    #expect(rebuilt.text.contains(" of 2 instances read in "))
    try taro.run("ledger", "verify").expect(code: 0)
    try expect(taro.run("hist", "-f", "jsonl").lines.count, is: 2)
  }

  @Test func `rebuild mends a file that is none, while another has it open`() throws {
    let listener = try Connection(taro.ledger.projections, .readOnly, busyMilliseconds: 0)
    _ = try listener.integer("SELECT COUNT(*) FROM instance")
    try taro.run("ledger", "rebuild").expect(code: 0)
    try expect(listener.integer("SELECT COUNT(*) FROM instance"), is: 2)
    _ = consume listener
    for name in ["projections.db-wal", "projections.db-shm"] {
      unlink("\(taro.ledger.path)/\(name)")
    }
    try Files.write(Array("no database".utf8), to: taro.ledger.projections)
    try taro.run("ledger", "verify").expect(code: 65)
    try taro.run("ledger", "rebuild").expect(code: 0)
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `info tells what is there`() throws {
    let lines = try taro.run("ledger", "info").expect(code: 0, stderr: "").lines
    let count = try taro.events().count
    #expect(lines.contains("ledger        \(taro.ledger.path)"))
    #expect(lines.contains("events        \(count)"))
    #expect(lines.contains("instances     0 live, 2 ended"))
    #expect(lines.contains("output        5 B in 1 piece, 5 B as stored"))
    #expect(lines.contains("head          \(try head())"))
    #expect(lines.contains("writable      yes"))
    #expect(!lines.contains { $0.hasPrefix("sealed") })
    try Files.write([], to: "\(taro.ledger.path)/ledger.db.sealed-1")
    try Files.write([], to: "\(taro.ledger.path)/ledger.db.sealed-1-wal")
    let sealed = try taro.run("ledger", "info").lines.filter { $0.hasPrefix("sealed") }
    #expect(sealed == ["sealed        \(taro.ledger.path)/ledger.db.sealed-1"])
  }

  @Test func `documents are as docs/json.md says`() throws {
    var info = try JSONContract("The ledger document")
    let empty = try TaroProgram("empty")
    _ = try LedgerWriter(empty.ledger)
    for program in [taro, empty] {
      let document = try JSON(parsing: program.run("ledger", "info", "-f", "json").text)
      #expect(info.check(document) == [])
    }
    // OtherUsersTests sees runs that wait.
    #expect(info.neverSeen == ["spooled_since", "created_at as null"])
    try expect(info.check(JSON(parsing: info.example)), is: [])

    var verification = try JSONContract("The verification document")
    // The note is of another boot, and two events later than the last on disk.
    let lock = "\(taro.ledger.path)/ledger.lock"
    let notes = try Files.contents(lock)
    var later = notes
    try #require(later.count > 104)
    later[71] += 2
    later[104] ^= 1
    try Files.write(later, to: lock)
    let cut = try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(cut.text.contains("\npower cut    events "))
    let document = try JSON(parsing: taro.run("ledger", "verify", "-f", "json").text)
    #expect(verification.check(document) == [])
    try Files.write(notes, to: lock)
    for (code, sql) in [
      (0, "SELECT 1"), (65, "DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 2"),
    ] as [(Int32, String)] {
      try harm(taro.ledger.database, sql)
      let result = try taro.run("ledger", "verify", "-f", "json").expect(code: code)
      try expect(verification.check(JSON(parsing: result.text)), is: [])
    }
    let path = "\(taro.root)/none"
    mkdir(path, 0o700)
    try Files.write([UInt8](repeating: 7, count: 5000), to: "\(path)/ledger.db")
    let result = try taro.run("ledger", "verify", "--ledger", path, "-f", "json").expect(code: 65)
    try expect(verification.check(JSON(parsing: result.text)), is: [])
    #expect(verification.neverSeen == [])
    try expect(verification.check(JSON(parsing: verification.example)), is: [])
  }

  @Test func `recover makes a new ledger of what can be read, and leaves the old one`() throws {
    try harm(taro.ledger.database, "UPDATE output SET size = size + 1")
    let old = try taro.events().map(\.digest)
    let last = try head()
    let result = try taro.run("ledger", "recover", "\(taro.ledger.path)//").expect(
      code: 0, stderr: "")
    let target = "\(taro.ledger.path).recovered"
    #expect(
      result.text == """
        \(target): a new ledger with what could be read of \(taro.ledger.database)
        events     \(old.count) read, 0 lost
        output     1 piece lost, 5 B
        last good  \(last)

        """)
    try expect(taro.events().map(\.digest), is: old)
    try taro.run("ledger", "verify", "--ledger", target).expect(code: 0)
    func jobs(_ ledger: String) throws -> [String] {
      try taro.run("hist", "--ledger", ledger, "-f", "jsonl").lines.map {
        let document = try JSON(parsing: $0)
        return "\(document["instance"]?.string ?? "") \(document["state"]?.string ?? "")"
      }
    }
    try expect(jobs(target), is: jobs(taro.ledger.path))
    let again = try taro.run("ledger", "recover", taro.ledger.path).expect(code: 78, stdout: "")
    again.expectOneLine(about: target, "it is there already", "--into")
  }

  @Test func `where there is no ledger each says so`() throws {
    for command in [["verify"], ["head"], ["info"], ["rebuild"]] {
      let result = try taro.runAll(["ledger"] + command + ["--ledger", "\(taro.root)/none"])
      result.expect(code: 1, stdout: "").expectOneLine(about: "there is no ledger in")
    }
    try taro.run("ledger", "recover", "\(taro.root)/none").expect(code: 1, stdout: "")
    #expect(!Files.exists("\(taro.root)/none"))
  }
}
