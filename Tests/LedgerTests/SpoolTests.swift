import Glibc
import Linux
import TestSupport
import Testing

@testable import Ledger

/// What a runner keeps where it cannot append, and how others take it in. In a place beside the ledger.
@Suite(.temporaryDirectory) struct SpoolTests {
  private let writer: LedgerWriter
  private let directory: LedgerDirectory
  private let instance = Sample.newID()
  private var stream: InstanceStream

  init() throws {
    directory = TemporaryDirectory.ledger
    writer = try LedgerWriter(directory)
    stream = InstanceStream(job: "job", instance: instance)
  }

  private var path: String { "\(directory.spool)/\(instance).jsonl" }

  private func run(outputs: Int = 1) -> [NewEvent] {
    let output = (0..<outputs).map { number in
      Sample.event(
        instance, .output, at: Int64(number), output: Sample.chunk(Array("line \(number)\n".utf8)))
    }
    return [Sample.event(instance, .state(.created), .object([.init("a", "\u{1}ü\"")]))]
      + [Sample.event(instance, .state(.running))] + output
      + [Sample.event(instance, .state(.completed))]
  }

  /// By a runner that is gone when this returns.
  private func spool(_ events: [NewEvent]) throws { try Self.spool(events, stream, directory) }

  private static func spool(
    _ events: [NewEvent], _ stream: InstanceStream, _ directory: LedgerDirectory
  ) throws {
    let spool = Spool(directory, stream.instance)
    for event in events { try spool.append(event, of: stream) }
    try spool.sync()
  }

  private func recorded() throws -> [Event] { try writer.reader.events(after: 0, limit: .max) }

  private func expectRecorded(_ events: [NewEvent]) throws {
    let recorded = try recorded()
    #expect(recorded.count == events.count)
    for (event, new) in zip(recorded, events) { #expect(event.isSame(as: new)) }
    #expect(try Sample.firstMisfit(in: writer.reader) == nil)
    #expect(Files.names(in: directory.spool).isEmpty)
  }

  @Test func `what was spooled is taken in as it was, byte for byte`() throws {
    let events = run(outputs: 20)
    try spool(events)
    #expect(SpoolIntake.isWaiting(directory))
    #expect(Files.mode(path) == 0o600)
    #expect(try SpoolIntake.run(writer).events == events.count)
    try expectRecorded(events)
    #expect(!SpoolIntake.isWaiting(directory))
  }

  @Test func `wherever an intake was killed, the next goes on there`() throws {
    let events = run(outputs: 3)
    for done in 0...events.count {
      let directory = LedgerDirectory("\(TemporaryDirectory.path)/\(done)")
      let writer = try LedgerWriter(directory)
      try Self.spool(events, stream, directory)
      for event in events.prefix(done) { try Sample.append(event, to: writer) }
      #expect(try SpoolIntake.run(writer).events == events.count - done)
      let recorded = try writer.reader.events(after: 0, limit: .max)
      #expect(zip(recorded, events).allSatisfy { $0.isSame(as: $1) })
      #expect(recorded.count == events.count)
    }
  }

  @Test func `requests of others stay where they are between the run's own`() throws {
    var events = run()
    try Sample.append(events.removeFirst(), to: writer)
    let request = Sample.event(instance, .stopRequested, at: 5)
    try Sample.append(request, to: writer)
    try spool(events)
    try SpoolIntake.run(writer)
    #expect(
      try recorded().map(\.kind) == [
        .state(.created), .stopRequested, .state(.running), .output, .state(.completed),
      ])
  }

  @Test func `a runner that lives keeps its spool`() throws {
    let spool = Spool(directory, instance)
    for event in run() { try spool.append(event, of: stream) }
    let outcome = try SpoolIntake.run(writer)
    #expect(outcome == SpoolIntake.Outcome(events: 0, busy: 1, refused: []))
    #expect(Files.exists(path))
    withExtendedLifetime(spool) {}
  }

  @Test func `a line that was cut off is none, and a damaged one is told of`() throws {
    let events = run()
    try spool(events)
    let bytes = try Files.contents(path)
    try Files.write(bytes.dropLast(3) + [], to: path)
    #expect(try SpoolIntake.run(writer).events == events.count - 1)
    #expect(try recorded().last?.kind == .output)

    let other = Sample.newID()
    let theirs = events.map { event in
      var event = event
      event.instance = other
      return event
    }
    try Self.spool(theirs, InstanceStream(job: "job", instance: other), directory)
    let otherPath = "\(directory.spool)/\(other).jsonl"
    var lines = try Files.contents(otherPath).split(separator: 0x0a)
    lines[2] = Array("{}".utf8)[...]
    try Files.write(lines.flatMap { $0 + [0x0a] }, to: otherPath)
    #expect(try SpoolIntake.run(writer).refused == ["\(otherPath).refused"])
    // The rest is in the ledger all the same.
    #expect(try recorded().count == 2 * events.count - 2)
    #expect(SpoolIntake.refused(directory) == ["\(otherPath).refused"])
  }

  @Test func `what comes too late is kept beside the ledger`() throws {
    let events = run()
    try Sample.append(events[0], to: writer)
    try Sample.append(Sample.event(instance, .state(.lost)), to: writer)
    try spool(Array(events.dropFirst()))
    #expect(try SpoolIntake.run(writer).refused == ["\(path).refused"])
    #expect(try recorded().count == 2)
    #expect(Files.exists("\(path).refused"))
  }

  @Test func `a ledger that knows nothing of the run gets its beginning, too`() throws {
    let events = run()
    var stream = stream
    stream.remember(events)
    try Self.spool(Array(events.dropFirst(2)), stream, directory)
    try SpoolIntake.run(writer)
    try expectRecorded(events)
  }

  @Test func `a directory that others can write is no place`() throws {
    try spool(run())
    chmod(directory.spool, 0o777)
    #expect(!SpoolIntake.isWaiting(directory))
    #expect(throws: SystemCallError.self) {
      _ = try SpoolFile(instance, in: SpoolPlaces(directory).all[0])
    }
  }
}
