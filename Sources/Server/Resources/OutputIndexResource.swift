internal import Events
internal import HTTPTypes
internal import Ledger
internal import NIOCore
internal import Operations

extension Route {
  /// Answers where in an instance's output what is, without reading any of it: who looks at a part of what is large knows its
  /// lines, its time and whether there is an error in it.
  static func instanceOutputIndex(_ services: Services) -> Route {
    Route("/instances/{id}/output/index").get { request in
      var query = request.query
      let step = try query.takeCount("step", OutputIndex.steps) ?? OutputIndex.standardStep
      try query.finish()
      let facts = try await OutputFacts.named(
        request["id"], visible: request.grant.jobs, nil, at: nil, services.executor)
      try facts.check(nil)
      var index = OutputIndex(step: step)
      while !index.isDone(upTo: facts.end) {
        index = try await services.executor.read { [index] session in
          guard let session, session.reader.ledgerID == facts.ledger else {
            throw OutputMissing.otherLedger
          }
          var index = index
          try index.goOn(facts.instance, upTo: facts.end, session)
          return index
        }
      }
      let path = "/instances/\(facts.instance)/output"
      return .hal(
        HAL.document(
          index.document, [HAL.Link("self", request.target), HAL.Link("output", path)]))
    }
  }
}

/// The parts of an output: chunks one behind the other, together as large as was asked for.
private struct OutputIndex: Sendable {
  static let steps: ClosedRange<Int64> = 1...1 << 40
  static let standardStep: Int64 = 256 << 10
  /// The number of events that are looked through in one turn.
  private static let atOnce = 1024

  private struct Part: Sendable {
    let offset: Int64
    let at: WallTime
    var bytes: Int64 = 0
    var errorBytes: Int64 = 0
    var lines: Int64 = 0
  }

  private let step: Int64
  private var parts: [Part] = []
  private var bytes: Int64 = 0
  private var n: Int64 = 0
  private var isAtEnd = false

  init(step: Int64) { self.step = step }

  func isDone(upTo end: Int64) -> Bool { isAtEnd || n >= end }

  /// Looks through some more events; on a reader's thread.
  mutating func goOn(
    _ instance: InstanceID, upTo end: Int64, _ session: LedgerSession
  ) throws(LedgerError) {
    let events = try session.reader.events(
      of: instance, after: n, withOutput: true, limit: Self.atOnce)
    guard let last = events.last else {
      isAtEnd = true
      return
    }
    for event in events where event.n ?? 0 <= end { add(event) }
    n = last.n ?? end
  }

  private mutating func add(_ event: Event) {
    guard event.kind == .output else { return }
    let totals = OutputTotals(event.json)
    let size = totals.bytes
    if parts.last.map({ $0.bytes >= step || $0.bytes &+ size > 2 &* step }) ?? true {
      parts.append(Part(offset: bytes, at: event.at))
    }
    parts[parts.count - 1].bytes &+= size
    parts[parts.count - 1].errorBytes &+= totals.stderrBytes
    parts[parts.count - 1].lines &+= totals.lines
    bytes &+= size
  }

  var document: JSON {
    .object([
      JSON.Member("bytes", .integer(bytes)),
      JSON.Member(
        "parts",
        .array(
          parts.map { part in
            .object([
              JSON.Member("offset", .integer(part.offset)),
              JSON.Member("bytes", .integer(part.bytes)),
              JSON.Member("stderr_bytes", .integer(part.errorBytes)),
              JSON.Member("lines", .integer(part.lines)),
              JSON.Member("at", .string(Timestamp.rfc3339(part.at))),
            ])
          })),
    ])
  }
}
