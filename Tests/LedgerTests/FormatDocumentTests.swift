import Digests
internal import Events
import SQLite
import TestSupport
import Testing

@testable import Ledger

/// docs/format.md against the code.
@Suite(.temporaryDirectory) struct FormatDocumentTests {
  /// The lines of the fenced block with that word behind its opening fence.
  private func block(_ name: String) throws -> [String] {
    let lines = try Files.lines(Repository.path("docs/format.md"))
    let start = try #require(lines.firstIndex(of: "```\(name)"))
    return Array(lines[(start + 1)...].prefix { $0 != "```" })
  }

  private func bytes(_ lines: [String]) -> [UInt8] {
    let digits = lines.joined().compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  @Test func `the worked example of the chain is what the code computes`() throws {
    let lines = try block("chain").map { try JSON(parsing: $0) }
    #expect(lines.count == 4)
    let id = try #require(lines.first?["ledger_id"]?.string)
    var previous = Chain.genesis(ledgerID: id)
    #expect(previous.description == lines.first?["digest"]?.string)
    for line in lines.dropFirst() {
      let payload = line["payload"]?.string.flatMap { Digest(bytes([$0])) }
      let event = Event(
        seq: try #require(line["seq"]?.seq), at: try #require(line["at"]?.wallTime),
        mono: try #require(line["mono"]?.bootTime), job: line["job"]?.string,
        instance: line["instance"]?.string.flatMap { InstanceID($0) }, n: line["n"]?.integer,
        kind: EventKind(name: line["kind"]?.string ?? ""), data: line["data"]?.string ?? "",
        payload: payload, digest: previous)
      previous = Chain.digest(of: event, after: previous)
      #expect(previous.description == line["digest"]?.string)
    }
    #expect(Digest(of: bytes(try block("bytes"))) == previous)
  }

  @Test func `the example of runs is what the code writes`() throws {
    let runs = [
      OutputSegment(stream: .stdout, offset: 0, length: 560),
      OutputSegment(stream: .stderr, offset: 1500, length: 28),
      OutputSegment(stream: .stdout, offset: 20_000, length: 532),
    ]
    #expect(bytes(try block("runs")) == SegmentCodec.encode(runs))
  }

  @Test func `the example of its queue's file is what the code writes`() throws {
    let digests = try block("chain").dropFirst().compactMap { line -> ChainPosition? in
      let json = try JSON(parsing: line)
      guard let seq = json["seq"]?.seq,
        let digest = Digest(hexadecimal: json["digest"]?.string ?? "")
      else { return nil }
      return ChainPosition(seq: seq, digest: digest)
    }
    let (second, third) = (try #require(digests.dropFirst().first), try #require(digests.last))
    let place = NotedPlace(
      file: LedgerFile(inode: 1_234_567, madeAt: 1_795_358_400_000_000_000),
      session: 0x0123_4567_89ab_cdef)
    let directory = TemporaryDirectory.ledger
    try directory.prepare()
    let file = try QueueFile(making: directory)
    file.note(third, of: place)
    try file.noteDurable(second, of: place, file.read())
    file.note(WALFiles(wal: 1_234_568, index: 1_234_569))
    try expect(Files.contents(directory.queue), is: bytes(block("lock")))
  }

  @Test func `the document names every column of the schema and the ids in its header`() throws {
    let text = try Files.text(Repository.path("docs/format.md"))
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try writer.turn(durable: false) { _ throws(LedgerError) in
      do throws(SQLiteError) { try RedactedRows.prepare(writer.reader.connection) } catch {
        throw LedgerError(error, "")
      }
    }
    let connection = try Connection(
      TemporaryDirectory.ledger.database, .readOnly, busyMilliseconds: 0)
    var columns = try connection.prepare(
      """
      SELECT c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table'
      """)
    var count = 0
    while try columns.step() {
      #expect(text.contains("`\(columns.text(0))`"), "\(columns.text(0))")
      count += 1
    }
    #expect(count == 22)
    let application = try connection.integer("PRAGMA application_id")
    #expect(text.contains("`application_id` is \(application) "))
    try expect(connection.integer("PRAGMA user_version"), is: 1)
    #expect(writer.reader.ledgerID.utf8.count == 32)
  }
}
