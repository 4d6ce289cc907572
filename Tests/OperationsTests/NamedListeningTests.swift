import Events
import Glibc
import Ledger
import Maintenance
import Operations
import Projections
import TestSupport
import Testing

/// A name under which events are followed: it goes on where it stopped, and is one listener's at a time.
@Suite("A named listening", .temporaryDirectory) struct NamedListeningTests {
  private let directory = TemporaryDirectory.ledger
  private let writer: LedgerWriter

  init() throws { writer = try LedgerWriter(directory) }

  private func run(_ id: String) throws {
    try History.append(id, .completed, to: writer)
  }

  private func event(_ seq: Seq) throws -> Event {
    try writer.reader.events(after: seq - Int64(1), limit: 1).at(0)
  }

  private func start(_ name: String) throws -> ListenerCheckpoint.Start {
    try NamedListening(name, in: LedgerSession(directory)).start
  }

  /// Listens, and has given out everything up to that event.
  private func listen(_ name: String, upTo seq: Seq) throws {
    var listening = try NamedListening(name, in: LedgerSession(directory))
    try listening.save(upTo: event(seq))
  }

  @Test func `begins at the beginning under a new name`() throws {
    try run("1111000000000000")
    try expect(start("audit"), is: .beginning)
  }

  @Test func `goes on behind the last event that was given out, each name for itself`() throws {
    try run("1111000000000000")
    try listen("audit", upTo: 2)
    try listen("mail", upTo: 1)
    try expect(start("audit"), is: .after(2))
    try expect(start("mail"), is: .after(1))
  }

  @Test func `saves no earlier position over a later one`() throws {
    try run("1111000000000000")
    var listening = try NamedListening("audit", in: LedgerSession(directory))
    try listening.save(upTo: event(2))
    try listening.save(upTo: event(1))
    let end = listening.start
    #expect(end == .beginning, "where it began")
    _ = consume listening
    try expect(start("audit"), is: .after(2))
  }

  @Test func `is refused while somebody else has the name`() throws {
    let listening = try NamedListening("audit", in: LedgerSession(directory))
    #expect(throws: ListenerCheckpoint.Refusal.isInUse(pid: getpid())) { try start("audit") }
    try expect(start("mail"), is: .beginning)
    _ = consume listening
    try expect(start("audit"), is: .beginning)
  }

  @Test func `counts the events behind its position that retention has dropped`() throws {
    try run("1111000000000000")
    try listen("audit", upTo: 1)
    try run("2222000000000000")
    let session = try LedgerSession(directory)
    var limits = RetentionLimits()
    limits.maxRecords = 0
    let plan = try RetentionPlan(session.projections, limits)
    _ = try session.carryOut(plan, by: Requester())
    let listening = try NamedListening("audit", in: session)
    #expect(listening.start == .after(1))
    #expect(listening.droppedCount == 3)
  }

  @Test func `begins anew where its position is in another ledger`() throws {
    try run("1111000000000000")
    let other = LedgerDirectory("\(TemporaryDirectory.path)/other")
    try History.append(
      "2222000000000000", .completed, to: LedgerWriter(other))
    try listen("audit", upTo: 2)
    try other.make(other.checkpoints)
    try Files.write(
      Files.contents("\(directory.checkpoints)/audit"), to: "\(other.checkpoints)/audit")
    try expect(NamedListening("audit", in: LedgerSession(other)).start, is: .otherLedger)
  }

  /// Makes a ledger whose WAL is as it was before its last events.
  private func makeDamaged() throws -> LedgerDirectory {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)/damaged")
    let writer = try LedgerWriter(directory)
    try History.append("1111000000000000", .completed, to: writer)
    let wal = "\(directory.path)/ledger.db-wal"
    let before = try Files.contents(wal)
    try History.append("2222000000000000", .completed, to: writer)
    try Files.write(before, to: wal)
    unlink("\(directory.path)/ledger.db-shm")
    return directory
  }

  @Test func `is refused where the ledger has lost events: its name would forget them`() throws {
    let damaged = try makeDamaged()
    #expect {
      try NamedListening("audit", in: LedgerSession(damaged)).start
    } throws: { error in
      if case .damaged = error as? LedgerError { true } else { false }
    }
  }
}
