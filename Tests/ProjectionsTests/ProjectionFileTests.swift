internal import Events
import Glibc
import Ledger
import Linux
import SQLite
import TestSupport
import Testing

@testable import Projections

@Suite("A projection file", .temporaryDirectory)
struct ProjectionFileTests {
  private let writer: LedgerWriter
  private let expected: [InstanceRecord]
  private let directory = TemporaryDirectory.ledger

  init() throws {
    writer = try LedgerWriter(directory)
    var corpus = Corpus(for: "projection file")
    try corpus.append(400, to: writer)
    expected = try Fold.pure(writer.reader)
    try expect(state(), is: expected)
  }

  /// What a store that is opened now answers.
  private func state() throws -> [InstanceRecord] {
    try Fold.state(of: ProjectionStore(LedgerReader(directory)))
  }

  private func change(_ sql: String) throws {
    try Connection(directory.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
      .execute(sql)
  }

  /// The next who asks has nothing to fold.
  private func expectMended() throws {
    let file = try Connection(directory.projections, .readOnly, busyMilliseconds: 0)
    let (folded, head) = (try file.integer("SELECT seq FROM checkpoint"), try writer.reader.head())
    #expect(folded == head.seq.number)
  }

  /// Puts the whole file on disk without a WAL, where its bytes can be damaged.
  private func fold() throws { try change("PRAGMA wal_checkpoint(TRUNCATE)") }

  @Test func `that is deleted is made again, private to its owner`() throws {
    for suffix in ["", "-wal", "-shm"] { unlink(directory.projections + suffix) }
    try expect(state(), is: expected)
    #expect(Files.mode(directory.projections) == 0o600)
  }

  @Test func `that loses its WAL alone is brought up again`() throws {
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    try expect(state(), is: expected)
  }

  @Test func `of another ledger is rebuilt`() throws {
    let other = LedgerDirectory(TemporaryDirectory.path + "/other")
    let otherWriter = try LedgerWriter(other)
    var corpus = Corpus(for: "other ledger")
    try corpus.append(700, to: otherWriter)
    _ = try Fold.state(of: ProjectionStore(LedgerReader(other)))
    // Closed by its last user, the file has no WAL.
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    try Files.write(Files.contents(other.projections), to: directory.projections)
    try expect(state(), is: expected)
  }

  @Test(arguments: [
    "UPDATE checkpoint SET digest = zeroblob(32)", "UPDATE checkpoint SET digest = x'00'",
    "UPDATE checkpoint SET seq = seq + 1000", "UPDATE checkpoint SET seq = seq - 1",
    "UPDATE checkpoint SET ledger_id = 'other'", "DELETE FROM checkpoint",
    "PRAGMA user_version = 0", "PRAGMA user_version = 4711",
  ])
  func `whose checkpoint does not fit is rebuilt`(sql: String) throws {
    // Whoever believes the checkpoint answers this.
    try change("UPDATE instance SET job = 'forged', status = NULL, lines = lines + 1; \(sql)")
    try expect(state(), is: expected)
    try expect(state(), is: expected)
  }

  @Test(arguments: [
    "DROP TABLE instance", "DROP TABLE checkpoint",
    "ALTER TABLE instance RENAME COLUMN job TO work",
    "DROP TABLE instance; CREATE TABLE instance (created_seq INTEGER PRIMARY KEY CHECK (0))",
  ])
  func `with another schema under the right version is rebuilt`(sql: String) throws {
    try change(sql)
    try expect(state(), is: expected)
    try expectMended()
  }

  @Test(arguments: [1, 100, 5000, 100_000])
  func `of garbage is rebuilt`(size: Int) throws {
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    try Files.write(Files.randomBytes(size), to: directory.projections)
    try expect(state(), is: expected)
    try expectMended()
  }

  @Test func `of no bytes is made again`() throws {
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    try Files.write([], to: directory.projections)
    try expect(state(), is: expected)
  }

  @Test
  func `that is damaged behind its first page is rebuilt when a query meets the damage`() throws {
    try fold()
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    var bytes = try Files.contents(directory.projections)
    try #require(bytes.count > 3 * 4096)
    bytes.replaceSubrange(4096..., with: try Files.randomBytes(bytes.count - 4096))
    try Files.write(bytes, to: directory.projections)
    try expect(state(), is: expected)
  }

  @Test func `that is cut off is rebuilt`() throws {
    try fold()
    for suffix in ["-wal", "-shm"] { unlink(directory.projections + suffix) }
    let bytes = try Files.contents(directory.projections)
    try Files.write(Array(bytes[..<(bytes.count / 2 / 4096 * 4096)]), to: directory.projections)
    try expect(state(), is: expected)
  }

  @Test func `that cannot be opened is done without, and a store that is open goes on`() throws {
    for suffix in ["", "-wal", "-shm"] { unlink(directory.projections + suffix) }
    try #require(mkdir(directory.projections, 0o700) == 0)
    let store = try ProjectionStore(LedgerReader(directory))
    try expect(Fold.state(of: store), is: expected)
    try History.append("0000000000000zzz", .running, to: writer)
    try expect(Fold.state(of: store), is: Fold.pure(writer.reader))
  }

  @Test func `that its owner may not write is done without, up to date or behind`() async {
    await #expect(processExitsWith: .success) {
      // For root every file can be written.
      if geteuid() == 0 { try #require(setuid(65534) == 0) }
      let path = try Files.makeTemporaryDirectory()
      defer { Files.removeTree(path) }
      let directory = LedgerDirectory("\(path)/ledger")
      let writer = try LedgerWriter(directory)
      var corpus = Corpus(for: "read-only")
      for _ in 0..<2 {
        try corpus.append(300, to: writer)
        let expected = try Fold.pure(writer.reader)
        let state = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
        try #require(state == expected)
        for suffix in ["", "-wal", "-shm"] { chmod(directory.projections + suffix, 0o400) }
        let readOnly = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
        try #require(readOnly == expected)
      }
      try #require(Files.mode(directory.projections) == 0o400)
      for suffix in ["", "-wal", "-shm"] { unlink(directory.projections + suffix) }
      chmod(directory.path, 0o500)
      let expected = try Fold.pure(writer.reader)
      let missing = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
      try #require(missing == expected)
      chmod(directory.path, 0o700)
    }
  }

  @Test func `that many catch up at once holds every event once`() throws {
    for suffix in ["", "-wal", "-shm"] { unlink(directory.projections + suffix) }
    let directory = directory
    let count = 6
    var corpus = Corpus(for: "many at once")
    for _ in 0..<3 {
      try corpus.append(300, to: writer)
      let answers = Monitor<[[InstanceRecord]?]>([])
      var threads: [Signalled] = []
      for _ in 0..<count {
        let done = try Signalled()
        threads.append(done)
        _ = try WorkerThread {
          do {
            let state = try Fold.state(of: ProjectionStore(LedgerReader(directory)))
            answers.change { $0.append(state) }
          } catch {
            answers.change { $0.append(nil) }
          }
          done.succeed()
        }
      }
      for thread in threads { #expect(thread.happens(withinMilliseconds: 60_000)) }
      let expected = try Fold.pure(writer.reader)
      answers.change { answers in
        #expect(answers.count == count)
        for answer in answers { #expect(answer == expected) }
      }
    }
  }
}
