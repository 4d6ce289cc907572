internal import Events
import Glibc
import Linux
import TestSupport
import Testing

@testable import Ledger
@testable import Maintenance

/// What an intake reads, and what it does not take for a spool.
@Suite(.temporaryDirectory) struct SpoolIntakeTests {
  private let writer: LedgerWriter
  private let directory: LedgerDirectory
  private let instance = Sample.newID()

  init() throws {
    directory = TemporaryDirectory.ledger
    writer = try LedgerWriter(directory)
  }

  private var path: String { "\(directory.spool)/\(instance).jsonl" }

  private func run(statuses: Int) -> [NewEvent] {
    [Sample.event(instance, .state(.created)), Sample.event(instance, .state(.running))]
      + (0..<statuses).map { Sample.event(instance, .status, .object([]), at: WallTime($0)) }
      + [Sample.event(instance, .state(.completed))]
  }

  /// As of a runner that is gone.
  private func write(_ events: [NewEvent], _ header: SpoolLine.Header? = nil) throws {
    let header = header ?? SpoolLine.Header(job: "job", instance: instance, opening: [])
    mkdir(directory.spool, 0o700)
    let text = SpoolLine.text(header) + events.map { SpoolLine.text($0) }.joined()
    try Files.write(Array(text.utf8), to: path)
    try #require(chmod(path, 0o600) == 0)
  }

  private func recorded() throws -> [Event] { try writer.reader.events(after: 0, limit: .max) }

  private func expectRecorded(_ events: [NewEvent]) throws {
    let recorded = try recorded()
    #expect(recorded.count == events.count)
    #expect(zip(recorded, events).allSatisfy { $0.isSame(as: $1) })
    #expect(Files.names(in: directory.spool).isEmpty)
  }

  /// Sparse: what is not read costs nothing.
  @Test func `a file without a line is kept, and read no further than a line can be long`() throws {
    mkdir(directory.spool, 0o700)
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    try #require(file >= 0 && ftruncate(file, 1 << 30) == 0)
    close(file)
    try expect(
      SpoolIntake.run(writer).refused,
      is: [
        SpoolIntake.Refusal(path: "\(path).refused", cause: .damaged)
      ])
    #expect(Files.size("\(path).refused") == 1 << 30)
    #expect(!SpoolFiles.areWaiting(directory))
  }

  @Test func `what stands before a line that is too long is taken in, and the file is kept`() throws
  {
    let events = run(statuses: 3)
    try write(events)
    let size = Files.size(path)
    try #require(truncate(path, off_t(size + FileLines.longest + 2)) == 0)
    try expect(SpoolIntake.run(writer).refused.map(\.cause), is: [.damaged])
    try expect(recorded().count, is: events.count)
    #expect(Files.exists("\(path).refused"))
  }

  @Test func `an empty file, and the end of a line that was cut off, are nothing`() throws {
    try write([])
    try #require(truncate(path, 0) == 0)
    try expect(SpoolIntake.run(writer).refused) { $0.isEmpty }
    let events = run(statuses: 0)
    try write(events)
    try #require(truncate(path, off_t(Files.size(path) - 5)) == 0)
    try expect(SpoolIntake.run(writer).refused) { $0.isEmpty }
    try expect(recorded().count, is: events.count - 1)
    #expect(Files.names(in: directory.spool).isEmpty)
  }

  @Test func `a line of megabytes is one`() throws {
    var events = run(statuses: 1)
    let long = JSON.object([.init("last", .string(String(repeating: "\"", count: 3 << 20)))])
    events[2] = Sample.event(instance, .status, long, at: 0)
    try write(events)
    try expect(SpoolIntake.run(writer).refused) { $0.isEmpty }
    try expectRecorded(events)
  }

  @Test func `an intake whose time was over goes on where it was, without reading what was before`()
    throws
  {
    let events = run(statuses: 500)
    try write(events)
    try expect(SpoolIntake.run(writer, until: 0).busy, is: 1)
    let taken = try recorded().count
    #expect(taken > 0)
    #expect(taken < events.count)
    #expect(Files.exists("\(path).taken"))
    // In the same file: were it read again, it would be called damaged.
    let header = try #require(try Files.lines(path).first)
    let file = open(path, O_RDWR)
    try #require(file >= 0)
    let damage = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
    #expect(pwrite(file, damage, damage.count, off_t(header.utf8.count + 1)) == 100)
    close(file)
    try expect(SpoolIntake.run(writer).refused) { $0.isEmpty }
    try expectRecorded(events)
  }

  @Test(arguments: ["file", "ledger"])
  func `how far another intake came in another file or ledger does not count`(key: String) throws {
    let events = run(statuses: 300)
    try write(events)
    try SpoolIntake.run(writer, until: 0)
    let text = try Files.text("\(path).taken")
    let value = try #require(try JSON(parsing: text)[key]?.string)
    try Files.write(Array(text.replacing(value, with: "other").utf8), to: "\(path).taken")
    try SpoolIntake.run(writer)
    try expectRecorded(events)
  }

  /// More than a page, so that most are known by the filter.
  @Test func `what a killed intake has appended is met again, however much it was`() throws {
    let events = run(statuses: 1500)
    try write(events)
    for event in events.prefix(1300) { try Sample.append(event, to: writer) }
    let request = Sample.event(instance, .stopRequested, at: 5)
    try Sample.append(request, to: writer)
    try expect(SpoolIntake.run(writer).events, is: events.count - 1300)
    try expect(recorded().count, is: events.count + 1)
  }

  @Test func `a spool says from where in which ledger it goes on`() throws {
    let events = run(statuses: 20)
    var stream = InstanceStream(job: "job", instance: instance)
    try stream.append(Array(events.prefix(12)), to: writer, durable: true)
    let header = SpoolLine.Header(stream)
    #expect(header.recorded == RecordedPosition(ledger: writer.reader.ledgerID, n: 12))
    // One that the ledger had already: its flush had failed.
    try write(Array(events.dropFirst(12)), header)
    try Sample.append(events.at(12), to: writer)
    #expect(SpoolLine.header(try #require(try Files.lines(path).first).utf8) == header)
    try expect(SpoolIntake.run(writer).events, is: events.count - 13)
    try expectRecorded(events)
  }

  @Test(arguments: ["mode", "links", "link", "pipe", "folder"])
  func `a file that others could have made or changed is none`(what: String) throws {
    let events = run(statuses: 0)
    try write(events)
    let elsewhere = "\(TemporaryDirectory.path)/elsewhere"
    switch what {
    case "mode": chmod(path, 0o640)
    case "links": link(path, elsewhere)
    case "link":
      rename(path, elsewhere)
      symlink(elsewhere, path)
    case "pipe":
      unlink(path)
      mkfifo(path, 0o600)
    default:
      unlink(path)
      mkdir(path, 0o700)
    }
    try expect(
      SpoolIntake.run(writer).refused,
      is: [
        SpoolIntake.Refusal(path: "\(path).refused", cause: .foreign)
      ])
    try expect(recorded()) { $0.isEmpty }
    #expect(!SpoolFiles.areWaiting(directory))
  }

  @Test func `what waits is counted`() throws {
    #expect(SpooledInstances(of: directory).count == 0)
    try write(run(statuses: 0))
    let spooled = SpooledInstances(of: directory)
    #expect(spooled.count == 1)
    #expect(spooled.oldest == instance.createdAt)
    #expect(spooled.directories == [directory.spool])
  }
}
