package import Events

/// A bundle, and what it proves. Times are microseconds since 1970, durations microseconds.
package struct BundleDocument: Equatable, Sendable {
  package enum Result: String, Sendable {
    case whole
    /// As it was made, but output is missing in it, or the head that was kept does not prove all of its events.
    case incomplete
    case refused
  }

  package var file: String
  package var result = Result.refused
  /// The reason that it is refused for.
  package var reason: String?
  package var bytes: Int64 = 0
  /// The fields from here on are nil where it was refused before they were known.
  package var version: String?
  package var madeAt: WallTime?
  package var maker: Maker?
  package var job: String?
  package var instance: InstanceID?
  package var ledgerID: String?
  /// The run's last state in it.
  package var state: InstanceState?
  package var events: Int64 = 0
  /// Those whose contents were redacted.
  package var redactedEvents: Int64 = 0
  package var outputBytes: Int64 = 0
  /// Pieces of output that are not in it, how much that was, and why.
  package var missingPieces: Int64 = 0
  package var missingBytes: Int64 = 0
  package var missing: String?
  package var chain: Chain?
  /// The head that it was compared with, if any.
  package var against: Against?
  /// The signature, where it is signed.
  package var signature: Signature?
  /// The time that checking took.
  package var duration: Int64 = 0

  package struct Maker: Equatable, Sendable {
    package var user: String
    package var uid: Int64
    package var host: String

    package init(user: String, uid: Int64, host: String) {
      self.user = user
      self.uid = uid
      self.host = host
    }
  }

  /// The part of the ledger's chain that is in it.
  package struct Chain: Equatable, Sendable {
    /// True when the events between and behind those of the run are in it.
    package var isLinked: Bool
    package var first: Seq
    package var head: ChainPosition
    package var otherEvents: Int64
    /// The number of interruptions, and the first hundred places.
    package var gapCount: Int64
    package var gaps: [ClosedRange<Seq>]

    package init(
      isLinked: Bool, first: Seq, head: ChainPosition, otherEvents: Int64, gapCount: Int64,
      gaps: [ClosedRange<Seq>]
    ) {
      self.isLinked = isLinked
      self.first = first
      self.head = head
      self.otherEvents = otherEvents
      self.gapCount = gapCount
      self.gaps = gaps
    }
  }

  package struct Against: Equatable, Sendable {
    package var head: ChainPosition
    /// The number of the run's events that it proves.
    package var provenEvents: Int64

    package init(head: ChainPosition, provenEvents: Int64) {
      self.head = head
      self.provenEvents = provenEvents
    }
  }

  package struct Signature: Equatable, Sendable {
    /// As ssh-keygen names it.
    package var key: String
    /// The person whose key it is; nil where nobody was asked.
    package var principal: String?

    package init(key: String, principal: String?) {
      self.key = key
      self.principal = principal
    }
  }

  package init(file: String) { self.file = file }
}

extension BundleDocument {
  package var json: JSON {
    JSON(document: [
      ("file", .string(file)), ("result", .string(result.rawValue)), ("reason", .text(reason)),
      ("bytes", .integer(bytes)), ("version", .text(version)), ("made_at", .time(madeAt)),
      ("made_by", maker?.json), ("job", .text(job)), ("instance", .text(instance?.text)),
      ("ledger_id", .text(ledgerID)), ("state", .text(state?.rawValue)),
      ("events", .integer(events)), ("redacted_events", .integer(redactedEvents)),
      ("output_bytes", .integer(outputBytes)),
      ("missing_pieces", .integer(missingPieces)), ("missing_bytes", .integer(missingBytes)),
      ("missing_reason", .text(missing)), ("chain", chain?.json), ("against", against?.json),
      ("signature", signature?.json), ("seconds", .seconds(duration)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(file: try fields.string("file"))
    result = try fields.named("result", "result that this version knows") { Result(rawValue: $0) }
    reason = try fields.text("reason")
    bytes = try fields.integer("bytes")
    version = try fields.text("version")
    madeAt = try fields.moment("made_at")
    maker = try fields.object("made_by") { (fields) throws(DocumentError) in
      Maker(
        user: try fields.string("user"), uid: try fields.integer("uid"),
        host: try fields.string("host"))
    }
    job = try fields.text("job")
    instance = try fields.text("instance").flatMap { InstanceID($0) }
    ledgerID = try fields.text("ledger_id")
    state = try fields.text("state").flatMap { InstanceState(rawValue: $0) }
    events = try fields.integer("events")
    redactedEvents = try fields.integer("redacted_events")
    outputBytes = try fields.integer("output_bytes")
    missingPieces = try fields.integer("missing_pieces")
    missingBytes = try fields.integer("missing_bytes")
    missing = try fields.text("missing_reason")
    chain = try fields.object("chain") { (fields) throws(DocumentError) in try Chain(fields) }
    against = try fields.object("against") { (fields) throws(DocumentError) in
      Against(
        head: try fields.named("head", "digest and position") { ChainPosition($0) },
        provenEvents: try fields.integer("proven_events"))
    }
    signature = try fields.object("signature") { (fields) throws(DocumentError) in
      Signature(key: try fields.string("key"), principal: try fields.text("principal"))
    }
    duration = try fields.duration("seconds") ?? 0
  }
}

extension BundleDocument.Maker {
  fileprivate var json: JSON {
    JSON(document: [("user", .string(user)), ("uid", .integer(uid)), ("host", .string(host))])
  }
}

extension BundleDocument.Chain {
  fileprivate var json: JSON {
    JSON(document: [
      ("linked", .bool(isLinked)), ("first_seq", .seq(first)),
      ("head", .string(head.description)), ("other_events", .integer(otherEvents)),
      ("gap_count", .integer(gapCount)),
      (
        "gaps",
        .array(
          gaps.map {
            JSON(document: [
              ("seq", .seq($0.lowerBound)), ("last_seq", .seq($0.upperBound)),
            ])
          })
      ),
    ])
  }

  fileprivate init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      isLinked: try fields.bool("linked"), first: try fields.seq("first_seq"),
      head: try fields.named("head", "digest and position") { ChainPosition($0) },
      otherEvents: try fields.integer("other_events"),
      gapCount: try fields.integer("gap_count"),
      gaps: try fields.objects("gaps") { (fields) throws(DocumentError) in
        let first = try fields.seq("seq")
        return first...max(first, try fields.seq("last_seq"))
      })
  }
}

extension BundleDocument.Against {
  fileprivate var json: JSON {
    JSON(document: [
      ("head", .string(head.description)), ("proven_events", .integer(provenEvents)),
    ])
  }
}

extension BundleDocument.Signature {
  fileprivate var json: JSON {
    JSON(document: [("key", .string(key)), ("principal", .text(principal))])
  }
}
