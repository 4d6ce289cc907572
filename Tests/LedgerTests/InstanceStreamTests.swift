internal import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct InstanceStreamTests {
  private let instance = Sample.newID()

  private func started(_ writer: LedgerWriter) throws -> InstanceStream {
    var stream = InstanceStream(job: "job", instance: instance)
    try stream.append(
      [Sample.event(instance), Sample.event(instance, .state(.running))], to: writer, durable: true)
    return stream
  }

  @Test func `a stream numbers its events and knows its state`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    #expect(stream.n == 2)
    #expect(stream.state == .running)
    let event = stream.event(.state(.completed), .object([]), at: 5, mono: 6)
    try stream.append([event], to: writer, durable: true)
    #expect(stream.n == 3)
    #expect(stream.state == .completed)
    #expect(stream.foreign.isEmpty)
    try expect(writer.reader.events(of: instance).map(\.n), is: [1, 2, 3])
  }

  @Test func `a stream meets what others have put between`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    let other = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance, .stopRequested), to: other)
    try Sample.append(Sample.event(instance, .interruptRequested), to: other)
    try stream.append(
      [Sample.event(instance, .status), Sample.event(instance, .status)], to: writer, durable: false
    )
    #expect(stream.n == 6)
    #expect(stream.takeForeign().map(\.kind) == [.stopRequested, .interruptRequested])
    #expect(stream.takeForeign().isEmpty)
    try expect(
      writer.reader.events(of: instance, withOutput: true).map(\.kind.name),
      is: [
        "created", "running", "stop_requested", "interrupt_requested", "status", "status",
      ])
  }

  @Test func `an impossible transition is refused and nothing is appended`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    let error = #expect(throws: LedgerError.self) {
      try stream.append(
        [Sample.event(instance, .status), Sample.event(instance, .state(.pending))], to: writer,
        durable: true)
    }
    guard case .impossibleTransition(instance, from: .running, to: .pending) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(stream.n == 2)
    #expect(stream.state == .running)
    try expect(writer.reader.head().seq, is: 2)
  }

  @Test func `a runner that was declared lost appends nothing more and learns it`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    try Sample.append(Sample.event(instance, .state(.lost)), to: writer)
    let error = #expect(throws: LedgerError.self) {
      try stream.append([Sample.event(instance, .status)], to: writer, durable: false)
    }
    guard case .ended(instance) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    try expect(stream.read(from: writer), is: true)
    #expect(stream.state == .lost)
    #expect(stream.n == 3)
    try expect(stream.read(from: writer), is: false)
  }

  @Test func `a stream that goes on where another left appends behind it`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    _ = try started(writer)
    // The same appends again, as after an error that left it open whether they had worked.
    var again = InstanceStream(job: "job", instance: instance)
    try again.append(
      [Sample.event(instance), Sample.event(instance, .state(.running))], to: writer, durable: true)
    #expect(again.n == 2)
    #expect(again.foreign.isEmpty)
    try expect(writer.reader.head().seq, is: 2)
  }

  // MARK: Deciding

  private func decide(
    _ stream: inout InstanceStream, _ writer: LedgerWriter, _ kinds: EventKind...
  ) throws -> Bool {
    try stream.decide(in: writer, durable: true) { _ in
      kinds.map { Sample.event(instance, $0) }
    }
  }

  @Test func `what is decided is appended in the turn that it was decided in`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = InstanceStream(job: "job", instance: instance)
    var seen: [Seq] = []
    let isDecided = try stream.decide(in: writer, durable: true) { (reader) throws(LedgerError) in
      seen.append(try reader.head().seq)
      return [Sample.event(instance), Sample.event(instance, .state(.waiting))]
    }
    #expect(isDecided)
    #expect(seen == [0])
    #expect((stream.n, stream.state, stream.lastSeq) == (2, .waiting, 2))
    try expect(decide(&stream, writer), is: true)
    #expect((stream.n, stream.state, stream.lastSeq) == (2, .waiting, 2))
    try expect(writer.reader.events(of: instance).map(\.kind.name), is: ["created", "waiting"])
  }

  @Test func `nothing is decided over what was not seen`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    let other = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance, .stopRequested), to: other)
    var wasAsked = false
    let isDecided = try stream.decide(in: writer, durable: true) { _ in
      wasAsked = true
      return [Sample.event(instance, .state(.completed))]
    }
    #expect(!isDecided)
    #expect(!wasAsked)
    #expect(stream.takeForeign().map(\.kind) == [.stopRequested])
    #expect((stream.n, stream.state) == (3, .running))
    try expect(writer.reader.head().seq, is: 3)
    try expect(decide(&stream, writer, .state(.stopped)), is: true)
    #expect((stream.n, stream.state, stream.lastSeq) == (4, .stopped, 4))
  }

  @Test func `what is impossible, or fails, is not decided`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var stream = try started(writer)
    #expect(throws: LedgerError.self) { try decide(&stream, writer, .status, .state(.pending)) }
    #expect(throws: LedgerError.self) {
      _ = try stream.decide(in: writer, durable: true) { (_) throws(LedgerError) in
        throw LedgerError.missing(path: "x")
      }
    }
    #expect((stream.n, stream.state) == (2, .running))
    try expect(writer.reader.head().seq, is: 2)
    // The queue is free again.
    try Sample.append(Sample.event(nil, .released), to: try LedgerWriter(TemporaryDirectory.ledger))
  }

  @Test func `a run that could not begin in the new ledger begins there with the next append`()
    throws
  {
    let directory = TemporaryDirectory.ledger
    let writer = try LedgerWriter(directory)
    var stream = try started(writer)
    let output = Sample.chunk(Array("seven77".utf8))
    try stream.append(
      [Sample.event(instance, .output, output: output)], to: writer, durable: true)
    for suffix in ["", "-wal"] {
      rename("\(directory.database)\(suffix)", "\(directory.path)/aside\(suffix)")
    }
    unlink("\(directory.path)/ledger.lock")
    try Sample.append(Sample.event(Sample.newID()), to: try LedgerWriter(directory))
    let other = try Connection(directory.database, .readWrite, busyMilliseconds: 0)
    let status = Sample.event(instance, .status)
    do {
      let lock = try other.begin()
      #expect(throws: LedgerError.self) {
        try stream.append([status], to: writer, durable: false, queueMilliseconds: 0)
      }
      #expect(throws: LedgerError.self) { try stream.read(from: writer, queueMilliseconds: 0) }
      try lock.commit()
    }
    #expect(stream.mustBeginAgain)
    try expect(stream.read(from: writer), is: false)
    #expect(!stream.mustBeginAgain)
    try stream.append([status], to: writer, durable: false)
    let events = try writer.reader.events(of: instance, withOutput: true)
    #expect(events.map(\.kind) == [.state(.created), .state(.running), .outputGap, .status])
    #expect(events.map { OutputGap($0.json).bytes }[2] == 7)
    #expect(stream.n == 4)
    #expect(stream.state == .running)
  }
}
