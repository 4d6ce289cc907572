import Digests
internal import Events
import Ledger
import Maintenance
import SQLite
import TestSupport
import Testing

/// What retention leaves behind is no cover for what others take away.
@Suite("Damage behind retention", .temporaryDirectory)
struct RetentionDamageTests {
  struct Wrong: CustomTestStringConvertible, Sendable {
    let sql: String
    let kinds: [LedgerProblem.Kind]
    var testDescription: String { sql }
  }

  /// Of a ledger in which positions 1 to 3 and 9 to 11 are dropped, and the output of the instance at 5 to 8.
  static let wrongs = [
    // More events than were dropped: before, behind, between.
    Wrong(sql: "DELETE FROM event WHERE seq = 4", kinds: [.missing]),
    Wrong(sql: "DELETE FROM event WHERE seq = 8", kinds: [.missing]),
    Wrong(sql: "DELETE FROM event WHERE seq BETWEEN 4 AND 8", kinds: [.missing]),
    // And the note of what was dropped made to fit.
    Wrong(
      sql: "UPDATE dropped SET last = 4, digest = (SELECT digest FROM event WHERE seq = 4) "
        + "WHERE first = 1; DELETE FROM event WHERE seq = 4",
      kinds: [.retained]),
    Wrong(
      sql: "DELETE FROM event WHERE seq = 8; UPDATE dropped SET first = 8 WHERE first = 9",
      kinds: [.retained]),
    Wrong(
      sql: "UPDATE dropped SET digest = zeroblob(32) WHERE first = 1", kinds: [.digest, .retained]),
    Wrong(sql: "UPDATE dropped SET first = 2 WHERE first = 1", kinds: [.missing, .retained]),
    Wrong(sql: "DELETE FROM dropped WHERE first = 9", kinds: [.missing, .retained]),
    Wrong(sql: "INSERT INTO dropped VALUES (6, 5, zeroblob(32))", kinds: [.retained]),
    Wrong(sql: "DROP TABLE dropped", kinds: [.missing, .missing, .retained]),
    // Output of others.
    Wrong(sql: "DELETE FROM output WHERE seq = 14", kinds: [.payload]),
    Wrong(sql: "UPDATE output SET data = zeroblob(50) WHERE seq = 14", kinds: [.payload]),
  ]

  private let directory = TemporaryDirectory.ledger

  private func write() throws {
    let writer = try LedgerWriter(directory)
    let ids = (1...5).map { InstanceID(createdAt: .epoch + Int64($0) * 1_000_000) }
    func run(_ instance: InstanceID, _ output: [NewEvent] = []) -> [NewEvent] {
      [Sample.event(instance), Sample.event(instance, .state(.running))] + output
        + [Sample.event(instance, .state(.completed))]
    }
    let events =
      try run(ids.at(0)) + [Sample.event(nil, .unknown("later"))]
      + run(ids.at(1), [SampleLedger.output(ids.at(1), [1], 100)]) + run(ids.at(2))
      + run(ids.at(3), [SampleLedger.output(ids.at(3), [2], 100)])
    try writer.turn(durable: true) { turn throws(LedgerError) in
      for event in events { try turn.append(event) }
    }
    let retention = Retention(writer, by: Requester())
    _ = try retention.dropNext(.output, .age, of: [ids.at(1)])
    _ = try retention.dropNext(.events, .age, of: [ids.at(0), ids.at(2)])
  }

  @Test(arguments: wrongs)
  func `is found`(wrong: Wrong) throws {
    try write()
    try expect(LedgerVerification.run(directory).problems, is: [])
    try Forgery.run(wrong.sql, on: directory)
    let found = try LedgerVerification.run(directory).problems
    #expect(found.map(\.kind) == wrong.kinds, "\(found)")
  }

  @Test func `a kept digest of a dropped event is compared where it can be, and is no alarm`()
    throws
  {
    try write()
    func verify(_ seq: Seq, _ digest: Digest) throws -> VerificationReport {
      try LedgerVerification.run(directory, against: ChainPosition(seq: seq, digest: digest))
    }
    let connection = try Connection(directory.database, .readOnly, busyMilliseconds: 1000)
    var statement = try connection.prepare("SELECT digest FROM dropped WHERE last = 11")
    try expect(statement.step(), is: true)
    let digest = try #require(Digest(statement.bytes(0)))
    try expect(verify(11, digest).isGood, is: true)
    try expect(verify(11, digest).keptIsDropped, is: false)
    try expect(verify(11, Digest(of: [])).problems.map(\.kind), is: [.against])
    let inside = try verify(10, Digest(of: []))
    #expect(inside.isGood)
    #expect(inside.keptIsDropped)
    try expect(verify(12, digest).problems.map(\.kind), is: [.against])
  }

  @Test func `recovery takes what is left and does not call it lost`() throws {
    try write()
    let target = LedgerDirectory("\(TemporaryDirectory.path)/new")
    let recovered = try LedgerRecovery.run(from: directory.path, into: target.path, by: Requester())
    #expect(recovered.counts.lost == 0)
    #expect(recovered.counts.chunksLost == 0)
    // All but two runs of three events, and the two that tell of the dropping.
    #expect(recovered.counts.read == 9)
    #expect(recovered.lastGood?.seq == 17)
    try expect(LedgerVerification.run(target).problems, is: [])
    let events = try LedgerReader(target).events(after: 0, limit: 100)
    #expect(!events.contains { $0.kind == .retained })
    let gap = try #require(events.first { $0.kind == .outputGap })
    #expect(gap.json["reason"]?.string == "dropped by retention")
    #expect(events.count { $0.kind == .output } == 1)
  }
}
