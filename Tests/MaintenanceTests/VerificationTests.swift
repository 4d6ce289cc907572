import Digests
internal import Events
import Glibc
import Ledger
import Maintenance
import SQLite
import TestSupport
import Testing

@Suite("Verifying a ledger", .temporaryDirectory)
struct VerificationTests {
  private let directory = TemporaryDirectory.ledger

  private func verify(against: ChainPosition? = nil) throws -> VerificationReport {
    try LedgerVerification.run(directory, against: against)
  }

  @Test func `what the code writes is good`() throws {
    try SampleLedger.write(to: directory)
    let report = try verify()
    #expect(report.problems == [])
    #expect(report.isGood)
    #expect(report.events == 11)
    #expect(report.chunks == 2)
    #expect(report.bytes == 200)
    #expect(report.trustworthyUpTo == 11)
    #expect(report.badPayloads == 0)
    let reader = try LedgerReader(directory)
    #expect(report.ledgerID == reader.ledgerID)
    let head = try reader.head()
    #expect(report.head == ChainPosition(seq: head.seq, digest: head.digest))
  }

  @Test func `an empty ledger and no ledger`() throws {
    #expect(throws: LedgerError.self) { try verify() }
    _ = try LedgerWriter(directory)
    let report = try verify()
    #expect(report.isGood)
    #expect(report.events == 0)
    #expect(report.head?.seq == 0)
  }

  /// What is done, whether the digests are made to fit, and what has to be found first.
  struct Wrong: CustomTestStringConvertible, Sendable {
    let sql: String
    var rechains = false
    let kind: LedgerProblem.Kind
    let seq: Seq?
    /// Found beside it, in the same order.
    var also: [LedgerProblem.Kind] = []

    var testDescription: String { sql }
  }

  static let wrongs = [
    Wrong(sql: "DELETE FROM event WHERE seq = 4", kind: .missing, seq: 4),
    Wrong(sql: "DELETE FROM event WHERE seq BETWEEN 2 AND 6", kind: .missing, seq: 2),
    Wrong(sql: "UPDATE event SET at = at + 1 WHERE seq = 3", kind: .digest, seq: 3),
    Wrong(sql: "UPDATE event SET job = NULL WHERE seq = 1", kind: .digest, seq: 1),
    Wrong(sql: "UPDATE event SET digest = zeroblob(32) WHERE seq = 5", kind: .digest, seq: 5),
    Wrong(sql: "UPDATE event SET digest = x'00' WHERE seq = 5", kind: .malformed, seq: 5),
    Wrong(
      sql: "UPDATE event SET payload = x'00' WHERE seq = 7", kind: .malformed, seq: 7),
    Wrong(
      sql: "UPDATE event SET instance = 'x' WHERE seq = 11", rechains: true, kind: .malformed,
      seq: 11),
    Wrong(
      sql: "UPDATE event SET instance = NULL WHERE seq = 11", rechains: true, kind: .malformed,
      seq: 11),
    Wrong(
      sql: "UPDATE event SET kind = 'output' WHERE seq = 11", rechains: true, kind: .malformed,
      seq: 11),
    Wrong(
      sql: "UPDATE event SET data = '[]' WHERE seq = 11", rechains: true, kind: .malformed, seq: 11),
    Wrong(
      sql: "UPDATE event SET seq = 0 WHERE seq = 1", kind: .missing, seq: 1, also: [.malformed]),
    Wrong(sql: "UPDATE output SET data = zeroblob(50) WHERE seq = 7", kind: .payload, seq: 7),
    Wrong(sql: "UPDATE output SET size = 99 WHERE seq = 8", kind: .payload, seq: 8),
    Wrong(sql: "UPDATE output SET runs = x'00' WHERE seq = 7", kind: .payload, seq: 7),
    Wrong(sql: "DELETE FROM output WHERE seq = 7", kind: .payload, seq: 7),
    Wrong(
      sql: "UPDATE output SET data = (SELECT data FROM output WHERE seq = 8) WHERE seq = 7",
      kind: .payload, seq: 7),
    Wrong(
      sql: "UPDATE event SET data = '{\"stdout\":1,\"stderr\":99}' WHERE seq = 7", rechains: true,
      kind: .payload, seq: 7),
    Wrong(
      sql: "UPDATE event SET payload = NULL, kind = 'status' WHERE seq = 7", rechains: true,
      kind: .strayOutput, seq: 7),
    Wrong(
      sql: "INSERT INTO output VALUES (99, 0, 0, x'', x'')", kind: .strayOutput, seq: nil),
    Wrong(
      sql: "UPDATE event SET n = 7 WHERE seq = 3", rechains: true, kind: .instanceOrder, seq: 3),
    Wrong(
      sql: "UPDATE event SET kind = 'status' WHERE seq = 10", rechains: true,
      kind: .instanceOrder, seq: 10),
    Wrong(
      sql: "UPDATE event SET kind = 'status' WHERE seq = 2", rechains: true, kind: .transition,
      seq: 3),
    Wrong(
      sql: "UPDATE event SET kind = 'skipped' WHERE seq = 2", rechains: true, kind: .afterEnd,
      seq: 3),
    Wrong(
      sql: "UPDATE event SET n = 9 WHERE seq = 3; UPDATE bare SET n = 3 WHERE seq = 3",
      kind: .index, seq: 3),
    Wrong(sql: "PRAGMA application_id = 7", kind: .schema, seq: nil),
  ]

  @Test(arguments: wrongs)
  func `each thing that is wrong is named at its position`(wrong: Wrong) throws {
    try SampleLedger.write(to: directory)
    try Forgery.run(wrong.sql, on: directory, rechains: wrong.rechains)
    let report = try verify()
    #expect(report.problems.map(\.kind) == [wrong.kind] + wrong.also, "\(report.problems)")
    #expect(report.problems.first?.seq == wrong.seq)
    let isOfEvents = ![.payload, .strayOutput, .index, .schema].contains(wrong.kind)
    #expect(report.trustworthyUpTo == (isOfEvents ? (wrong.seq ?? 0) - Int64(1) : 11))
    #expect(report.badPayloads == (wrong.kind == .payload ? 1 : 0))
  }

  @Test func `a guard that is gone is missed`() throws {
    try SampleLedger.write(to: directory)
    try Connection(directory.database, .readWrite, busyMilliseconds: 1000).execute(
      "DROP TRIGGER event_is_never_deleted")
    try expect(verify().problems.map(\.kind), is: [.schema])
  }

  @Test func `of many problems so many are kept, and all are counted`() throws {
    try SampleLedger.write(to: directory)
    try Forgery.run("UPDATE event SET mono = mono + seq", on: directory)
    let report = try LedgerVerification.run(directory, limit: 3)
    #expect(report.problems.map(\.seq) == [1, 2, 3])
    #expect(report.problemCount == 11)
    #expect(report.trustworthyUpTo == 0)
  }

  @Test func `a digest that was kept elsewhere proves that nothing was rewritten`() throws {
    try SampleLedger.write(to: directory)
    let reader = try LedgerReader(directory)
    for seq: Seq in [0, 1, 7, 11] {
      let kept = ChainPosition(seq: seq, digest: try #require(try reader.digest(at: seq)))
      try expect(verify(against: kept).isGood, is: true)
      #expect(ChainPosition(kept.description) == kept)
    }
    let kept = ChainPosition(seq: 7, digest: try #require(try reader.digest(at: 7)))
    // All of it fits, and only the digest that was kept tells.
    try Forgery.run(
      "UPDATE event SET data = '{\"pid\":2}' WHERE seq = 2", on: directory, rechains: true)
    try expect(verify().isGood, is: true)
    let report = try verify(against: kept)
    #expect(report.problems.map(\.kind) == [.against])
    #expect(report.problems.first?.seq == 7)
    #expect(report.trustworthyUpTo == 0)
  }

  @Test func `a kept position that is not there is a problem`() throws {
    try SampleLedger.write(to: directory)
    let report = try verify(against: ChainPosition(seq: 12, digest: Digest(of: [])))
    #expect(report.problems.map(\.kind) == [.against])
    #expect(report.problems.first?.text.contains("ends at 11") == true)
    try Forgery.run("DELETE FROM event WHERE seq = 4", on: directory)
    let other = try verify(against: ChainPosition(seq: 4, digest: Digest(of: [])))
    #expect(other.problems.map(\.kind) == [.missing, .against])
  }

  @Test(arguments: ["", "@", "00@1", "\(Digest(of: []))@", "\(Digest(of: []))@-1", "x@1@2"])
  func `other texts are no position`(text: String) {
    #expect(ChainPosition(text) == nil)
  }

  @Test func `it looks up to the head at the start while others write`() throws {
    try SampleLedger.write(to: directory)
    let writer = try LedgerWriter(directory)
    var appended = 0
    let report = try LedgerVerification.run(directory) { _ in
      if (try? Sample.append(Sample.event(Sample.newID()), to: writer)) != nil { appended += 1 }
    }
    #expect(appended > 0)
    #expect(report.isGood)
    #expect(report.events == 11)
    try expect(verify().events, is: 11 + Int64(appended))
  }

  @Test func `behind a page that cannot be read it goes on`() throws {
    let writer = try LedgerWriter(directory)
    try writer.turn(durable: true) { turn throws(LedgerError) in
      for _ in 0..<500 { try turn.append(Sample.event(nil, .unknown("later"))) }
    }
    _ = consume writer
    try Forgery.putIntoOneFile(directory)
    var bytes = try Files.contents(directory.database)
    // A leaf of the events' table: its first byte is 13, and it holds rows of this kind.
    let pages = stride(from: 4096, to: bytes.count, by: 4096).filter {
      bytes[$0] == 13 && bytes[($0 + 4000)..<($0 + 4096)].contains(Array("later".utf8))
    }
    let page = pages[pages.count / 2]
    for index in page..<(page + 4096) { bytes[index] = 0xff }
    try Files.write(bytes, to: directory.database)
    let report = try verify()
    #expect(report.problems.first?.kind == .unreadable)
    let hole = try #require(report.problems.first)
    let (first, last) = try (#require(hole.seq), #require(hole.lastSeq))
    #expect(first > 1)
    #expect(last < 500)
    #expect(last > first)
    #expect(report.events == 500 - (last - first + 1))
    #expect(report.trustworthyUpTo == first - 1)
    // The first behind the hole has nothing to prove it.
    #expect(report.fittingBehind == 500 - last - 1)
  }

  @Test func `what is no database at all is damage, not a crash`() throws {
    try SampleLedger.write(to: directory)
    try Forgery.putIntoOneFile(directory)
    try Files.write([UInt8](repeating: 1, count: 9000), to: directory.database)
    let report = try verify()
    #expect(report.problems.map(\.kind) == [.schema])
    #expect(report.head == nil)
    #expect(report.trustworthyUpTo == 0)
  }

  @Test func `golden ledgers are good`() throws {
    #expect(mkdir(directory.path, 0o700) == 0)
    let golden = Repository.path("Tests/LedgerTests/Golden/v1/ledger.db")
    try Files.write(try Files.contents(golden), to: directory.database)
    try expect(verify().problems, is: [])
  }
}
