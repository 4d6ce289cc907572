import SQLite
import TestSupport
import Testing

/// Whoever asks the index of a WAL wants to know whether the file has all of it: one byte too few is found, and none is
/// asked for that is not there.
@Suite("The index of a WAL", .temporaryDirectory)
struct WALIndexTests {
  @Test(arguments: [512, 1024, 4096, 65536])
  func `tells how long the file is, whatever the pages' size`(pageBytes: Int) throws {
    let path = "\(TemporaryDirectory.path)/t.db"
    let connection = try Connection(path, .create, busyMilliseconds: 0)
    try connection.execute(
      "PRAGMA page_size = \(pageBytes); PRAGMA journal_mode = WAL; CREATE TABLE t (a);"
        + "INSERT INTO t VALUES (1)")
    let found = connection.walIndex
    let index = try #require(found)
    #expect(index.pageBytes == pageBytes)
    #expect(index.pages > 0)
    #expect(index.walBytes == Files.size("\(path)-wal"))
    let wal = try Files.contents("\(path)-wal")
    #expect(index.salts == Array(wal[16..<24]))
  }

  @Test func `tells of nothing after a checkpoint that empties it`() throws {
    let path = "\(TemporaryDirectory.path)/t.db"
    let connection = try Connection(path, .create, busyMilliseconds: 0)
    try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a)")
    try Connection(path, .readWrite, busyMilliseconds: 0)
      .execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let found = connection.walIndex
    let index = try #require(found)
    #expect(index.pages == 0)
  }

  @Test func `is not there where there is no WAL`() throws {
    let connection = try Connection(
      "\(TemporaryDirectory.path)/t.db", .create, busyMilliseconds: 0)
    try connection.execute("CREATE TABLE t (a)")
    let found = connection.walIndex
    #expect(found == nil)
  }
}
