import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct StatementTests {
  private func open() throws -> Connection {
    try Connection("\(TemporaryDirectory.path)/test.db", .create, busyMilliseconds: 0)
  }

  @Test(arguments: ["", "plain", "with\0NUL", "\0", "ż é 🦔"], [1, 70_000])
  func `text comes back as it was bound`(piece: String, times: Int) throws {
    let text = String(repeating: piece, count: times)
    let connection = try open()
    var statement = try connection.prepare("SELECT ?, typeof(?1), length(CAST(?1 AS BLOB))")
    try statement.bind(1, text)
    try expect(statement.step(), is: true)
    #expect(statement.text(0) == text)
    #expect(statement.optionalText(0) == text)
    #expect(statement.text(1) == "text")
    #expect(statement.integer(2) == Int64(text.utf8.count))
  }

  @Test(arguments: [0, 1, 70_000])
  func `bytes come back as they were bound`(count: Int) throws {
    let bytes = try count == 0 ? [] : [0] + Files.randomBytes(count)
    let connection = try open()
    var statement = try connection.prepare("SELECT ?, typeof(?1)")
    try statement.bind(1, bytes)
    try expect(statement.step(), is: true)
    #expect(statement.bytes(0) == bytes)
    #expect(statement.text(1) == "blob")
    statement.reset()
    try bytes.withUnsafeBytes { try statement.bindUncopied(1, $0) }
    try expect(statement.step(), is: true)
    #expect(statement.bytes(0) == bytes)
    #expect(statement.text(1) == "blob")
  }

  @Test(arguments: [0, 1, -1, Int64.max, Int64.min])
  func `integers come back as they were bound`(value: Int64) throws {
    let connection = try open()
    var statement = try connection.prepare("SELECT ?")
    try statement.bind(1, value)
    try expect(statement.step(), is: true)
    #expect(statement.integer(0) == value)
    #expect(statement.optionalInteger(0) == value)
  }

  @Test func `nil is NULL, which is told from empty`() throws {
    let connection = try open()
    var statement = try connection.prepare("SELECT ?, ?, ?, '', x''")
    try statement.bind(1, Int64?.none)
    try statement.bind(2, String?.none)
    try statement.bind(3, [UInt8]?.none)
    try expect(statement.step(), is: true)
    #expect((0..<5).map { statement.isNull($0) } == [true, true, true, false, false])
    #expect(statement.optionalInteger(0) == nil)
    #expect(statement.optionalText(1) == nil)
    #expect(statement.text(1) == "")
    #expect(statement.bytes(2) == [])
  }

  @Test func `a statement that was run can be run again with other values`() throws {
    let connection = try open()
    try connection.execute("CREATE TABLE t (x)")
    var insert = try connection.prepare("INSERT INTO t VALUES (?)")
    for value in 1...10 {
      try insert.bind(1, Int64(value))
      try insert.run()
      #expect(connection.changes == 1)
    }
    try expect(connection.integer("SELECT sum(x) FROM t"), is: 55)
  }

  @Test func `a statement goes on after an error`() throws {
    let connection = try open()
    try connection.execute("CREATE TABLE t (x UNIQUE)")
    var insert = try connection.prepare("INSERT INTO t VALUES (?)")
    try insert.bind(1, 1)
    try insert.run()
    #expect(throws: SQLiteError.self) { try insert.run() }
    try insert.bind(1, 2)
    try insert.run()
    try expect(connection.integer("SELECT count(*) FROM t"), is: 2)
  }

  @Test func `a statement outlives the variable that held its connection`() throws {
    var statement = try StatementTests.detached(open())
    try expect(statement.step(), is: true)
    #expect(statement.integer(0) == 42)
  }

  private static func detached(_ connection: consuming Connection) throws -> Statement {
    try connection.prepare("SELECT 42")
  }

  @Test func `a text without a statement is refused`() throws {
    let connection = try open()
    let error = #expect(throws: SQLiteError.self) { _ = try connection.prepare("-- nothing") }
    #expect(error?.kind == .other)
  }
}
