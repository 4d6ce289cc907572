internal import Events
import Glibc
import Ledger
import Linux
import SQLite
import TestSupport
import Testing

/// What many processes do to one ledger.
@Suite(.temporaryDirectory) struct AppendQueueTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }

  @Test func `a queue held by another process is given up after the deadline`() throws {
    let writer = try LedgerWriter(directory, queueMilliseconds: 150)
    let holder = try LedgerWorker.start("hold-queue", directory.path)
    try expect(holder.readLine(), is: "held")
    let start = MonotonicTime.now
    var failure: LedgerError?
    do throws(LedgerError) {
      try Sample.append(Sample.event(Sample.newID()), to: writer)
    } catch { failure = error }
    let elapsed = MonotonicTime.now - start
    guard case .queueTimedOut(directory.path, milliseconds: 150) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(elapsed >= 150_000)
    #expect(elapsed < 30_000_000)
    #expect(failure?.description.contains("\(directory.path)/ledger.lock for 150 ms") == true)

    try expect(holder.kill(), is: .killed(SIGKILL))
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer), is: 1)
  }

  @Test func `who holds the database past the queue is waited for no longer than the queue`() throws
  {
    let writer = try LedgerWriter(directory)
    let foreign = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    let transaction = try foreign.begin()
    let start = MonotonicTime.now
    for _ in 0..<3 {
      let failure = #expect(throws: LedgerError.self) {
        try Sample.append(Sample.event(Sample.newID()), to: writer, queueMilliseconds: 0)
      }
      guard case .databaseHeld(directory.path) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(failure?.description.contains("the lock of \(directory.database)") == true)
    }
    // SQLite's own patience would be ten seconds each time.
    #expect(MonotonicTime.now - start < 10_000_000)
    try transaction.commit()
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer), is: 1)
  }

  @Test func `readers are not held up by the queue`() throws {
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    let holder = try LedgerWorker.start("hold-queue", directory.path)
    try expect(holder.readLine(), is: "held")
    let reader = try LedgerReader(directory)
    try expect(reader.head().seq, is: 1)
    try expect(reader.events(after: 0, limit: 10).count, is: 1)
    try expect(LedgerWriter(directory).reader.head().seq, is: 1)
  }

  @Test(arguments: ["durable", "lazy"])
  func `eight processes append 200 instances each without a gap`(mode: String) throws {
    let workers = try LedgerWorker.race(8, "append", directory.path, "200", mode)
    for worker in workers { try expect(worker.wait(), is: .exited(0)) }
    let reader = try LedgerReader(directory)
    try expect(reader.head().seq, is: 1600)
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
    let instances = try reader.events(after: 0, limit: 2000).compactMap(\.instance)
    #expect(Set(instances).count == 1600)
  }

  @Test func `forty processes that find no ledger make one`() throws {
    let workers = try LedgerWorker.race(40, "create", directory.path)
    let ids = try workers.map { try $0.readLine() }
    for worker in workers { try expect(worker.wait(), is: .exited(0)) }
    #expect(ids.count == 40)
    #expect(Set(ids) == [try LedgerReader(directory).ledgerID])
  }

  @Test func `writers killed in the middle of turns leave no lock, no gap and lose nothing`() throws
  {
    var random = SeededGenerator(for: "killed writers")
    let seed = random.below(1000)
    var acknowledged: Set<String> = []
    for round in 0..<4 {
      let workers = try (0..<4).map { _ in
        try LedgerWorker.start("append-for-ever", directory.path)
      }
      for (index, worker) in workers.enumerated() {
        for _ in 0..<(1 + (seed + round * 7 + index * 13) % 30) {
          if let id = try worker.readLine() { acknowledged.insert(id) }
        }
        worker.signal(SIGKILL)
        acknowledged.formUnion(
          // The last line may be cut off.
          try worker.readAll().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init))
        try expect(worker.wait(), is: .killed(SIGKILL))
      }
      let writer = try LedgerWriter(directory, queueMilliseconds: 0)
      let instance = Sample.newID()
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(Sample.event(instance))
        try turn.append(Sample.event(instance, .state(.skipped)))
      }
    }
    let reader = try LedgerReader(directory)
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
    var ended: Set<String> = []
    var seq = Seq.start
    while let last = try reader.events(after: seq, limit: 1000).last?.seq {
      for event in try reader.events(after: seq, limit: 1000) where event.kind.isTerminal {
        if let instance = event.instance { ended.insert(instance.text) }
      }
      seq = last
    }
    #expect(acknowledged.subtracting(ended) == [], "seed \(seed)")
    // Turns are whole: of three events or of two.
    let whole = Int64((ended.count - 4) * 3 + 4 * 2)
    #expect(seq.number == whole)
  }
}

/// No commit and no checkpoint without the queue.
@Suite(.temporaryDirectory) struct AppendQueueIdentityTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private var lock: String { "\(directory.path)/ledger.lock" }

  @Test(arguments: ["ENOLCK", "EOPNOTSUPP", "ENOSYS"])
  func `where the kernel refuses the lock, nothing is written, and the reason is said`(
    errno: String
  ) throws {
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
    let before = try LedgerReader(directory).head().seq
    let result = try TaroProgram().shell(
      """
      strace -f -qq -o /dev/null -e trace=flock -e inject=flock:error=\(errno) \
        "$TARO" exec --ledger \(directory.path) sh -c 'echo out; exit 3'
      """)
    result.expect(code: 3, stdout: "out\n")
      .expectOneLine(about: "no append queue", "flock \(lock)", "local file system", "--ledger")
    try expect(LedgerReader(directory).head().seq, is: before)
  }

  @Test func `who waited at a lock file that was replaced goes on at the new one`() throws {
    let writer = try LedgerWriter(directory)
    let old = try Descriptor.open(lock, O_RDWR)
    #expect(FileLock.acquire(old.fd, milliseconds: 0) == .locked)
    let worker = try LedgerWorker.start("turns", directory.path, "1", "0")
    try waitUntilQueued(worker, at: old.fd)

    try #require(unlink(lock) == 0)
    let new = try Descriptor.open(lock, O_RDWR | O_CREAT, mode: 0o600)
    #expect(FileLock.acquire(new.fd, milliseconds: 0) == .locked)
    FileLock.release(old.fd)
    try waitUntilQueued(worker, at: new.fd)
    try expect(writer.reader.head().seq, is: 0, "it was in two queues")
    FileLock.release(new.fd)
    try expect(worker.wait(), is: .exited(0))
    // And who has the old one open still.
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    try expect(writer.reader.head().seq, is: 2)
  }

  /// By the kernel's list of those who wait for a lock (proc(5), /proc/locks): device and inode.
  private func waitUntilQueued(_ worker: ChildProcess, at fd: Int32) throws {
    var info = stat()
    try #require(fstat(fd, &info) == 0)
    let waits = "-> FLOCK  ADVISORY  WRITE \(worker.pid) "
    try eventually("the worker queues") {
      try Files.lines("/proc/locks").contains {
        $0.contains(waits) && $0.contains(":\(info.st_ino) ")
      }
    }
  }

  @Test func `a writer whose lock file was removed makes it again`() throws {
    let writer = try LedgerWriter(directory)
    try #require(unlink(lock) == 0)
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    #expect(Files.mode(lock) == 0o600)
    let other = try Descriptor.open(lock, O_RDWR)
    #expect(FileLock.acquire(other.fd, milliseconds: 0) == .locked)
    #expect(throws: LedgerError.self) {
      try Sample.append(Sample.event(Sample.newID()), to: writer, queueMilliseconds: 0)
    }
  }

  @Test(arguments: ["ledger.db", "ledger.lock"])
  func `a ledger that is reached by a symbolic link is refused`(name: String) throws {
    _ = try LedgerWriter(directory)
    let elsewhere = "\(TemporaryDirectory.path)/elsewhere"
    #expect(rename("\(directory.path)/\(name)", elsewhere) == 0)
    #expect(symlink(elsewhere, "\(directory.path)/\(name)") == 0)
    expectUnsafe(about: name)
  }

  @Test func `a ledger with two names is refused`() throws {
    _ = try LedgerWriter(directory)
    #expect(link(directory.database, "\(TemporaryDirectory.path)/copy") == 0)
    expectUnsafe(about: "ledger.db has 2 names")
  }

  private func expectUnsafe(about words: String) {
    do throws(LedgerError) {
      _ = try LedgerWriter(directory)
      Issue.record("it was opened")
    } catch {
      guard case .unsafe(directory.path, let place) = error, place.reason.contains(words) else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
