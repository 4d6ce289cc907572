package import Events

/// A line of a server's answer to a search, or of `taro grep`'s, which has the first two alone.
package enum SearchAnswer: Equatable, Sendable {
  case hit(HitDocument)
  case count(HitCountDocument)
  case missing(SearchGap)
  case end(SearchEnd)

  package init(_ json: JSON) throws(DocumentError) {
    if json["line"] != nil {
      self = .hit(try HitDocument(json))
    } else if json["missing"] != nil {
      self = .missing(try SearchGap(json))
    } else if json["end"] != nil {
      self = .end(try SearchEnd(json))
    } else {
      self = .count(try HitCountDocument(json))
    }
  }
}

/// A place that could not be searched.
package struct SearchGap: Equatable, Sendable {
  package enum Reason: String, Sendable {
    case damaged
    case dropped
    /// The expression takes too long in a line.
    case givenUp = "given-up"
  }

  package var job: String
  package var instance: InstanceID
  package var reason: Reason
  /// The time of the line in which it was given up.
  package var at: WallTime?
  /// The event whose chunk is damaged.
  package var seq: Seq?
  package var bytes: Int64?

  package init(
    job: String, instance: InstanceID, _ reason: Reason, at: WallTime? = nil, seq: Seq? = nil,
    bytes: Int64? = nil
  ) {
    (self.job, self.instance, self.reason) = (job, instance, reason)
    (self.at, self.seq, self.bytes) = (at, seq, bytes)
  }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("instance", .string(instance.text)),
      ("missing", .string(reason.rawValue)), ("at", .time(at)), ("seq", .position(seq)),
      ("bytes", .count(bytes)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    job = try fields.string("job")
    instance = try fields.named("instance", "instance id") { InstanceID($0) }
    reason = try fields.named("missing", "reason that this version knows") {
      Reason(rawValue: $0)
    }
    at = try fields.moment("at")
    seq = try fields.position("seq")
    bytes = try fields.count("bytes")
  }
}

/// The last line of a search's answer: one without it is not whole.
package struct SearchEnd: Equatable, Sendable {
  package var lines: Int64
  package var instances: Int64
  package var gaveUp: Int64
  package var damaged: Int64
  /// Instances whose output retention has dropped.
  package var dropped: Int64
  /// False where there may be more.
  package var isComplete: Bool

  package init(
    lines: Int64, instances: Int64, gaveUp: Int64, damaged: Int64, dropped: Int64,
    isComplete: Bool
  ) {
    (self.lines, self.instances, self.gaveUp) = (lines, instances, gaveUp)
    (self.damaged, self.dropped, self.isComplete) = (damaged, dropped, isComplete)
  }

  package var json: JSON {
    JSON(document: [
      ("end", true), ("lines", .integer(lines)), ("instances", .integer(instances)),
      ("given_up", .integer(gaveUp)), ("damaged", .integer(damaged)),
      ("dropped", .integer(dropped)), ("complete", .bool(isComplete)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    lines = try fields.integer("lines")
    instances = try fields.integer("instances")
    gaveUp = try fields.integer("given_up")
    damaged = try fields.integer("damaged")
    dropped = try fields.integer("dropped")
    isComplete = try fields.bool("complete")
  }
}
