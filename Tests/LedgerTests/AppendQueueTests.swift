import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// What many processes do to one ledger.
@Suite(.temporaryDirectory) struct AppendQueueTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }

  @Test func `a queue held by another process is given up after the deadline`() throws {
    let writer = try LedgerWriter(directory, queueMilliseconds: 150)
    let holder = try LedgerWorker.start("hold-queue", directory.path)
    #expect(try holder.readLine() == "held")
    let start = Clock.monotonicMicroseconds()
    var failure: LedgerError?
    do throws(LedgerError) {
      try Sample.append(Sample.event(Sample.newID()), to: writer)
    } catch { failure = error }
    let elapsed = Clock.monotonicMicroseconds() - start
    guard case .queueTimedOut(directory.path, milliseconds: 150) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(elapsed >= 150_000)
    #expect(elapsed < 30_000_000)
    #expect(failure?.description.contains("fuser -v \(directory.path)/ledger.lock") == true)

    #expect(try holder.kill() == .killed(SIGKILL))
    #expect(try Sample.append(Sample.event(Sample.newID()), to: writer) == 1)
  }

  @Test func `readers are not held up by the queue`() throws {
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    let holder = try LedgerWorker.start("hold-queue", directory.path)
    #expect(try holder.readLine() == "held")
    let reader = try LedgerReader(directory)
    #expect(try reader.head().seq == 1)
    #expect(try reader.events(after: 0, limit: 10).count == 1)
    #expect(try LedgerWriter(directory).reader.head().seq == 1)
  }

  @Test(arguments: ["durable", "lazy"])
  func `eight processes append 200 instances each without a gap`(mode: String) throws {
    let workers = try LedgerWorker.race(8, "append", directory.path, "200", mode)
    for worker in workers { #expect(try worker.wait() == .exited(0)) }
    let reader = try LedgerReader(directory)
    #expect(try reader.head().seq == 1600)
    #expect(try Sample.firstMisfit(in: reader) == nil)
    let instances = try reader.events(after: 0, limit: 2000).compactMap(\.instance)
    #expect(Set(instances).count == 1600)
  }

  @Test func `forty processes that find no ledger make one`() throws {
    let workers = try LedgerWorker.race(40, "create", directory.path)
    let ids = try workers.map { try $0.readLine() }
    for worker in workers { #expect(try worker.wait() == .exited(0)) }
    #expect(ids.count == 40)
    #expect(Set(ids) == [try LedgerReader(directory).ledgerID])
  }

  @Test func `writers killed in the middle of turns leave no lock, no gap and lose nothing`() throws
  {
    let seed = Int.random(in: 0...1000)
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
        #expect(try worker.wait() == .killed(SIGKILL))
      }
      let writer = try LedgerWriter(directory, queueMilliseconds: 0)
      let instance = Sample.newID()
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(Sample.event(instance))
        try turn.append(Sample.event(instance, .state(.skipped)))
      }
    }
    let reader = try LedgerReader(directory)
    #expect(try Sample.firstMisfit(in: reader) == nil)
    var ended: Set<String> = []
    var seq: Int64 = 0
    while let last = try reader.events(after: seq, limit: 1000).last?.seq {
      for event in try reader.events(after: seq, limit: 1000) where event.kind.isTerminal {
        if let instance = event.instance { ended.insert(instance.text) }
      }
      seq = last
    }
    #expect(acknowledged.subtracting(ended) == [], "seed \(seed)")
    // Turns are whole: of three events or of two.
    let whole = Int64((ended.count - 4) * 3 + 4 * 2)
    #expect(seq == whole)
  }
}
