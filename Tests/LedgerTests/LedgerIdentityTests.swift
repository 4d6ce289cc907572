import Glibc
import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct LedgerIdentityTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }

  @Test func `a ledger that went back shows to the first who can append`() throws {
    let files = ["", "-wal"].map { directory.database + $0 }
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
    let old = try files.map { try Files.contents($0) }
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
    let before = try LedgerReader(directory).ledgerID
    for (file, bytes) in zip(files, old) {
      try Files.write(bytes, to: "\(file).old")
      #expect(rename("\(file).old", file) == 0)
    }
    unlink("\(directory.database)-shm")

    let holder = try LedgerWorker.start("hold-queue", directory.path)
    #expect(try holder.readLine() == "held")
    let writer = try LedgerWriter(directory, queueMilliseconds: 0)
    #expect(writer.reader.ledgerID == before)
    _ = try holder.kill()
    #expect(try Sample.append(Sample.event(Sample.newID()), to: writer) == 3)
    let events = try writer.reader.events(after: 0, limit: 10)
    #expect(events.map(\.kind) == [.state(.created), .identified, .state(.created)])
    #expect(Identified(events[1].json).cause == .wentBack)
    #expect(writer.reader.ledgerID != before)
    #expect(try LedgerReader(directory).ledgerID == writer.reader.ledgerID)
    // Once.
    #expect(try Sample.append(Sample.event(Sample.newID()), to: writer) == 4)
    #expect(try Sample.firstMisfit(in: writer.reader) == nil)
  }
}
