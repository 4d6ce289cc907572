import Digests
internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ChainTests {
  private let payload = Digest(of: [1])
  private var plain: Event {
    Event(
      seq: 7, at: 8, mono: 9, job: "job", instance: InstanceID("0123456789abcdef"), n: 3,
      kind: .status, data: "{}", payload: nil, digest: Digest(of: []))
  }

  @Test func `the digest changes with each field`() {
    let previous = Chain.genesis(ledgerID: "a")
    func changed(
      seq: Seq = 7, at: WallTime = 8, mono: BootTime = 9, job: String? = "job",
      instance: InstanceID? = InstanceID("0123456789abcdef"), n: Int64? = 3,
      kind: EventKind = .status, data: String = "{}", payload: Digest? = nil
    ) -> Event {
      Event(
        seq: seq, at: at, mono: mono, job: job, instance: instance, n: n, kind: kind, data: data,
        payload: payload, digest: Digest(of: []))
    }
    let events = [
      changed(), changed(seq: 8), changed(at: 9), changed(at: -8), changed(mono: 10),
      changed(job: "jo"), changed(job: nil), changed(job: ""),
      changed(instance: InstanceID("0123456789abcdeg")), changed(instance: nil),
      changed(n: 4), changed(n: nil), changed(kind: .warning), changed(kind: .unknown("")),
      changed(data: "{ }"), changed(data: ""), changed(payload: payload),
      changed(payload: Digest(of: [2])),
      // What one field loses, the next gains.
      changed(job: "jobs", kind: .unknown("tatus")), changed(kind: .unknown("status{"), data: "}"),
    ]
    let digests = events.map { Chain.digest(of: $0, after: previous) }
    #expect(Set(digests).count == events.count)
    #expect(digests.first == Chain.digest(of: plain, after: previous))
    #expect(digests.first != Chain.digest(of: plain, after: Chain.genesis(ledgerID: "b")))
  }

  /// A ledger of ten events, one with output.
  private func write() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try writer.turn(durable: true) { turn throws(LedgerError) in
      for index in 0..<3 {
        let instance = Sample.newID()
        try turn.append(Sample.event(instance))
        try turn.append(Sample.event(instance, .state(.running), .object([.init("pid", 1)])))
        try turn.append(Sample.event(instance, .state(.completed)))
        guard index == 0 else { continue }
        try turn.append(Sample.event(nil, .unknown("job_disabled")))
      }
    }
    let instance = Sample.newID()
    try Sample.append(Sample.event(instance), to: writer)
    let output = Sample.chunk([UInt8](repeating: 1, count: 100))
    try Sample.append(Sample.event(instance, .output, output: output), to: writer)
  }

  private func foreign() throws -> Connection {
    try Connection(TemporaryDirectory.ledger.database, .readWrite, busyMilliseconds: 1000)
  }

  private func firstMisfit() throws -> Seq? {
    try Sample.firstMisfit(in: LedgerReader(TemporaryDirectory.ledger))
  }

  @Test func `what the code writes fits`() throws {
    try write()
    try expect(firstMisfit()) { $0 == nil }
    let reader = try LedgerReader(TemporaryDirectory.ledger)
    let head = try reader.head()
    #expect(head.seq == 12)
    try expect(reader.digest(at: 12), is: head.digest)
    try expect(reader.digest(at: 0), is: Chain.genesis(ledgerID: reader.originID))
    try expect(reader.digest(at: 13)) { $0 == nil }
  }

  @Test(arguments: [
    "UPDATE event SET at = 0 WHERE seq = 3", "UPDATE event SET seq = 100 WHERE seq = 12",
    "DELETE FROM event WHERE seq = 12", "DELETE FROM event",
    "REPLACE INTO event SELECT * FROM event WHERE seq = 3",
    "INSERT OR REPLACE INTO event SELECT 13, at, mono, job, instance, n, kind, '{}', payload, digest "
      + "FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 14, at, mono, job, NULL, NULL, kind, data, payload, digest "
      + "FROM event WHERE seq = 3",
  ])
  func `changing and deleting events is refused`(sql: String) throws {
    try write()
    let error = #expect(throws: SQLiteError.self) { try foreign().execute(sql) }
    #expect(error?.kind == .constraint)
    #expect(error?.message.hasPrefix("events are ") == true)
    try expect(firstMisfit()) { $0 == nil }
    try expect(LedgerReader(TemporaryDirectory.ledger).head().seq, is: 12)
  }

  @Test(arguments: [
    ("UPDATE event SET at = at + 1 WHERE seq = 3", 3),
    ("UPDATE event SET mono = 0 WHERE seq = 12", 12),
    ("UPDATE event SET job = NULL WHERE seq = 1", 1),
    ("UPDATE event SET kind = 'failed' WHERE seq = 3", 3),
    ("UPDATE event SET data = '{\"pid\":2}' WHERE seq = 2", 2),
    ("UPDATE event SET payload = x'00' WHERE seq = 12", 12),
    ("UPDATE event SET digest = zeroblob(32) WHERE seq = 5", 5),
    ("UPDATE event SET n = NULL, instance = NULL WHERE seq = 6", 6),
    ("DELETE FROM event WHERE seq = 4", 5),
    ("UPDATE event SET seq = -1 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 5", 4),
    ("UPDATE output SET data = zeroblob(50)", 12), ("DELETE FROM output", 12),
    ("UPDATE output SET size = 99", 12), ("UPDATE output SET runs = x'00'", 12),
  ])
  func `whoever gets past the triggers is found at the first position`(
    sql: String, seq: Seq
  ) throws {
    try write()
    try foreign().execute(
      "DROP TRIGGER event_is_never_updated; DROP TRIGGER event_is_never_deleted;" + sql)
    try expect(firstMisfit(), is: seq)
  }

  @Test func `a digest is written as 64 hexadecimal digits and read from 32 bytes alone`() {
    // FIPS 180-4's example.
    let digest = Digest(of: Array("abc".utf8))
    #expect(
      digest.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest(digest.bytes) == digest)
    #expect(Digest(digest.bytes.dropLast()) == nil)
    #expect(Digest(digest.bytes + [0]) == nil)
    #expect(
      Digest(of: []).description
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
