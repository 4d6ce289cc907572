internal import Events
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct LiveTailTests {
  private func next(_ tail: inout LiveTail) throws -> [Event] { try tail.next() }

  private var directory: LedgerDirectory { TemporaryDirectory.ledger }

  @Test func `catching up goes over into live without a gap or a duplicate`() throws {
    let writer = try LedgerWriter(directory)
    for _ in 0..<50 { try Sample.append(Sample.event(Sample.newID()), to: writer) }
    let workers = try LedgerWorker.race(4, "append", directory.path, "150", "lazy")
    var tail = LiveTail(try LedgerReader(directory), after: 0)
    var seqs: [Seq] = []
    let deadline = MonotonicTime.now + 60_000_000
    while seqs.count < 650, MonotonicTime.now < deadline {
      let events = try tail.next(limit: 7)
      seqs += events.map(\.seq)
      let position = tail.position
      #expect(position == seqs.last ?? 0)
      if events.isEmpty { tail.wait() }
    }
    #expect(seqs == (1...650).map { Seq($0) })
    for worker in workers { try expect(worker.wait(), is: .exited(0)) }
    try expect(next(&tail)) { $0.isEmpty }
  }

  @Test func `a tail begins behind the position it is given`() throws {
    let writer = try LedgerWriter(directory)
    for _ in 0..<5 { try Sample.append(Sample.event(Sample.newID()), to: writer) }
    var tail = LiveTail(try LedgerReader(directory), after: 3)
    try expect(next(&tail).map(\.seq), is: [4, 5])
    try expect(next(&tail)) { $0.isEmpty }
  }

  @Test(arguments: ["durable", "lazy"])
  func `the bell wakes a tail when another process appends`(mode: String) throws {
    _ = try LedgerWriter(directory)
    var tail = LiveTail(try LedgerReader(directory), after: 0)
    let fd = tail.fd
    let bell = try #require(fd)
    try expect(next(&tail)) { $0.isEmpty }
    #expect(!Poll.wait(bell, for: .readable, milliseconds: 0))
    let worker = try LedgerWorker.race(1, "append", directory.path, "1", mode)
    // Nothing else makes it readable, so this is the bell and no look in case.
    #expect(Poll.wait(bell, for: .readable, milliseconds: 60_000))
    try expect(next(&tail).map(\.seq), is: [1])
    for worker in worker { try expect(worker.wait(), is: .exited(0)) }
    tail.wait(milliseconds: 0)
    #expect(!Poll.wait(bell, for: .readable, milliseconds: 0))
  }

  @Test func `a turn that appends nothing rings no bell`() throws {
    let writer = try LedgerWriter(directory)
    let tail = LiveTail(try LedgerReader(directory), after: 0)
    try writer.turn(durable: true) { turn throws(LedgerError) in _ = try writer.reader.head() }
    let fd = tail.fd
    let bell = try #require(fd)
    #expect(!Poll.wait(bell, for: .readable, milliseconds: 0))
  }

  @Test func `a ring between the last read and the wait is not slept through`() throws {
    let writer = try LedgerWriter(directory)
    var tail = LiveTail(try LedgerReader(directory), after: 0)
    try expect(next(&tail)) { $0.isEmpty }
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    let fd = tail.fd
    let bell = try #require(fd)
    #expect(Poll.wait(bell, for: .readable, milliseconds: 0))
    tail.wait()
    try expect(next(&tail).count, is: 1)
  }

  @Test func `without a bell a tail looks ten times a second`() throws {
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    Files.removeTree(directory.bell)
    var tail = LiveTail(try LedgerReader(directory), after: 0)
    let (fd, patience) = (tail.fd, tail.patience)
    #expect(fd == nil)
    #expect(patience == 100)
    tail.wait(milliseconds: 1)
    try expect(next(&tail).count, is: 1)
  }
}
