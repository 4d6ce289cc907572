import Digests
internal import Events
import SQLite
import TestSupport
import Testing

@testable import Ledger

@Suite(.temporaryDirectory) struct ReaderTests {
  private let instance = Sample.newID()

  /// created, running, then output and status in turn, then completed; between them events of another instance.
  private func write(outputs: Int) throws -> LedgerReader {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let other = Sample.newID()
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(Sample.event(instance, at: 100))
      try turn.append(Sample.event(other, at: 100))
      try turn.append(Sample.event(instance, .state(.running), at: 200))
      for index in 0..<outputs {
        let chunk = Sample.chunk(Array("chunk \(index)".utf8))
        try turn.append(Sample.event(instance, .output, at: 300 + Int64(index), output: chunk))
        try turn.append(Sample.event(other, .status, at: 300 + Int64(index)))
      }
      try turn.append(Sample.event(instance, .state(.completed), at: 900))
    }
    return writer.reader
  }

  @Test func `an empty ledger has position 0 and the genesis digest`() throws {
    _ = try LedgerWriter(TemporaryDirectory.ledger)
    let reader = try LedgerReader(TemporaryDirectory.ledger)
    let head = try reader.head()
    #expect(head.seq == 0)
    #expect(head.digest == Chain.genesis(ledgerID: reader.originID))
    try expect(reader.events(after: 0, limit: 10)) { $0.isEmpty }
    try expect(reader.lastEvent(of: instance)) { $0 == nil }
    try expect(reader.position(before: WallTime(microseconds: .max)), is: 0)
  }

  @Test func `events come in order and as many as asked for`() throws {
    let reader = try write(outputs: 3)
    try expect(reader.events(after: 0, limit: 4).map(\.seq), is: [1, 2, 3, 4])
    try expect(reader.events(after: 8, limit: 4).map(\.seq), is: [9, 10])
    try expect(reader.events(after: 10, limit: 4)) { $0.isEmpty }
    var seqs: [Seq] = []
    try expect(reader.forEachEvent(after: 7, limit: 2) { seqs.append($0.seq) }, is: 2)
    #expect(seqs == [8, 9])
  }

  @Test func `an instance is read without its output unless that is asked for`() throws {
    let reader = try write(outputs: 3)
    try expect(reader.events(of: instance).map(\.n), is: [1, 2, 6])
    try expect(reader.events(of: instance, withOutput: true).map(\.n), is: [1, 2, 3, 4, 5, 6])
    try expect(reader.events(of: instance, after: 4, withOutput: true).map(\.n), is: [5, 6])
    try expect(reader.events(of: instance, withOutput: true, limit: 2).map(\.n), is: [1, 2])
    try expect(reader.lastEvent(of: instance)?.kind, is: .state(.completed))
  }

  @Test func `output is read forwards and backwards between two positions`() throws {
    let reader = try write(outputs: 5)
    let all = try reader.output(of: instance, limit: 100)
    #expect(all.map(\.n) == [3, 4, 5, 6, 7])
    #expect(all.map(\.at) == [300, 301, 302, 303, 304])
    #expect(all.compactMap(\.chunk).map(\.bytes) == (0..<5).map { Array("chunk \($0)".utf8) })
    try expect(reader.output(of: instance, after: 4, before: 7, limit: 100).map(\.n), is: [5, 6])
    let last = try reader.output(of: instance, order: .descending, limit: 2)
    #expect(last.map(\.n) == [7, 6])
    try expect(reader.output(of: Sample.newID(), limit: 1)) { $0.isEmpty }
  }

  @Test func `a time is found by the first event at or after it`() throws {
    let reader = try write(outputs: 2)
    try expect(reader.position(before: 0), is: 0)
    try expect(reader.position(before: 100), is: 0)
    try expect(reader.position(before: 101), is: 2)
    try expect(reader.position(before: 301), is: 5)
    try expect(reader.position(before: 900), is: 7)
    try expect(reader.position(before: 901), is: 8)
  }

  @Test func `events of no instance are read by kind and in order`() throws {
    let reader = try write(outputs: 2)
    try expect(reader.hostEvents([.released])) { $0.isEmpty }
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    for kind in [EventKind.released, .jobEnabled, .jobDisabled, .historyRemoved, .released] {
      _ = try Sample.append(Sample.event(nil, kind), to: writer)
    }
    let seqs = try reader.hostEvents([.released]).map(\.seq)
    #expect(seqs.count == 2)
    let first = try #require(seqs.first)
    #expect(seqs == [first, first + 4])
    try expect(
      reader.hostEvents([.jobDisabled, .jobEnabled]).map(\.seq), is: [first + 1, first + 2])
    try expect(reader.hostEvents([.jobDisabled]).map(\.kind), is: [.jobDisabled])
    try expect(reader.hostEvents([])) { $0.isEmpty }
    try expect(reader.hostEvents([.output])) { $0.isEmpty }
  }

  @Test func `events of no instance are found by their index and not by reading the ledger`() throws
  {
    let reader = try write(outputs: 2)
    var plan = try reader.connection.prepare(
      "EXPLAIN QUERY PLAN SELECT seq FROM event WHERE \(LedgerReader.ofHost(kindCount: 2))")
    var steps: [String] = []
    while try plan.step() { steps.append(plan.text(3)) }
    #expect(steps.count == 1)
    #expect(steps.first?.contains("event_of_host (kind=? AND seq>?)") == true, "\(steps)")
  }

  @Test func `large events come a few at a time, and all of them`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let data = JSON.object([JSON.Member("text", .string(String(repeating: "x", count: 1 << 20)))])
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(Sample.event(instance))
      for _ in 0..<12 { try turn.append(Sample.event(instance, .paused, data)) }
    }
    let reader = writer.reader
    try expect(reader.events(after: 0, limit: 1000).count) { $0 < 8 }
    try expect(reader.events(of: instance).count) { $0 < 8 }
    var tail = LiveTail(reader, after: 0)
    var seqs: [Seq] = []
    while case let events = try tail.next(), !events.isEmpty { seqs += events.map(\.seq) }
    #expect(seqs == (1...13).map { Seq($0) })
    var count = 0
    try reader.forEachEvent(of: instance) { _ in count += 1 }
    #expect(count == 13)
    var stream = InstanceStream(job: "job", instance: instance)
    try expect(stream.read(from: writer), is: true)
    #expect(stream.takeForeign().count == 13)
    #expect(stream.n == 13)
  }
}
