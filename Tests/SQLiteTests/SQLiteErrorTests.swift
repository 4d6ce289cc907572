import SQLite
import TestSupport
import Testing

/// The numbers are those of sqlite.org/rescode.html.
@Suite(.temporaryDirectory) struct SQLiteErrorTests {
  private var path: String { "\(TemporaryDirectory.path)/test.db" }

  private func open(_ mode: Connection.Mode = .create) throws -> Connection {
    try Connection(path, mode, busyMilliseconds: 0)
  }

  private func failure(_ sql: String, _ mode: Connection.Mode = .create) throws -> SQLiteError? {
    let connection = try open(mode)
    return #expect(throws: SQLiteError.self) { try connection.execute(sql) }
  }

  @Test func `a refused change has its extended code`() throws {
    let unique = try failure("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1), (1)")
    #expect(unique?.kind == .constraint)
    #expect(unique?.code == 2067)
    #expect(unique?.message == "UNIQUE constraint failed: t.x")
    let trigger = try failure(
      """
      CREATE TABLE r (x); CREATE TRIGGER no BEFORE INSERT ON r BEGIN SELECT RAISE(ABORT, 'never'); END;
      INSERT INTO r VALUES (1)
      """)
    #expect(trigger?.kind == .constraint)
    #expect(trigger?.code == 1811)
    #expect(trigger?.description == "never (SQLite 1811)")
  }

  @Test func `a write through a read-only connection is a read-only error`() throws {
    try open().execute("CREATE TABLE t (x)")
    let error = try failure("INSERT INTO t VALUES (1)", .readOnly)
    #expect(error?.kind == .readOnly)
    #expect(error?.code == 8)
  }

  @Test(arguments: [Connection.Mode.readOnly, .readWrite])
  func `a missing file cannot be opened`(mode: Connection.Mode) throws {
    let error = #expect(throws: SQLiteError.self) { _ = try open(mode) }
    #expect(error?.kind == .cannotOpen)
    #expect(!Files.exists(path))
  }

  @Test func `a file that is no database is damaged`() throws {
    try Files.write([UInt8](repeating: 0x61, count: 8192), to: path)
    let error = try failure("SELECT * FROM sqlite_schema")
    #expect(error?.kind == .damaged)
    #expect(error?.code == 26)
  }

  @Test func `a database with broken pages is damaged`() throws {
    try open().execute(
      """
      CREATE TABLE t (x);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
      INSERT INTO t SELECT i FROM n
      """)
    var bytes = try Files.contents(path)
    for index in 4096..<bytes.count { bytes[index] = 0xff }
    try Files.write(bytes, to: path)
    try expect(failure("SELECT sum(x) FROM t")?.kind, is: .damaged)
  }

  @Test func `a database that may not grow is full`() throws {
    let connection = try open()
    try connection.execute("CREATE TABLE t (x); PRAGMA max_page_count = 5")
    let error = #expect(throws: SQLiteError.self) {
      try connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    }
    #expect(error?.kind == .full)
    #expect(error?.code == 13)
  }

  @Test func `a statement that is not SQL is the caller's fault`() throws {
    let error = try failure("SELEKT 1")
    #expect(error?.kind == .other)
    #expect(error?.message == #"near "SELEKT": syntax error"#)
  }
}
