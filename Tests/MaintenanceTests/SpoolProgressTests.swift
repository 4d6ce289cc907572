internal import Events
import Glibc
import Linux
import TestSupport
import Testing

@testable import Ledger
@testable import Maintenance

/// What an intake has noted of how far it came, changed by a disk.
@Suite("spool progress", .temporaryDirectory) struct SpoolProgressTests {
  private let directory = TemporaryDirectory.ledger
  private let instance = Sample.newID()
  private var path: String { "\(directory.spool)/\(instance).jsonl" }

  private func spool() throws -> [NewEvent] {
    let statuses = (0..<300).map { Sample.event(instance, .status, at: WallTime($0)) }
    let events =
      [Sample.event(instance, .state(.created)), Sample.event(instance, .state(.running))]
      + statuses + [Sample.event(instance, .state(.completed))]
    let stream = InstanceStream(job: "job", instance: instance)
    do {
      let spool = Spool(directory, instance)
      for event in events { try spool.append(event, of: stream) }
      try spool.sync()
    }
    let file = try Descriptor.open(path, O_RDONLY)
    try eventually("nobody holds its lock") { !ByteLock.isHeld(file.fd, byte: 0) }
    return events
  }

  private func expectWhole(_ events: [NewEvent], _ writer: LedgerWriter) throws {
    try expect(SpoolIntake.run(writer).refused) { $0.isEmpty }
    let recorded = try writer.reader.events(after: 0, limit: .max)
    expect(recorded.count, is: events.count)
    for (event, new) in zip(recorded, events) { #expect(event.isSame(as: new)) }
    #expect(Files.names(in: directory.spool).isEmpty)
  }

  @Test(arguments: ["position", "n"])
  func `a digit that has changed makes all of it read again`(key: String) throws {
    let writer = try LedgerWriter(directory)
    let events = try spool()
    try SpoolIntake.run(writer, until: 0)
    let text = try Files.text("\(path).taken")
    let number = try #require(try JSON(parsing: text)[key]?.integer)
    let changed = text.replacing("\"\(key)\":\(number)", with: "\"\(key)\":9\(number)")
    try #require(changed != text)
    try Files.write(Array(changed.utf8), to: "\(path).taken")
    try expectWhole(events, writer)
  }

  @Test(arguments: [0, 1, 3074, 1 << 40] as [Int64])
  func `a position that is behind no line of the file does not count`(position: Int64) throws {
    let writer = try LedgerWriter(directory)
    let events = try spool()
    let file = try Descriptor.open(path, O_RDONLY)
    let folder = try Folder(directory.spool, .user)
    try #require(RawIO.read(file.fd, 1, at: max(0, position - 1)) != [0x0a])
    let appended = RecordedPosition(ledger: writer.reader.ledgerID, n: 0)
    SpoolProgress(position: position, appended: appended, refusal: nil)
      .save(of: "\(instance).jsonl", file.fd, in: folder)
    try #require(Files.exists("\(path).taken"))
    try expectWhole(events, writer)
  }
}
