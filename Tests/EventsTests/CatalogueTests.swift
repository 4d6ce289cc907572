internal import Events
import TestSupport
import Testing

/// schema/events.jsonl against the code.
@Suite struct CatalogueTests {
  private static let kinds = InstanceState.allCases.map(EventKind.state) + EventKind.others

  private func catalogue() throws -> [JSON] {
    try Files.lines(Repository.path("schema/events.jsonl")).map { try JSON(parsing: $0) }
  }

  @Test func `the catalogue has every kind that the code knows, once, and no other`() throws {
    let names = try catalogue().map { $0["kind"]?.string ?? "" }
    #expect(names.sorted() == Self.kinds.map(\.name).sorted())
  }

  @Test func `each example has every field of an event`() throws {
    for example in try catalogue() {
      let keys = example.members?.map(\.key)
      #expect(
        keys == [
          "seq", "at", "mono", "job", "instance", "n", "kind", "data", "payload", "digest",
        ])
      #expect(example["data"]?.members != nil)
      let kind = EventKind(name: example["kind"]?.string ?? "")
      let ofHost: [EventKind] = [
        .released, .jobDisabled, .jobEnabled, .historyRemoved, .orphanRequested, .retained,
        .redacted, .recovered, .sealed, .identified, .jobExpected, .jobUnexpected,
        .expectationsJudged, .jobChanged, .tellingBegun, .tellingEnded, .changesJudged,
      ]
      let instance = example["instance"]?.string.flatMap { InstanceID($0) }
      #expect((instance == nil) == (ofHost + EventKind.breaches).contains(kind))
      #expect((instance == nil) == kind.isOfHost)
      #expect(example["digest"]?.string?.utf8.count == 64)
      #expect((example["payload"] != .null) == (example["kind"] == "output"))
    }
  }

  @Test func `each example's data decodes and encodes to the same JSON`() throws {
    for example in try catalogue() {
      let data = try #require(example["data"])
      let kind = EventKind(name: example["kind"]?.string ?? "")
      #expect(encoded(kind, data) == data, "\(kind.name)")
    }
  }

  @Test func `the group of 0.1.0 is the execution group`() throws {
    let data = try JSON(parsing: #"{"group":"nightly","limit":2}"#)
    #expect(Created(data).executionGroup == "nightly")
    #expect(WaitCause(data).executionGroup == "nightly")
    let both = try JSON(parsing: #"{"group":"old","execution_group":"new"}"#)
    #expect(Created(both).executionGroup == "new")
    #expect(WaitCause(both).executionGroup == "new")
  }

  /// Through the type that the code has for the data of this kind, where it has one.
  private func encoded(_ kind: EventKind, _ data: JSON) -> JSON {
    switch kind {
    case .state(.created): Created(data).json
    case .state(.running): Running(data).json
    case .state(let state) where state.isTerminal: Ending(data).json
    case .output: OutputTotals(data).json
    case .outputGap: OutputGap(data).json
    case .warning: Warning(data).json
    case .stopRequested, .interruptRequested, .pauseRequested, .resumeRequested, .signalRequested:
      ControlRequest(data).json
    case .state(.pending), .state(.waiting): WaitCause(data).json
    case .released: Released(data).json
    case .jobDisabled, .jobEnabled: JobSwitch(data).json
    case .historyRemoved: HistoryRemoved(data).json
    case .retained: Retained(data).json
    case .redacted: Redacted(data)?.json ?? .null
    case .recovered: Recovered(data).json
    case .sealed: SealedLedger(data).json
    case .identified: Identified(data).json
    case .status: Status(data).json
    case .undelivered: Undelivered(data).json
    case .orphanRequested: OrphanRequest(data).json
    case .paused: Paused(data).json
    case .jobExpected: JobExpectation(data).json
    case .jobUnexpected: Requester(data).json
    case .breach(let kind): Breach(kind, due: .epoch, data).json
    case .expectationsJudged: Notice(data).json
    case .jobChanged: JobChange(data)?.json ?? .null
    case .tellingBegun, .tellingEnded: Telling(data)?.json ?? .null
    case .changesJudged: ChangesJudged(data).json
    case .state, .resumed, .unknown: data
    }
  }
}
