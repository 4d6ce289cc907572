internal import Digests
package import Events

/// An event with the digest of the one before it: what is needed to compute its own anew.
package struct LinkedEvent: Equatable, Sendable {
  package let event: Event
  package let previous: Digest

  package init(_ event: Event, previous: Digest) {
    self.event = event
    self.previous = previous
  }
}

/// A position of the chain, or several.
package enum ChainLink: Equatable, Sendable {
  case event(Event)
  /// Retention has dropped the events at these positions; the digest of the last.
  case gap(ClosedRange<Seq>, Digest)
}

/// The lines of `events.jsonl` and `chain.jsonl`: every field that a digest covers, as it stands in the ledger.
package enum ChainLine {
  /// Tells whether the event and its digest fit the digest before it, with what was redacted in it.
  package static func fits(
    _ event: Event, after previous: Digest, _ redactions: Redactions
  ) -> Bool {
    redactions.digest(Chain.digest(of: event, after: previous), at: event.seq) == event.digest
  }

  package static func json(_ linked: LinkedEvent) -> JSON {
    .object(members(linked.event) + [.init("previous", .string(linked.previous.description))])
  }

  package static func json(_ link: ChainLink) -> JSON {
    switch link {
    case .event(let event): .object(members(event))
    case .gap(let range, let digest):
      .object([
        .init("dropped", .array([.seq(range.lowerBound), .seq(range.upperBound)])),
        .init("digest", .string(digest.description)),
      ])
    }
  }

  private static func members(_ event: Event) -> [JSON.Member] {
    [
      .init("seq", .seq(event.seq)), .init("at", .microseconds(event.at)),
      .init("mono", .microseconds(event.mono)),
      .init("job", event.job.map { .string($0) } ?? .null),
      .init("instance", event.instance.map { .string($0.text) } ?? .null),
      .init("n", event.n.map { .integer($0) } ?? .null), .init("kind", .string(event.kind.name)),
      // As text: the digest is that of these very bytes.
      .init("data", .string(event.data)),
      .init("payload", event.payload.map { .string($0.description) } ?? .null),
      .init("digest", .string(event.digest.description)),
    ]
  }

  static func linkedEvent(_ json: JSON) -> LinkedEvent? {
    guard let event = event(json), let previous = digest(json["previous"]) else { return nil }
    return LinkedEvent(event, previous: previous)
  }

  static func link(_ json: JSON) -> ChainLink? {
    guard let dropped = json["dropped"] else { return event(json).map { .event($0) } }
    guard let ends = dropped.array, ends.count == 2, let first = ends.first?.seq,
      let last = ends.last?.seq, first >= .first, first <= last, last <= .largest,
      let digest = digest(json["digest"])
    else { return nil }
    return .gap(first...last, digest)
  }

  private static func digest(_ json: JSON?) -> Digest? {
    json?.string.flatMap { Digest(hexadecimal: $0) }
  }

  private static func event(_ json: JSON) -> Event? {
    guard let seq = json["seq"]?.seq, seq >= .first, seq <= .largest,
      let at = json["at"]?.wallTime, let mono = json["mono"]?.bootTime,
      let kind = json["kind"]?.string, let data = json["data"]?.string,
      let digest = digest(json["digest"])
    else { return nil }
    let instance = json["instance"]?.string
    let id = instance.flatMap { InstanceID($0) }
    let payload = json["payload"]?.string
    let payloadDigest = payload.flatMap { Digest(hexadecimal: $0) }
    // What is there and cannot be read must not count as what is not there.
    guard (instance == nil) == (id == nil), (payload == nil) == (payloadDigest == nil) else {
      return nil
    }
    return Event(
      seq: seq, at: at, mono: mono, job: json["job"]?.string, instance: id,
      n: json["n"]?.integer, kind: EventKind(name: kind), data: data, payload: payloadDigest,
      digest: digest)
  }
}
