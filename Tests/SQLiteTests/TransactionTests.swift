import Linux
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct TransactionTests {
  private func open(busyMilliseconds: Int32 = 0) throws -> Connection {
    let connection = try Connection(
      "\(TemporaryDirectory.path)/test.db", .create, busyMilliseconds: busyMilliseconds)
    try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x)")
    return connection
  }

  private func insert(_ connection: borrowing Connection) throws {
    try connection.execute("INSERT INTO t VALUES (1)")
  }

  private struct Stop: Error {}

  @Test func `what is committed stays`() throws {
    let connection = try open()
    let transaction = try connection.begin()
    try insert(connection)
    try transaction.commit()
    try expect(connection.integer("SELECT count(*) FROM t"), is: 1)
  }

  @Test func `a transaction that is dropped is rolled back`() throws {
    let connection = try open()
    #expect(throws: Stop.self) {
      let transaction = try connection.begin()
      try insert(connection)
      // Only reached when insert does not throw: the transaction is dropped uncommitted.
      _ = consume transaction
      throw Stop()
    }
    try expect(connection.integer("SELECT count(*) FROM t"), is: 0)
    let next = try connection.begin()
    try next.commit()
  }

  @Test func `a transaction that SQLite has rolled back itself is over`() throws {
    let connection = try open()
    #expect(throws: SQLiteError.self) {
      let transaction = try connection.begin()
      try insert(connection)
      try connection.execute("ROLLBACK")
      try transaction.commit()
    }
    try expect(connection.integer("SELECT count(*) FROM t"), is: 0)
    try connection.begin().commit()
  }

  @Test func `a held write lock surfaces as busy when nobody wants to wait`() throws {
    let holder = try open()
    let other = try open()
    let transaction = try holder.begin()
    let error = #expect(throws: SQLiteError.self) { _ = try other.begin() }
    #expect(error?.kind == .busy)
    #expect(error?.code == 5)
    try transaction.commit()
  }

  @Test func `a held write lock is waited for`() throws {
    let path = "\(TemporaryDirectory.path)/test.db"
    let holder = try open()
    let transaction = try holder.begin()
    let started = Monitor(false)
    let done = try Signalled()
    let waiter = try WorkerThread {
      do {
        let connection = try Connection(path, .readWrite, busyMilliseconds: 60_000)
        started.change { $0 = true }
        try connection.begin().commit()
        done.succeed()
      } catch {
        started.change { $0 = true }
        done.fail(error)
      }
    }
    started.wait { $0 ? () : nil }
    #expect(!done.happens(withinMilliseconds: 100), "it did not wait")
    try transaction.commit()
    #expect(done.happens(withinMilliseconds: 60_000))
    #expect(done.failure == nil)
    waiter.join()
  }

  @Test func `readers see the last commit while somebody writes`() throws {
    let writer = try open()
    let reader = try open()
    try insert(writer)
    let transaction = try writer.begin()
    try insert(writer)
    try expect(reader.integer("SELECT count(*) FROM t"), is: 1)
    try transaction.commit()
    try expect(reader.integer("SELECT count(*) FROM t"), is: 2)
  }
}
