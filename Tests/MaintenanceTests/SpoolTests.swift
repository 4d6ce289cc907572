internal import Events
import Glibc
import Linux
import TestSupport
import Testing

@testable import Ledger
@testable import Maintenance

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
      let line = Array("line \(number)\n".utf8)
      // As the sample has it.
      let stdout = Int64(line.count / 2)
      let data = JSON.object([
        .init("stdout", .integer(stdout)), .init("stderr", .integer(Int64(line.count) - stdout)),
      ])
      return Sample.event(
        instance, .output, data, at: WallTime(number), output: Sample.chunk(line))
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
    do {
      let spool = Spool(directory, stream.instance)
      for event in events { try spool.append(event, of: stream) }
      try spool.sync()
    }
    // A process that another test is just starting has the lock too, until it executes.
    let path = "\(directory.spool)/\(stream.instance).jsonl"
    guard Files.exists(path) else { return }
    let file = try Descriptor.open(path, O_RDONLY)
    try eventually("nobody holds its lock") { !ByteLock.isHeld(file.fd, byte: 0) }
  }

  private func recorded() throws -> [Event] { try writer.reader.events(after: 0, limit: .max) }

  private func expectRecorded(_ events: [NewEvent]) throws {
    let recorded = try recorded()
    #expect(recorded.count == events.count)
    for (event, new) in zip(recorded, events) { #expect(event.isSame(as: new)) }
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
    #expect(Files.names(in: directory.spool).isEmpty)
  }

  @Test func `what was spooled is taken in as it was, byte for byte`() throws {
    let events = run(outputs: 20)
    try spool(events)
    #expect(SpoolFiles.areWaiting(directory))
    #expect(Files.mode(path) == 0o600)
    try expect(SpoolIntake.run(writer).events, is: events.count)
    try expectRecorded(events)
    #expect(!SpoolFiles.areWaiting(directory))
  }

  @Test func `wherever an intake was killed, the next goes on there`() throws {
    let events = run(outputs: 3)
    for done in 0...events.count {
      let directory = LedgerDirectory("\(TemporaryDirectory.path)/\(done)")
      let writer = try LedgerWriter(directory)
      try Self.spool(events, stream, directory)
      for event in events.prefix(done) { try Sample.append(event, to: writer) }
      try expect(SpoolIntake.run(writer).events, is: events.count - done)
      let recorded = try writer.reader.events(after: 0, limit: .max)
      #expect(zip(recorded, events).allSatisfy { $0.isSame(as: $1) })
      #expect(recorded.count == events.count)
    }
  }

  @Test func `nor does it matter in another ledger than the run began in`() throws {
    let events = run(outputs: 6)
    var stream = stream
    try stream.append(Array(events.prefix(5)), to: writer, durable: true)
    let (opening, rest) = (events.prefix(2), events.dropFirst(5))
    for done in 0...rest.count {
      let directory = LedgerDirectory("\(TemporaryDirectory.path)/\(done)")
      let writer = try LedgerWriter(directory)
      try Self.spool(Array(rest), stream, directory)
      for event in opening + rest.prefix(done) { try Sample.append(event, to: writer) }
      try expect(SpoolIntake.run(writer).events, is: rest.count - done)
      try expect(writer.reader.events(after: 0, limit: .max).count, is: 2 + rest.count)
    }
  }

  @Test func `requests of others stay where they are between the run's own`() throws {
    var events = run()
    try Sample.append(events.removeFirst(), to: writer)
    let request = Sample.event(instance, .stopRequested, at: 5)
    try Sample.append(request, to: writer)
    try spool(events)
    try SpoolIntake.run(writer)
    try expect(
      recorded().map(\.kind),
      is: [
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
    try expect(SpoolIntake.run(writer).events, is: events.count - 1)
    try expect(recorded().last?.kind, is: .output)

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
    try expect(
      SpoolIntake.run(writer).refused,
      is: [
        SpoolIntake.Refusal(path: "\(otherPath).refused", cause: .damaged)
      ])
    // The rest is in the ledger all the same, and what it takes in place of the damaged one.
    try expect(recorded().count, is: 2 * events.count - 1)
    #expect(SpoolFiles.refused(directory) == ["\(otherPath).refused"])
  }

  @Test func `what comes too late is kept beside the ledger`() throws {
    let events = run()
    try Sample.append(events.at(0), to: writer)
    try Sample.append(Sample.event(instance, .state(.lost)), to: writer)
    try spool(Array(events.dropFirst()))
    try expect(
      SpoolIntake.run(writer).refused,
      is: [
        SpoolIntake.Refusal(path: "\(path).refused", cause: .ended)
      ])
    try expect(recorded().count, is: 2)
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

  @Test func `however short the time is, each intake comes further`() throws {
    let events = run(outputs: 30)
    try spool(events)
    while SpoolFiles.areWaiting(directory) {
      let before = try recorded().count
      // A process that another test is just starting has the spool's lock too, until it executes.
      guard try SpoolIntake.run(writer, until: 0).busy == 0 else { continue }
      try #require(recorded().count > before)
    }
    try expectRecorded(events)
  }

  /// Another line in place of one, as 0.1.0 wrote them: without a check. The first is the header.
  private func change(_ number: Int, _ text: (String) -> String) throws {
    var lines = try Files.lines(path)
    lines[number] = text(lines[number]).replacing(/,"check":"[0-9a-f]{8}"}$/, with: "}")
    try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
  }

  private func expectGood(_ kinds: [EventKind]) throws {
    try expect(recorded().map(\.kind), is: kinds)
    try expect(LedgerVerification.run(directory).isGood, is: true)
  }

  @Test func `where a line is damaged, what follows it makes sense all the same`() throws {
    try spool(run())
    try change(2) { _ in "{}" }
    try SpoolIntake.run(writer)
    try expectGood([.state(.created), .output, .state(.triggered), .state(.completed)])
    let made = try recorded().at(2)
    #expect(made.data == "{\"recovered\":true}")
    try expect(made.at, is: recorded().at(1).at)
  }

  @Test func `a damaged line that the first one repeats is not lost`() throws {
    let events = run()
    try Sample.append(events.at(0), to: writer)
    var stream = InstanceStream(job: "job", instance: instance)
    try stream.read(from: writer)
    stream.remember(events)
    try Self.spool(Array(events.dropFirst()), stream, directory)
    try change(1) { _ in "{}" }
    try SpoolIntake.run(writer)
    try expectGood(events.map(\.kind))
  }

  @Test(arguments: ["running", "created", "completed"])
  func `what may not follow is left out, and kept`(kind: String) throws {
    let events = run(outputs: 2)
    try spool(events)
    try change(4) { $0.replacing("\"output\"", with: "\"\(kind)\"") }
    let ended = kind == "completed"
    try expect(
      SpoolIntake.run(writer).refused,
      is: [
        SpoolIntake.Refusal(path: "\(path).refused", cause: ended ? .ended : .misfit)
      ])
    #expect(Files.exists("\(path).refused"))
    try expect(LedgerVerification.run(directory).isGood, is: true)
    try expect(recorded().count, is: (ended ? 4 : events.count - 1))
    try expect(recorded().last?.kind, is: .state(.completed))
  }

  @Test(arguments: ["retained", "history_removed", "released"])
  func `what belongs to no instance is none of its events`(kind: String) throws {
    let events = run(outputs: 2)
    try spool(events)
    try change(4) { $0.replacing("\"output\"", with: "\"\(kind)\"") }
    try SpoolIntake.run(writer)
    #expect(Files.exists("\(path).refused"))
    try expect(recorded().map(\.kind), is: run().map(\.kind))
  }

  @Test func `a directory that others can write is no place`() throws {
    try spool(run())
    chmod(directory.spool, 0o777)
    #expect(!SpoolFiles.areWaiting(directory))
    let place = try #require(SpoolPlaces(directory).all.first)
    #expect(throws: Folder.Refusal.self) { _ = try place.make { _ in }.path }
  }
}
