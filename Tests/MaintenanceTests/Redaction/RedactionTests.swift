import Events
import Ledger
import Maintenance
import SQLite
import TestSupport
import Testing

@Suite("Redaction of a ledger", .temporaryDirectory)
struct RedactionTests {
  /// As it was kept, of an earlier version: it has no table for this.
  private func golden() throws -> LedgerDirectory {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)/golden")
    try directory.prepare()
    try Files.write(
      Files.contents(Repository.path("Tests/LedgerTests/Golden/v1/ledger.db")),
      to: directory.database)
    return directory
  }

  private func plan(_ reader: LedgerReader) throws -> RedactionPlan {
    for event in try reader.events(after: 0, limit: .max) where event.kind.isTerminal {
      let instance = try #require(event.instance)
      let output = try reader.outputBatch(of: instance, after: 0, upTo: .max, limit: 1, bytes: 1)
      guard let piece = output.pieces.first, case .chunk(let chunk) = piece.content,
        let run = chunk.runs.first
      else { continue }
      let created = try #require(try reader.events(of: instance, limit: 1).first)
      var plan = RedactionPlan(job: event.job ?? "", instance: instance, keepsLength: false)
      let payload = try #require(
        try reader.events(of: instance, withOutput: true, limit: .max)
          .first { $0.n == piece.n }?.payload)
      plan.cut(
        OutputCuts.Cut(0..<min(2, run.length), Array("[redacted]".utf8)), of: piece.n,
        payload: payload)
      plan.change(created, to: #"{"command":["[redacted]"]}"#)
      plan.places = 2
      return plan
    }
    throw Missing()
  }

  private struct Missing: Error {}

  @Test func `one of an earlier version is redacted, and stays good`() throws {
    let directory = try golden()
    let writer = try LedgerWriter(directory)
    let head = try writer.reader.head()
    let plan = try plan(writer.reader)
    #expect(
      try RedactionExecution.carryOut(plan, through: writer, by: .thisProcess())
        == .done(events: 2))
    #expect(try writer.reader.needsCleaning())
    #expect(try LedgerCleaning.run(writer, until: .now))
    #expect(try !writer.reader.needsCleaning())
    let report = try LedgerVerification.run(
      directory, against: ChainPosition(seq: head.seq, digest: head.digest))
    #expect(report.isGood, "\(report.problems)")
    #expect(report.redacted == 2)
    let output = try writer.reader.outputBatch(
      of: plan.instance, after: 0, upTo: .max, limit: 1, bytes: 1)
    guard case .chunk(let chunk)? = output.pieces.first?.content else {
      Issue.record("it is not there")
      return
    }
    #expect(chunk.bytes.starts(with: Array("[redacted]".utf8)))
    // What it was made of is there no more.
    #expect(
      try RedactionExecution.carryOut(plan, through: writer, by: .thisProcess())
        == .changedMeanwhile)
  }

  @Test func `what is forged is found`() throws {
    let directory = try golden()
    do {
      let writer = try LedgerWriter(directory)
      let plan = try plan(writer.reader)
      _ = try RedactionExecution.carryOut(plan, through: writer, by: .thisProcess())
      #expect(try LedgerCleaning.run(writer, until: .now))
    }
    let seq = try #require(
      try LedgerReader(directory).redactions().sorted.first?.seq)
    let forged = [
      "UPDATE event SET at = at + 1 WHERE seq = \(seq)",
      "UPDATE event SET data = '{}' WHERE seq = \(seq)",
      "UPDATE event SET data = '{}' WHERE seq = \(seq.number + 1)",
      "UPDATE event SET data = replace(data, ',\"places\":2', ',\"places\":3') WHERE kind = 'redacted'",
      "UPDATE redacted SET by_seq = by_seq - 1",
      "INSERT INTO redacted SELECT MAX(seq) - 1, MAX(seq) FROM event",
      "DELETE FROM redacted WHERE seq = \(seq)",
      "DROP TABLE redacted; CREATE TABLE redacted (seq INTEGER PRIMARY KEY, by_seq INTEGER NOT NULL) STRICT",
    ]
    for sql in forged {
      let copy = LedgerDirectory("\(TemporaryDirectory.path)/copy")
      Files.removeTree(copy.path)
      try copy.prepare()
      try Files.write(Files.contents(directory.database), to: copy.database)
      try Forgery.run(sql, on: copy)
      #expect(try !LedgerVerification.run(copy).isGood, "\(sql)")
    }
  }

  @Test func `cuts lie within runs, and what is cut wholly is gone`() throws {
    let bytes = Array("one two!".utf8)
    let encoded = bytes.withUnsafeBytes {
      EncodedOutput(
        $0,
        runs: [
          OutputSegment(stream: .stdout, offset: 0, length: 4),
          OutputSegment(stream: .stderr, offset: 5, length: 3),
          OutputSegment(stream: .stdout, offset: 9, length: 1),
        ])
    }
    let chunk = try #require(
      StoredChunk(
        codec: encoded.codec.rawValue, size: 8, runs: encoded.runs, data: encoded.data
      ).decoded)
    var cuts = OutputCuts()
    cuts.add(.init(4..<7, []))
    cuts.add(.init(0..<3, Array("#".utf8)))
    let new = try #require(cuts.applied(to: chunk))
    #expect(new.bytes == Array("# !".utf8))
    #expect(
      new.runs == [
        OutputSegment(stream: .stdout, offset: 0, length: 2),
        OutputSegment(stream: .stdout, offset: 9, length: 1),
      ])
    cuts.add(.init(7..<9, []))
    #expect(cuts.applied(to: chunk) == nil)
  }
}
