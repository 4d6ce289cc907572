internal import Events
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
    try expect(holder.readLine(), is: "held")
    let writer = try LedgerWriter(directory, queueMilliseconds: 0)
    #expect(writer.reader.ledgerID == before)
    _ = try holder.kill()
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer), is: 3)
    let events = try writer.reader.events(after: 0, limit: 10)
    #expect(events.map(\.kind) == [.state(.created), .identified, .state(.created)])
    try expect(Identified(events.at(1).json).cause, is: .wentBack)
    #expect(writer.reader.ledgerID != before)
    try expect(LedgerReader(directory).ledgerID, is: writer.reader.ledgerID)
    // Once.
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer), is: 4)
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }
}
