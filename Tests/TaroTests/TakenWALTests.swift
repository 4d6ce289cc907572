internal import Events
import Glibc
internal import Ledger
import SQLite
import TestSupport
import Testing

/// A WAL that somebody empties, cuts, writes over, replaces or removes while a run has it open: what is acknowledged from
/// then on is found, and what is missing is told.
@Suite("a WAL that is taken away", .temporaryDirectory) struct TakenWALTests {
  private let taro: TaroProgram
  /// What was in the WAL once.
  private let former: [UInt8]
  private var wal: String { "\(taro.ledger.path)/ledger.db-wal" }

  init() throws {
    taro = try TaroProgram()
    for job in ["one", "two"] { try taro.exec(job, "echo", job) }
    former = try Files.contents("\(taro.ledger.path)/ledger.db-wal")
  }

  /// A job that prints a line for each that it reads.
  private func startLive() throws -> TaroProcess {
    let live = try taro.start("exec", "--id", "live", "cat") { $0.stdin = .pipe }
    let start = try taro.waitForEvent("its start") {
      $0.job == "live" && $0.kind == .state(.running)
    }
    // Its flush is behind it: until then it would notice by itself that its WAL has lost its name.
    try eventually("its start is on disk") {
      (try? QueueFile.read(taro.ledger))?.durableHead.map { $0.seq >= start.seq } ?? false
    }
    return live
  }

  /// What is in the ledger in the end.
  private func expectFound(_ jobs: String..., sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    for job in jobs {
      try expect(
        taro.ending(ofJob: job)?.state, is: .completed, "\(job)", sourceLocation: sourceLocation)
      try taro.run("output", job).expect(
        code: 0, stdout: "\(job)\n", sourceLocation: sourceLocation)
    }
    try taro.run("ledger", "verify").expect(code: 0, stderr: "", sourceLocation: sourceLocation)
    try taro.run("exec", "--require-ledger", "true").expect(
      code: 0, stderr: "", sourceLocation: sourceLocation)
    #expect(Files.names(in: "\(taro.ledger.path)/spool") == [], sourceLocation: sourceLocation)
  }

  private func sealed() -> [String] {
    Files.names(in: taro.ledger.path).filter { $0.hasPrefix("ledger.db.sealed-") }
  }

  enum Harm: CaseIterable {
    case emptied, cut, headless, olderCopy
  }

  /// The WAL is begun anew: of what was in it all is in the database.
  private func beginAnew() throws {
    try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
      .execute("PRAGMA wal_checkpoint(PASSIVE)")
    for _ in 0..<3 { try taro.exec("between", "true") }
    try #require(Array(Files.contents(wal)[16..<24]) != Array(former[16..<24]))
  }

  /// In place: it stays the file that is open.
  private func harm(_ harm: Harm) throws {
    var bytes = try Files.contents(wal)
    switch harm {
    case .emptied: bytes = []
    case .cut: bytes.removeLast(bytes.count / 3)
    case .headless: bytes.replaceSubrange(..<4096, with: repeatElement(0, count: 4096))
    case .olderCopy: bytes = former
    }
    try Files.write(bytes, to: wal)
  }

  @Test(arguments: Harm.allCases)
  func `a run whose WAL has lost its frames goes on in a new ledger, and says so`(
    _ kind: Harm
  ) throws {
    if kind == .olderCopy { try beginAnew() }
    let live = try startLive()
    try harm(kind)
    try live.write("live\n")
    try expect(live.readLine(), is: "live")
    live.closeInput()
    try live.finish().expect(code: 0)
      .expectOneLine(about: "damaged: ", " missing, though", "put aside as ledger.db.sealed-")
    try expectFound("live")
  }

  @Test(arguments: Harm.allCases)
  func `whoever comes before it puts it aside, and what he is told is true`(_ kind: Harm) throws {
    if kind == .olderCopy { try beginAnew() }
    let live = try startLive()
    try harm(kind)
    try taro.run("exec", "--id", "next", "--require-ledger", "echo", "next")
      .expect(code: 0, stdout: "next\n")
      .expectOneLine(about: "damaged", "put aside as ledger.db.sealed-")
    try live.write("live\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "live\n", stderr: "")
    try expectFound("live", "next")
  }

  @Test func `a question says what was done to it, and what to do`() throws {
    let live = try startLive()
    try harm(.emptied)
    for words in [["ps"], ["hist"], ["stop", "--force", "live"], ["ledger", "head"]] {
      try taro.runAll(words).expect(code: EX_TEMPFAIL, stdout: "").expectOneLine(
        about: "emptied, cut, replaced or removed \(wal)", "taro exec",
        "fuser -v \(taro.ledger.path)/ledger.db-shm")
    }
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test func `a checkpoint of somebody else that empties it is no loss`() throws {
    let live = try startLive()
    try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
      .execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try #require(Files.size(wal) == 0)
    try live.write("live\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "live\n", stderr: "")
    try expectFound("one", "two", "live")
    #expect(sealed() == [])
  }

  @Test func `while a run has one that was removed, a run that needs a record is refused`() throws {
    let live = try startLive()
    unlink(wal)
    try taro.run("exec", "--id", "next", "--require-ledger", "echo", "next")
      .expect(code: 125, stdout: "")
      .expectOneLine(about: "removed \(wal)", "its job is not run", "fuser -v")
    try live.write("live\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "live\n", stderr: "")
    try expectFound("one", "two", "live")
    #expect(sealed() == [])
  }

  /// What stands there instead: nothing, anything, or what was there before (a restore).
  @Test(arguments: ["", "no WAL", "older", "other"], [false, true])
  func `a run whose WAL was replaced brings all of it into the database`(
    replacement: String, isMet: Bool
  ) throws {
    let other = "\(taro.root)/replacement"
    switch replacement {
    case "older":
      try Files.write(Files.contents(wal), to: other)
      try taro.exec("three", "echo", "three")
    case "other":
      let program = try TaroProgram("other")
      for _ in 0..<9 { try program.exec("other", "seq", "9") }
      try Files.write(Files.contents("\(program.ledger.path)/ledger.db-wal"), to: other)
    default: try Files.write(Array(replacement.utf8), to: other)
    }
    let live = try startLive()
    try #require(rename(other, wal) == 0)
    if isMet {
      // Nobody knows yet what the live one has: kept for later.
      try taro.run("exec", "--id", "next", "echo", "next").expect(code: 0, stdout: "next\n")
        .expectOneLine(about: "kept in", "replaced or removed \(wal)")
    }
    try live.write("live\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "live\n", stderr: "")
    if isMet { try taro.run("ps").expect(code: 0, stderr: "") }
    try expectFound("one", "two", "live")
    if isMet { try expectFound("next") }
    // Put aside as it was.
    let aside = sealed()
    #expect(aside.count == (replacement.isEmpty ? 0 : 1), "\(aside)")
    #expect(aside.allSatisfy { $0.hasSuffix("-wal") })
  }
}
