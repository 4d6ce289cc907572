import SQLite
import TestSupport
import Testing

/// SQLite leaves copies of rows that it has moved, with secure_delete too.
@Suite(.temporaryDirectory) struct PageRestsTests {
  @Test(arguments: ["INCREMENTAL", "NONE"])
  func `nothing is left of what is not there any more, and what is there stays`(vacuum: String)
    throws
  {
    let path = "\(TemporaryDirectory.path)/rests.db"
    let connection = try Connection(path, .create, busyMilliseconds: 0)
    try connection.execute(
      """
      PRAGMA auto_vacuum = \(vacuum); PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;
      CREATE TABLE t (id INTEGER PRIMARY KEY, key TEXT UNIQUE, data TEXT);
      """)
    var generator = SeededGenerator(for: "rests of pages")
    func run(_ count: Int, _ sql: (Int) -> String) throws {
      let transaction = try connection.begin()
      for number in 0..<count { try connection.execute(sql(number)) }
      try transaction.commit()
    }
    try run(4000) { number in
      "INSERT INTO t VALUES (\(number), 'k\(number * 7919 % 4001)', 'SECRET\(number)END\(String(repeating: "x", count: generator.below(700)))')"
    }
    for _ in 0..<20 { try run(120) { _ in "DELETE FROM t WHERE id = \(generator.below(4000))" } }
    try run(1) { _ in "UPDATE t SET data = 'gone'" }
    #expect(try connection.checkpointEmptying())
    let left = try connection.integer("SELECT COUNT(*) FROM t")
    #expect(try count(of: "SECRET", in: path) > 0, "SQLite leaves nothing any more")
    let transaction = try connection.begin()
    var page: Int64? = 1
    while let next = page { page = try connection.clearRests(from: next, pages: 100) }
    try connection.syncFile()
    try transaction.commit()
    #expect(try count(of: "SECRET", in: path) == 0)
    let other = try Connection(path, .readWrite, busyMilliseconds: 0)
    #expect(try other.integer("SELECT COUNT(*) FROM t WHERE data = 'gone'") == left)
    #expect(
      try other.integer("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")
        == 1)
    try other.execute("INSERT INTO t VALUES (100000, 'new', 'new')")
    #expect(
      try other.integer("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")
        == 1)
  }

  private func count(of text: String, in path: String) throws -> Int {
    let (bytes, wanted) = (try Files.contents(path), Array(text.utf8))
    return bytes.indices.count { bytes[$0] == wanted.first && bytes[$0...].starts(with: wanted) }
  }
}
