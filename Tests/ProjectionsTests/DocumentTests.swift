import Documents
import Events
import Ledger
import Maintenance
import TestSupport
import Testing

@testable import Projections

@Suite("docs/json.md", .temporaryDirectory)
struct DocumentTests {
  @Test
  func `documents every field of an instance, with its type, and none that is not there`() throws {
    var contract = try JSONContract("The instance document")
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var corpus = Corpus(for: "documents")
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    var checked = Seq.start
    // Until chance has brought everything, which some thousand events nearly always do.
    for _ in 0..<400 where !contract.neverSeen.isEmpty {
      try corpus.append(50, to: writer)
      let records = try Fold.state(of: store).filter { $0.lastSeq > checked }
      checked = try writer.reader.head().seq
      let ended = records.filter { $0.endedAt != nil && $0.output.bytes > 0 }
      _ = try Retention(writer, by: Requester())
        .dropNext(.output, .size, of: ended.map(\.instance)[...])
      let live = try LiveQueues(LiveInstances(store))
      for record in records {
        let now = try #require(try store.record(of: record.instance))
        let instance = InstanceDocument(now, bootNow: BootTime(1 << 50), among: live)
        // As a program reads it.
        let document = try JSON(parsing: instance.json.text)
        #expect(contract.check(document) == [])
        // And as one of ours does.
        try expect(InstanceDocument(document), is: instance)
      }
    }
    #expect(contract.neverSeen == [])
  }

  @Test
  func `documents every field of an event, with its type, and none that is not there`() throws {
    var contract = try JSONContract("The event document")
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    var corpus = Corpus(for: "event documents")
    for _ in 0..<20 where !contract.neverSeen.isEmpty {
      let start = try writer.reader.head().seq
      try corpus.append(200, to: writer)
      _ = try writer.reader.forEachEvent(after: start, limit: .max) { event in
        let document = (try? JSON(parsing: EventDocument(event).json.text)) ?? .null
        #expect(contract.check(document) == [])
        #expect((try? EventDocument(document)) == EventDocument(event))
      }
    }
    #expect(contract.neverSeen == [])
  }

  @Test func `has its contract noticed when it is broken`() throws {
    var contract = try JSONContract("The event document")
    let good = try JSON(parsing: contract.example).members ?? []
    func complaints(_ change: (JSON.Member) -> JSON.Member?) -> [String] {
      contract.check(.object(good.compactMap(change)))
    }
    #expect(complaints { $0.key == "seq" ? nil : $0 } == ["seq is missing"])
    #expect(complaints { $0.key == "seq" ? JSON.Member("seq", .null) : $0 } == ["seq is null"])
    #expect(
      complaints { $0.key == "seq" ? JSON.Member("seq", "4") : $0 }
        == [#"seq is no integer: "4""#])
    #expect(
      contract.check(.object(good + [JSON.Member("new", 1)])) == ["new is not documented"])
  }

  @Test func `is right about a live run, a killed one and one that was not captured`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    let store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
    let instance = InstanceID(createdAt: 1)
    var created = Created()
    created.bypassesOutput = true
    try writer.append([
      History.event(instance, .state(.created), created.json, at: 0, mono: 0),
      History.event(
        instance, .state(.running), Running(pid: 7, started: 1, pgid: 7).json, at: 1, mono: 500_000),
    ])
    var record = try #require(try store.record(of: instance))
    let live = InstanceDocument(record, bootNow: 2_000_000).json
    #expect(live["run_seconds"]?.number == 1.5)
    #expect(live["pid"]?.integer == 7)
    #expect(live["started_at"]?.string == "1970-01-01T00:00:00.000001Z")
    for field in ["ended_at", "usage", "output", "exit_code", "signal", "reason"] {
      #expect(live[field] == .null, "\(field)")
    }
    var ending = Ending()
    ending.signal = "SEGV"
    ending.reason = "signal SEGV"
    try writer.append([History.event(instance, .state(.failed), ending.json, mono: 750_000)])
    record = try #require(try store.record(of: instance))
    let killed = InstanceDocument(record, bootNow: 2_000_000).json
    #expect(killed["signal"]?.string == "SEGV")
    #expect(killed["exit_code"] == .null)
    #expect(killed["run_seconds"]?.number == 0.25)
    #expect(killed["group"]?.string == "failure")
  }
}
