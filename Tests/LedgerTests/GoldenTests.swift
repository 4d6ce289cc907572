internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Ledgers that released versions have written: each stays readable, event for event and byte for byte.
@Suite(.temporaryDirectory) struct GoldenTests {
  private static func folder(_ version: String) -> String {
    Repository.path("Tests/LedgerTests/Golden/\(version)")
  }

  /// A copy: reading makes files beside the database.
  private func open(_ version: String) throws -> LedgerDirectory {
    let directory = TemporaryDirectory.ledger
    #expect(mkdir(directory.path, 0o700) == 0)
    let golden = "\(Self.folder(version))/ledger.db"
    try Files.write(try Files.contents(golden), to: directory.database)
    return directory
  }

  @Test(arguments: ["v1"])
  func `every event is read as it was written and the chain fits`(version: String) throws {
    let reader = try LedgerReader(open(version))
    let lines = try Files.lines("\(Self.folder(version))/events.jsonl")
    try expect(reader.events(after: 0, limit: 1000).map(EventLine.text), is: lines)
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
  }

  @Test(arguments: ["v1"])
  func `every byte of output is read as it was written`(version: String) throws {
    let reader = try LedgerReader(open(version))
    for line in try Files.lines("\(Self.folder(version))/output.jsonl") {
      let expected = try JSON(parsing: line)
      let instance = try #require(expected["instance"]?.string.flatMap { InstanceID($0) })
      let n = try #require(expected["n"]?.integer)
      let pieces = try reader.output(of: instance, after: n - 1, before: n + 1, limit: 1)
      let chunk = try #require(pieces.first?.chunk)
      #expect(hexadecimal(chunk.bytes(of: .stdout)) == expected["stdout"]?.string)
      #expect(hexadecimal(chunk.bytes(of: .stderr)) == expected["stderr"]?.string)
      let runs = chunk.runs.map { run in
        JSON.object([
          .init("stream", run.stream == .stdout ? "stdout" : "stderr"),
          .init("offset", .integer(run.offset)), .init("length", .integer(Int64(run.length))),
        ])
      }
      #expect(expected["runs"] == .array(runs))
    }
  }

  @Test(arguments: ["v1"])
  func `it can be appended to`(version: String) throws {
    let writer = try LedgerWriter(open(version))
    let last = try writer.reader.head().seq
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer, durable: true), is: last + 1)
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
