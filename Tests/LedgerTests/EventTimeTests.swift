internal import Events
import Ledger
import Linux
import TestSupport
import Testing

/// Within an instance the order of events is the order of their times, whoever appends and however late.
@Suite(.temporaryDirectory) struct EventTimeTests {
  private let writer: LedgerWriter
  private let instance = Sample.newID()
  /// A moment of this boot.
  private let start = EventTime(
    at: .now - 1_000_000, mono: .now - 1_000_000)

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    try append(.state(.created), after: 0)
  }

  private func event(
    _ kind: EventKind, after: Int64, wallAfter: Int64? = nil, _ data: JSON = .object([])
  ) -> NewEvent {
    NewEvent(
      at: start.at + (wallAfter ?? after), mono: start.mono + after, job: "job",
      instance: instance, kind: kind, data: data)
  }

  private func append(_ kind: EventKind, after: Int64, wallAfter: Int64? = nil) throws {
    try Sample.append(event(kind, after: after, wallAfter: wallAfter), to: writer)
  }

  private func last() throws -> (at: Int64, mono: Int64) {
    let event = try #require(try writer.reader.lastEvent(of: instance))
    return (event.at - start.at, event.mono - start.mono)
  }

  @Test func `what is recorded late about an earlier moment is dated with the event before it`()
    throws
  {
    try append(.state(.running), after: 500)
    try append(.status, after: 300)
    try expect(last()) { $0 == (500, 500) }
    try append(.state(.completed), after: 501)
    try expect(last()) { $0 == (501, 501) }
  }

  @Test func `both clocks move alike, whatever they show`() throws {
    try append(.state(.running), after: 500)
    // The clock was set forward by an hour.
    try append(.status, after: 300, wallAfter: 3_600_000_300)
    try expect(last()) { $0 == (3_600_000_500, 500) }
  }

  @Test func `the wall clock goes back when it was set, and not by the time between two readings`()
    throws
  {
    try append(.state(.running), after: 500)
    try append(.status, after: 600, wallAfter: 450)
    try expect(last()) { $0 == (500, 600) }
    try append(.status, after: 700, wallAfter: -3_600_000_000)
    try expect(last()) { $0 == (-3_600_000_000, 700) }
  }

  @Test func `an event of another boot keeps its time`() throws {
    // Uptimes that this boot has not reached.
    let ahead = BootTime.now + 3_600_000_000 - start.mono
    try append(.state(.running), after: ahead)
    try append(.state(.lost), after: 300)
    try expect(last()) { $0 == (300, 300) }
  }

  @Test func `other instances, and events of none, have nothing to do with it`() throws {
    try append(.state(.running), after: 500)
    let other = NewEvent(
      at: 7, mono: 7, job: "job", instance: Sample.newID(), kind: .state(.created),
      data: .object([]))
    let seq = try Sample.append(other, to: writer)
    try expect(writer.reader.events(after: seq - 1, limit: 1).map(\.mono), is: [7])
  }

  @Test func `an append that is repeated is known again though it was dated later`() throws {
    let late = event(.status, after: 300)
    try append(.state(.running), after: 500)
    let seq = try Sample.append(late, to: writer, .expected(3))
    try expect(Sample.append(late, to: writer, .expected(3)), is: seq)
    #expect(throws: LedgerError.self) {
      try Sample.append(event(.status, after: 600), to: writer, .expected(3))
    }
    try expect(writer.reader.events(of: instance, withOutput: true).count, is: 3)
  }

  @Test func `a runner finds its own events again behind somebody else's request`() throws {
    var stream = InstanceStream(job: "job", instance: Sample.newID())
    func own(_ kind: EventKind, _ after: Int64) -> NewEvent {
      stream.event(kind, .object([]), at: start.at + after, mono: start.mono + after)
    }
    let opening = [own(.state(.created), 0), own(.state(.running), 1)]
    try stream.append(opening, to: writer, durable: false)
    let request = NewEvent(
      at: start.at + 900, mono: start.mono + 900, job: "job", instance: stream.instance,
      kind: .stopRequested, data: .object([]))
    try Sample.append(request, to: writer)
    let rest = [own(.status, 400), own(.state(.stopped), 500)]
    // Behind what the runner has not seen yet; and once more by one who does not know that it has worked.
    var ignorant = stream
    try stream.append(rest, to: writer, durable: false)
    try ignorant.append(rest, to: writer, durable: false)
    let events = try writer.reader.events(of: stream.instance, withOutput: true)
    #expect(events.map(\.mono).map { $0 - start.mono } == [0, 1, 900, 900, 900])
    #expect(
      events.map(\.kind) == [
        .state(.created), .state(.running), .stopRequested, .status, .state(.stopped),
      ])
    #expect(stream.takeForeign().map(\.kind) == [.stopRequested])
    #expect(stream.state == .stopped)
  }

  @Test func `events in any order of their clocks stand in the order of their times`() throws {
    var random = SeededGenerator(for: "event times")
    try append(.state(.running), after: 1)
    for _ in 0..<400 {
      let after = Int64(random.below(900_000))
      try append(.status, after: after, wallAfter: after + Int64(random.below(50_000)))
    }
    let events = try writer.reader.events(of: instance, withOutput: true)
    for (one, next) in zip(events, events.dropFirst()) {
      try #require(one.mono <= next.mono && one.at <= next.at, "at \(next.seq)")
    }
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }
}
