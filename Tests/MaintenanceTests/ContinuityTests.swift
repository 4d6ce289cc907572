import Digests
internal import Events
import Glibc
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Ledger

/// What ledger.lock says of the ledger, against what is there.
@Suite(.temporaryDirectory) struct ContinuityTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private var lock: String { "\(directory.path)/ledger.lock" }
  private var wal: String { "\(directory.path)/ledger.db-wal" }
  private var notes: QueueNotes { (try? QueueFile.read(directory)) ?? .none }

  /// Events 1 and 2 are durable; the WAL is as it was before event 3, and only ledger.lock knows that.
  private func loseThird(durable: Bool) throws {
    let writer = try LedgerWriter(directory)
    for _ in 1...2 { try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true) }
    let before = try Files.contents(wal)
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: durable)
    try Files.write(before, to: wal)
    unlink("\(directory.path)/ledger.db-shm")
  }

  private static var keeper: Requester {
    var keeper = Requester()
    keeper.user = "keeper"
    return keeper
  }

  /// As after another boot.
  private func reboot() throws {
    let notes = try QueueFile.read(directory)
    let place = NotedPlace(file: try #require(notes.file), session: notes.session ^ 0x55)
    try QueueFile(making: directory).note(#require(notes.head), of: place)
  }

  @Test func `what was appended and what is on disk is noted`() throws {
    let writer = try LedgerWriter(directory)
    #expect(notes.head == nil)
    #expect(notes.durableHead == nil)
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
    let first = try writer.reader.head()
    #expect(notes.head == ChainPosition(seq: 1, digest: first.digest))
    #expect(notes.durableHead == notes.head)
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    #expect(notes.head?.seq == 2)
    #expect(notes.durableHead?.seq == 1)
    try writer.flush()
    #expect(notes.durableHead == notes.head)
    let place = try #require(NotedPlace(directory))
    #expect(notes.file == place.file)
    #expect(notes.session == place.session)
    #expect(notes.session != 0)
    #expect(Files.size(lock) <= 512, "one sector")
  }

  @Test(arguments: [true, false])
  func `in one boot what was written is not lost but by damage`(durable: Bool) throws {
    try loseThird(durable: durable)
    let missing = MissingEvents(first: 3, last: 3, cause: .damage)
    try expect(LedgerReader(directory).missing, is: missing)
    #expect("\(missing)" == "event 3 is missing, though it had been written")
    #expect(throws: LedgerError.self) { try LedgerWriter(directory) }
    let report = try LedgerVerification.run(directory)
    #expect(report.problems.map(\.kind) == [.missing])
    #expect(report.problems.map(\.seq) == [3])
    #expect(report.trustworthyUpTo == 2)
  }

  @Test func `a power cut takes what nobody was told is on disk, and is named`() throws {
    try loseThird(durable: false)
    try reboot()
    let reader = try LedgerReader(directory)
    #expect(reader.missing == nil)
    let report = try LedgerVerification.run(directory)
    #expect(report.isGood)
    #expect(report.powerCut == MissingEvents(first: 3, last: 3, cause: .powerCut))
    let before = reader.ledgerID
    let writer = try LedgerWriter(directory)
    #expect(writer.reader.ledgerID != before)
    let event = try #require(try writer.reader.events(after: 2, limit: 1).first)
    #expect(Identified(event.json).cause == .wentBack)
    let again = try LedgerVerification.run(directory)
    #expect(again.isGood)
    #expect(again.powerCut == nil)
  }

  @Test func `what was on disk is not lost by a power cut`() throws {
    try loseThird(durable: true)
    try reboot()
    try expect(
      LedgerReader(directory).missing, is: MissingEvents(first: 3, last: 3, cause: .damage))
    let writer = try LedgerWriter(sealingDamage: directory, by: Self.keeper)
    #expect(writer.sealed?.reason == "event 3 is missing, though it had been written")
    #expect(writer.sealed?.by == Self.keeper)
    #expect(writer.sealed?.recovered?.by == Self.keeper)
    // What is noted is of the new one.
    let head = try writer.reader.head()
    #expect(notes.head == ChainPosition(seq: head.seq, digest: head.digest))
    #expect(notes.durableHead == notes.head)
    try expect(LedgerReader(directory).missing) { $0 == nil }
  }

  @Test func `an older state in another file went back`() throws {
    try loseThird(durable: true)
    let copy = "\(directory.database).copy"
    try Files.write(try Files.contents(directory.database), to: copy)
    #expect(rename(copy, directory.database) == 0)
    try expect(LedgerReader(directory).missing) { $0 == nil }
    let writer = try LedgerWriter(directory)
    let event = try #require(try writer.reader.events(after: 2, limit: 1).first)
    #expect(Identified(event.json).cause == .wentBack)
    #expect(notes.head?.seq == 3)
    #expect(notes.durableHead == notes.head)
  }

  @Test func `what an earlier taro has noted tells of no damage`() throws {
    try loseThird(durable: true)
    var bytes = try Files.contents(lock)
    for range in [48..<64, 104..<128, 168..<bytes.count] { for index in range { bytes[index] = 0 } }
    try Files.write(bytes, to: lock)
    try expect(LedgerReader(directory).missing) { $0 == nil }
    let writer = try LedgerWriter(directory)
    #expect(
      Identified(try #require(try writer.reader.events(after: 2, limit: 1).first).json).cause
        == .wentBack)
  }

  @Test func `a writer that is open appends nothing where the last event is not seen`() throws {
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
    let queue = try QueueFile(making: directory)
    let place = try #require(NotedPlace(directory))
    queue.note(ChainPosition(seq: 7, digest: Digest(of: [1])), of: place)
    #expect(throws: LedgerError.self) {
      try Sample.append(Sample.event(Sample.newID()), to: writer)
    }
    try expect(writer.reader.head().seq, is: 1)
  }

  @Test func `who flushed less and comes later takes nothing back`() throws {
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
    let first = try QueueFile(making: directory)
    let second = try QueueFile(making: directory)
    let place = try #require(NotedPlace(directory))
    let ten = ChainPosition(seq: 10, digest: Digest(of: [10]))
    let twelve = ChainPosition(seq: 12, digest: Digest(of: [12]))
    // All have read what stood there before any of them wrote.
    let notes = notes
    second.noteDurable(twelve, of: place, notes)
    first.noteDurable(ten, of: place, notes)
    #expect(self.notes.durableHead == twelve)
    // Nor one that flushed a ledger which is put aside by now.
    first.forgetHeads()
    second.noteDurable(ChainPosition(seq: 20, digest: Digest(of: [])), of: place, notes)
    #expect(self.notes.durableHead == nil)
  }
}
