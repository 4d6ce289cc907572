internal import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct AppendTests {
  private let instance = Sample.newID()

  private func failure(_ body: () throws(LedgerError) -> Void) -> LedgerError? {
    do throws(LedgerError) {
      try body()
      return nil
    } catch { return error }
  }

  private func isConflict(_ error: LedgerError?, at n: Int64) -> Bool {
    guard case .conflict(instance, n: n) = error else { return false }
    return true
  }

  @Test func `positions count from one in the ledger and in each instance`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let other = Sample.newID()
    let seqs = try writer.turn(durable: true) { turn throws(LedgerError) in
      [
        try turn.append(Sample.event(instance)), try turn.append(Sample.event(other)),
        try turn.append(Sample.event(nil, .unknown("job_disabled"))),
        try turn.append(Sample.event(instance, .state(.running))),
      ]
    }
    #expect(seqs == [1, 2, 3, 4])
    try expect(writer.reader.events(of: instance).map(\.n), is: [1, 2])
    try expect(writer.reader.events(after: 0, limit: 10).map(\.n), is: [1, 1, nil, 2])
    try expect(writer.reader.head().seq, is: 4)
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }

  @Test func `what was appended is read back as it was`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let data = JSON.object([.init("text", "\0 é 🦔 \u{fffd}"), .init("list", .array([1, .null]))])
    try Sample.append(Sample.event(instance), to: writer)
    try Sample.append(Sample.event(instance, .unknown("odd"), data, at: -5), to: writer)
    let event = try #require(
      LedgerReader(TemporaryDirectory.ledger).events(after: 1, limit: 9).first)
    #expect(event.seq == 2)
    #expect(event.at == -5)
    #expect(event.mono == 42_000_000)
    #expect(event.job == "job")
    #expect(event.instance == instance)
    #expect(event.n == 2)
    #expect(event.kind == .unknown("odd"))
    #expect(event.json == data)
    #expect(event.payload == nil)
  }

  @Test func `the same event at its position again gives its old place`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let running = Sample.event(instance, .state(.running), .object([.init("pid", 1)]))
    let output = Sample.event(instance, .output, output: Sample.chunk([1, 2, 3]))
    try Sample.append(Sample.event(instance), to: writer, .expected(1))
    try Sample.append(running, to: writer, .expected(2))
    try Sample.append(output, to: writer, .expected(3))
    try Sample.append(Sample.event(instance, .state(.completed)), to: writer, .expected(4))

    try expect(Sample.append(Sample.event(instance), to: writer, .expected(1)), is: 1)
    try expect(Sample.append(running, to: writer, .expected(2)), is: 2)
    try expect(Sample.append(output, to: writer, .expected(3)), is: 3)
    let last = Sample.event(instance, .state(.completed))
    try expect(Sample.append(last, to: writer, .expected(4)), is: 4)
    try expect(writer.reader.head().seq, is: 4)
  }

  @Test func `another event at a taken position is a conflict, whatever differs`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let chunk = Sample.chunk([1, 2, 3])
    let original = Sample.event(instance, .output, .object([.init("lines", 1)]), output: chunk)
    try Sample.append(Sample.event(instance), to: writer)
    try Sample.append(original, to: writer)
    var others = [NewEvent](repeating: original, count: 6)
    others[0].at = original.at + 1
    others[1].mono = original.mono + 1
    others[2].job = nil
    others[3].kind = .status
    others[4].data = #"{"lines": 1}"#
    others[5].output = Sample.chunk([1, 2, 4])
    for other in others {
      let error = failure { () throws(LedgerError) in
        try Sample.append(other, to: writer, .expected(2))
      }
      #expect(isConflict(error, at: 2), "\(String(describing: error))")
    }
    try expect(writer.reader.head().seq, is: 2)
  }

  @Test func `a position after a gap is a conflict`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance), to: writer)
    for n: Int64 in [3, 4, .max] {
      let error = failure { () throws(LedgerError) in
        try Sample.append(Sample.event(instance, .state(.running)), to: writer, .expected(n))
      }
      #expect(isConflict(error, at: n))
    }
    #expect(
      isConflict(
        failure { () throws(LedgerError) in
          try Sample.append(Sample.event(instance), to: writer, .expected(0))
        }, at: 0))
  }

  @Test(arguments: [InstanceState.completed, .lost, .skipped, .startFailed])
  func `nothing follows a terminal event`(state: InstanceState) throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance), to: writer)
    try Sample.append(Sample.event(instance, .state(state)), to: writer)
    for position: InstancePosition in [.next, .expected(3), .expected(2), .expected(9)] {
      let error = failure { () throws(LedgerError) in
        try Sample.append(Sample.event(instance, .stopRequested), to: writer, position)
      }
      guard case .ended(instance) = error else {
        Issue.record("\(position): \(String(describing: error))")
        continue
      }
    }
    try expect(writer.reader.head().seq, is: 2)
  }

  @Test func `the first event of an instance is created and no other is`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    for position: InstancePosition in [.next, .expected(1)] {
      #expect(
        isConflict(
          failure { () throws(LedgerError) in
            try Sample.append(Sample.event(instance, .state(.running)), to: writer, position)
          }, at: 1))
    }
    try Sample.append(Sample.event(instance), to: writer)
    for position: InstancePosition in [.next, .expected(2)] {
      #expect(
        isConflict(
          failure { () throws(LedgerError) in
            try Sample.append(Sample.event(instance), to: writer, position)
          }, at: 2))
    }
  }

  @Test func `a turn that fails appends nothing and leaves the queue free`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance), to: writer)
    let error = failure { () throws(LedgerError) in
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(Sample.event(Sample.newID()))
        try turn.append(Sample.event(instance, .state(.running)), .expected(7))
      }
    }
    #expect(isConflict(error, at: 7))
    try expect(writer.reader.head().seq, is: 1)
    let other = try LedgerWriter(TemporaryDirectory.ledger, queueMilliseconds: 0)
    try expect(Sample.append(Sample.event(Sample.newID()), to: other), is: 2)
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer), is: 3)
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }

  @Test(arguments: ["ROLLBACK", "ABORT"])
  func `after an error of the database a turn cannot go on as if nothing had happened`(
    action: String
  ) throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try Sample.append(Sample.event(instance), to: writer)
    // On a full disk SQLite rolls the whole transaction back by itself, after other errors the statement.
    let foreign = try Connection(
      TemporaryDirectory.ledger.database, .readWrite, busyMilliseconds: 1000)
    try foreign.execute(
      "CREATE TRIGGER full BEFORE INSERT ON output BEGIN "
        + "SELECT RAISE(\(action), 'full'); END")
    let error = failure { () throws(LedgerError) in
      try writer.turn(durable: false) { turn throws(LedgerError) in
        try turn.append(Sample.event(instance, .status))
        _ = try? turn.append(Sample.event(instance, .output, output: Sample.chunk([1])))
        _ = try? turn.append(Sample.event(instance, .status))
      }
    }
    guard case .inputOutput = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    try expect(writer.reader.head().seq, is: 1)
    try expect(Sample.append(Sample.event(instance, .status), to: writer), is: 2)
    try expect(Sample.firstMisfit(in: writer.reader)) { $0 == nil }
  }

  @Test func `what a turn reads includes what it has appended`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let outside = try LedgerReader(TemporaryDirectory.ledger)
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(Sample.event(instance))
      try expect(writer.reader.lastEvent(of: instance)?.seq, is: 1)
      try expect(outside.lastEvent(of: instance)) { $0 == nil }
    }
    try expect(outside.lastEvent(of: instance)?.seq, is: 1)
  }
}
