package import Events

/// The findings of a reading of a ledger from its first event to its last.
package struct VerificationDocument: Equatable, Sendable {
  package var ledger: String
  /// The ledger's id; nil, as the head, where the ledger cannot be opened.
  package var ledgerID: String?
  package var isGood: Bool
  package var head: ChainPosition?
  package var events: Int64 = 0
  package var droppedEvents: Int64 = 0
  package var chunks: Int64 = 0
  package var droppedChunks: Int64 = 0
  package var redactedEvents: Int64 = 0
  package var outputBytes: Int64 = 0
  package var trustworthyUpTo = Seq.start
  package var fittingBehind: Int64 = 0
  package var badPayloads: Int64 = 0
  package var projectionsUpTo: Seq?
  package var powerCut: ClosedRange<Seq>?
  package var problemCount: Int64 = 0
  /// The first hundred.
  package var problems: [Problem] = []
  /// The duration of the verification, microseconds.
  package var duration: Int64 = 0

  package struct Problem: Equatable, Sendable {
    package var kind: String
    package var seq: Seq?
    package var lastSeq: Seq?
    package var text: String

    package init(kind: String, seq: Seq?, lastSeq: Seq?, text: String) {
      self.kind = kind
      self.seq = seq
      self.lastSeq = lastSeq
      self.text = text
    }
  }

  package init(ledger: String, id: String?, isGood: Bool, head: ChainPosition?) {
    self.ledger = ledger
    ledgerID = id
    self.isGood = isGood
    self.head = head
  }

  package var json: JSON {
    JSON(document: [
      ("ledger", .string(ledger)), ("ledger_id", .text(ledgerID)),
      ("result", .string(isGood ? "good" : "damaged")), ("head", .text(head?.description)),
      ("events", .integer(events)), ("dropped_events", .integer(droppedEvents)),
      ("chunks", .integer(chunks)), ("dropped_chunks", .integer(droppedChunks)),
      ("redacted_events", .integer(redactedEvents)), ("output_bytes", .integer(outputBytes)),
      ("trustworthy_up_to", .seq(trustworthyUpTo)),
      ("fitting_behind", .integer(fittingBehind)), ("bad_payloads", .integer(badPayloads)),
      ("projections_up_to", .position(projectionsUpTo)),
      (
        "power_cut",
        powerCut.map {
          JSON(document: [
            ("seq", .seq($0.lowerBound)), ("last_seq", .seq($0.upperBound)),
          ])
        }
      ),
      ("problem_count", .integer(problemCount)),
      (
        "problems",
        .array(
          problems.map {
            JSON(document: [
              ("kind", .string($0.kind)), ("seq", .position($0.seq)),
              ("last_seq", .position($0.lastSeq ?? $0.seq)), ("text", .string($0.text)),
            ])
          })
      ),
      ("seconds", .seconds(duration)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      ledger: try fields.string("ledger"), id: try fields.text("ledger_id"),
      isGood: try fields.string("result") == "good",
      head: try fields.text("head").flatMap { ChainPosition($0) })
    events = try fields.integer("events")
    droppedEvents = try fields.integer("dropped_events")
    chunks = try fields.integer("chunks")
    droppedChunks = try fields.integer("dropped_chunks")
    redactedEvents = try fields.integer("redacted_events")
    outputBytes = try fields.integer("output_bytes")
    trustworthyUpTo = try fields.seq("trustworthy_up_to")
    fittingBehind = try fields.integer("fitting_behind")
    badPayloads = try fields.integer("bad_payloads")
    projectionsUpTo = try fields.position("projections_up_to")
    powerCut = try fields.object("power_cut") { (fields) throws(DocumentError) in
      let first = try fields.seq("seq")
      return first...max(first, try fields.seq("last_seq"))
    }
    problemCount = try fields.integer("problem_count")
    problems = try fields.objects("problems") { (fields) throws(DocumentError) in
      Problem(
        kind: try fields.string("kind"), seq: try fields.position("seq"),
        lastSeq: try fields.position("last_seq"), text: try fields.string("text"))
    }
    duration = try fields.duration("seconds") ?? 0
  }
}
