import Ledger
import SQLite
import TestSupport
import Testing

/// What reaches the disk and when, as strace sees it. strace is required: without it these tests fail.
@Suite(.temporaryDirectory) struct DurabilityTests {
  private enum Call: Equatable { case lock, unlock, flushWAL, flushDirectory, other(String) }

  /// The locks and flushes of a worker, in order.
  private func trace(_ arguments: String...) throws -> [Call] {
    let log = "\(TemporaryDirectory.path)/strace"
    let worker = try BuiltProgram.path("ledger-worker")
    let strace = try ChildProcess(
      "strace",
      ["-f", "-y", "-e", "trace=fdatasync,flock,fsync,sync_file_range", "-o", log, worker]
        + arguments)
    strace.closeInput()
    try expect(strace.wait(), is: .exited(0))
    return try Files.lines(log).filter { $0.contains("(") }.map { line in
      if line.contains("flock("), line.contains("LOCK_EX") { return .lock }
      if line.contains("flock("), line.contains("LOCK_UN") { return .unlock }
      if line.contains("fdatasync("), line.contains("ledger.db-wal>") { return .flushWAL }
      if line.contains("sync("), line.contains("\(TemporaryDirectory.ledger.path)>") {
        return .flushDirectory
      }
      return .other(line)
    }
  }

  @Test func `a durable turn flushes once, after it has left the queue, and others never`() throws {
    let directory = TemporaryDirectory.ledger
    _ = try LedgerWriter(directory)
    let calls = try trace("turns", directory.path, "5", "3")
    let durable = [[Call]](repeating: [.lock, .unlock, .flushWAL], count: 5).flatMap { $0 }
    let lazy = [[Call]](repeating: [.lock, .unlock], count: 3).flatMap { $0 }
    #expect(calls == durable + lazy)
  }

  @Test func `an event that stood there already is flushed again`() throws {
    // Who appended it may have been killed, or have failed, before it was on disk.
    let directory = TemporaryDirectory.ledger
    _ = try LedgerWriter(directory)
    let calls = try trace("repeat", directory.path)
    #expect(calls == [.lock, .unlock, .lock, .unlock, .flushWAL])
  }

  @Test func `what a failed flush may have lost counts when the database has it`() throws {
    // The kernel tells once that it has lost something; the next flush seems to work.
    let directory = TemporaryDirectory.ledger
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
    let reader = try Connection(directory.database, .readOnly, busyMilliseconds: 0)
    try reader.execute("BEGIN")
    try expect(reader.integer("SELECT count(*) FROM event"), is: 1)
    let worker = try ChildProcess(
      "strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
        "-e", "inject=fdatasync:error=EIO:when=1", try BuiltProgram.path("ledger-worker"),
        "retry", directory.path,
      ])
    try expect(worker.readLine(), is: "failed")
    try worker.send("again")
    try expect(worker.readLine(), is: "failed", "the reader keeps it out of the database")
    // Nor is anything acknowledged that stands behind it, whoever appends that.
    let other = try LedgerWriter(directory)
    #expect(throws: LedgerError.self) {
      try Sample.append(Sample.event(Sample.newID()), to: other, durable: true)
    }
    try reader.execute("COMMIT")
    try Sample.append(Sample.event(Sample.newID()), to: other, durable: true)
    try worker.send("again")
    try expect(worker.readLine(), is: "acknowledged")
    worker.closeInput()
    try expect(worker.wait(), is: .exited(0))
    try expect(reader.integer("SELECT count(*) FROM event"), is: 3)
  }

  @Test func `the name of a WAL that is made again is on disk with the first durable turn`() throws
  {
    let directory = TemporaryDirectory.ledger
    _ = try LedgerWriter(directory)
    // As the last one to close it, a foreign program removes the WAL.
    try Connection(directory.database, .readWrite, busyMilliseconds: 0)
      .execute("PRAGMA wal_checkpoint(TRUNCATE)")
    #expect(!Files.exists("\(directory.database)-wal"))
    let calls = try trace("turns", directory.path, "2", "0")
    // SQLite itself flushes the new WAL's header and its name.
    #expect(
      calls == [
        .lock, .flushWAL, .flushDirectory, .unlock, .flushWAL, .lock, .unlock, .flushWAL,
      ])
  }

  @Test func `the files' names are on disk when a ledger has been made`() throws {
    let directory = TemporaryDirectory.ledger
    let calls = try trace("turns", directory.path, "0", "0")
    #expect(calls.contains(.flushWAL))
    #expect(calls.suffix(2) == [.flushDirectory, .unlock])
  }
}
