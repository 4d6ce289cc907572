internal import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@testable import Projections

/// SQLite notices few of the bytes that a disk gives back wrongly; the checksums of the pages notice each.
@Suite("Projections with a flipped byte", .temporaryDirectory)
struct FlippedByteTests {
  private let directory = TemporaryDirectory.ledger

  /// Everything that is asked by other ways than by walking through all rows.
  private struct Answers: Equatable {
    var records: [InstanceRecord] = []
    var counts: [Int64] = []
    var names: [InstanceID?] = []
    var statistics: [JobStatistics] = []
  }

  private func answers() throws -> Answers {
    let store = try ProjectionStore(LedgerReader(directory))
    var answers = Answers()
    for include in InstanceQuery.Include.allCases {
      for order in InstanceQuery.Order.allCases {
        var query = InstanceQuery(include)
        query.order = order
        answers.records += try store.records(query)
        answers.counts.append(try store.count(query))
      }
    }
    for job in try store.jobs(withPrefix: "", limit: 100) {
      let newest = try store.newest(ofJob: job)
      answers.names.append(newest?.instance)
      if let newest { answers.names.append(try store.record(of: newest.instance)?.instance) }
    }
    answers.statistics = try store.statistics(InstanceQuery(.ended))
    return answers
  }

  @Test func `answer rightly, whichever it is`() throws {
    let writer = try LedgerWriter(directory)
    var corpus = Corpus(for: "flipped bytes")
    try corpus.append(150, to: writer)
    let expected = try answers()
    let bytes = try wholeFile()
    // No multiple of it is a page: all places in one come round.
    for place in stride(from: 0, to: bytes.count, by: 1499) {
      var flipped = bytes
      flipped[place] ^= UInt8(1 << (place % 8))
      for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
      try Files.write(flipped, to: directory.projections)
      let found = try answers()
      try #require(found == expected, "byte \(place)")
    }
  }

  /// The file after a checkpoint, with nothing of it in a WAL.
  private func wholeFile() throws -> [UInt8] {
    let store = try ProjectionStore(LedgerReader(directory))
    try store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return try Files.contents(directory.projections)
  }

  @Test func `are made anew in the file, and not beside it`() throws {
    let writer = try LedgerWriter(directory)
    var corpus = Corpus(for: "flipped byte, once")
    try corpus.append(150, to: writer)
    let expected = try answers()
    var bytes = try wholeFile()
    bytes[bytes.count / 2] ^= 4
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    try Files.write(bytes, to: directory.projections)
    let store = try ProjectionStore(LedgerReader(directory))
    try expect(Fold.state(of: store)) { !$0.isEmpty }
    #expect(store.isInFile)
    try expect(answers(), is: expected)
    try expect(ProjectionComparison.run(writer.reader, limit: 5)) {
      if case .equal = $0 { true } else { false }
    }
  }

  @Test func `of a version without checksums are made anew, while another has the file open`()
    throws
  {
    let writer = try LedgerWriter(directory)
    var corpus = Corpus(for: "no checksums")
    try corpus.append(150, to: writer)
    let expected = try answers()
    for suffix in ["", "-wal", "-shm"] { unlink(directory.projections + suffix) }
    let old = try OldFile(directory.projections)
    try expect(answers(), is: expected)
    // The same file.
    try old.expectVersion(InstanceRecord.version)
    try expect(answers(), is: expected)
  }
}

/// A projection file as taro made it before there were checksums, open.
private struct OldFile: ~Copyable {
  private let connection: Connection

  init(_ path: String) throws {
    let connection = try Connection(path, .create, busyMilliseconds: 1000)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL; CREATE TABLE instance (job TEXT); CREATE TABLE checkpoint (seq INTEGER);
      CREATE TABLE boot (id INTEGER); INSERT INTO instance VALUES ('old'); PRAGMA user_version = 7;
      PRAGMA wal_checkpoint(TRUNCATE)
      """)
    self.connection = connection
  }

  func expectVersion(_ version: Int64) throws {
    try expect(connection.integer("PRAGMA user_version"), is: version)
  }
}
