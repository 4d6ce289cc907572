internal import Events
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct CheckpointTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private var walBytes: Int { Files.size("\(directory.database)-wal") }

  /// Appends chunks of 256 KiB that LZ4 makes no smaller; returns the largest WAL seen.
  private func append(_ count: Int, to instance: InstanceID, _ writer: LedgerWriter) throws -> Int {
    var largest = 0
    for _ in 0..<count {
      let chunk = Sample.chunk(try Files.randomBytes(256 << 10))
      try Sample.append(Sample.event(instance, .output, output: chunk), to: writer)
      largest = max(largest, walBytes)
    }
    return largest
  }

  @Test func `the WAL stays small while much is appended and nothing is lost`() throws {
    let writer = try LedgerWriter(directory)
    let instance = Sample.newID()
    try Sample.append(Sample.event(instance), to: writer)
    let largest = try append(180, to: instance, writer)
    #expect(largest > 16 << 20)
    #expect(largest < 24 << 20)
    #expect(Files.size(directory.database) > 20 << 20)
    let reader = try LedgerReader(directory)
    try expect(reader.head().seq, is: 181)
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
  }

  @Test func `a reader in the middle of a transaction holds up no append`() throws {
    let writer = try LedgerWriter(directory)
    let instance = Sample.newID()
    try Sample.append(Sample.event(instance), to: writer)
    let reader = try Connection(directory.database, .readOnly, busyMilliseconds: 0)
    try reader.execute("BEGIN")
    try expect(reader.integer("SELECT count(*) FROM event"), is: 1)

    let grown = try append(100, to: instance, writer)
    #expect(grown > 24 << 20, "the reader still needs the old pages")
    try expect(writer.reader.head().seq, is: 101)
    try expect(reader.integer("SELECT count(*) FROM event"), is: 1)

    try reader.execute("COMMIT")
    let largest = try append(100, to: instance, writer)
    #expect(largest < grown + (2 << 20), "the WAL is used again from its beginning")
    try expect(reader.integer("SELECT count(*) FROM event"), is: 201)
    try expect(Sample.firstMisfit(in: LedgerReader(directory))) { $0 == nil }
  }

  @Test func `closing leaves the WAL as it is`() throws {
    try writeAndClose()
    let bytes = walBytes
    #expect(bytes > 0)
    try expect(LedgerReader(directory).head().seq, is: 1)
    #expect(walBytes == bytes)
  }

  private func writeAndClose() throws {
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
  }

  @Test func `a ledger goes on after a foreign program has removed the WAL`() throws {
    try writeAndClose()
    let foreign = try Connection(directory.database, .readWrite, busyMilliseconds: 0)
    try expect(foreign.integer("PRAGMA wal_checkpoint(TRUNCATE)"), is: 0)
    #expect(walBytes == 0)
    try writeAndClose()
    let reader = try LedgerReader(directory)
    try expect(reader.head().seq, is: 2)
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
  }
}
