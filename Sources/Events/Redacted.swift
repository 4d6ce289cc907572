/// The record of what was made unreadable in the events of one instance, afterwards: the data of a `redacted` event. The digest
/// of each event stays the one that it was given, so that the chain goes on; here stands what its contents give now.
package struct Redacted: Equatable, Sendable {
  package struct Position: Equatable, Sendable {
    package let seq: Seq
    /// The digest of the event as it was recorded, which it keeps.
    package let original: Digest
    /// The digest that the event would have with the contents that it has now.
    package let present: Digest

    package init(seq: Seq, original: Digest, present: Digest) {
      self.seq = seq
      self.original = original
      self.present = present
    }
  }

  package var job: String
  package var instance: InstanceID
  /// The number of places that were replaced.
  package var places: Int64
  /// True where what stands there now is as long as what stood there.
  package var keepsLength: Bool
  package var positions: [Position]
  package var by: Requester

  /// The most positions in one event; a larger redaction has several, in one transaction.
  package static let positionsAtMost = 5000

  package init(
    job: String, instance: InstanceID, places: Int64, keepsLength: Bool, positions: [Position],
    by: Requester
  ) {
    self.job = job
    self.instance = instance
    self.places = places
    self.keepsLength = keepsLength
    self.positions = positions
    self.by = by
  }

  /// Fails where it names no instance.
  package init?(_ json: JSON) {
    guard let instance = json["instance"]?.string.flatMap({ InstanceID($0) }) else { return nil }
    self.instance = instance
    job = json["job"]?.string ?? ""
    places = json["places"]?.integer ?? 0
    keepsLength = json["keep_length"]?.bool ?? false
    positions = (json["positions"]?.array ?? []).compactMap { item in
      guard let parts = item.array, parts.count == 3, let seq = parts.first?.seq,
        let original = parts.dropFirst().first?.string.flatMap({ Digest(hexadecimal: $0) }),
        let present = parts.last?.string.flatMap({ Digest(hexadecimal: $0) })
      else { return nil }
      return Position(seq: seq, original: original, present: present)
    }
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("job", .string(job)), ("instance", .string(instance.text)), ("places", .integer(places)),
        ("keep_length", keepsLength ? true : nil),
        (
          "positions",
          .array(
            positions.map {
              .array([
                .seq($0.seq), .string($0.original.description), .string($0.present.description),
              ])
            })
        ),
      ] + by.members)
  }
}

/// The positions of a ledger whose contents were redacted, as its `redacted` events tell.
package struct Redactions: Equatable, Sendable {
  package struct Replacement: Equatable, Sendable {
    package let original: Digest
    package let present: Digest
    /// The event that says so.
    package let by: Seq

    /// The digest that the chain goes on with: the one that was recorded, where the contents are those that were put there
    /// instead, and never for what had been there before.
    /// - Parameter computed: of the contents.
    package func digest(_ computed: Digest) -> Digest {
      if computed == present { return original }
      return computed == original ? present : computed
    }
  }

  private var replacements: [Seq: Replacement] = [:]
  /// The last event that was taken in.
  package private(set) var upTo = Seq.start

  package init() {}

  package static let none = Redactions()

  package var isEmpty: Bool { replacements.isEmpty }
  package var count: Int { replacements.count }

  package subscript(seq: Seq) -> Replacement? { replacements[seq] }

  /// Takes in an event, in order: of what two say of a position the later counts. What it says of positions behind it is nothing.
  package mutating func take(_ event: Event) {
    guard event.kind == .redacted, event.instance == nil else { return }
    take(event.json, at: event.seq)
  }

  /// - Parameter data: of a `redacted` event.
  package mutating func take(_ data: JSON, at seq: Seq) {
    upTo = max(upTo, seq)
    guard let redacted = Redacted(data) else { return }
    for position in redacted.positions where position.seq < seq {
      replacements[position.seq] = Replacement(
        original: position.original, present: position.present, by: seq)
    }
  }

  /// Each position with what stands there, in order.
  package var sorted: [(seq: Seq, replacement: Replacement)] {
    replacements.map { ($0.key, $0.value) }.sorted { $0.seq < $1.seq }
  }

  /// The digest that the event at this position stands for in the chain, of the one that its contents give.
  package func digest(_ computed: Digest, at seq: Seq) -> Digest {
    replacements[seq]?.digest(computed) ?? computed
  }
}
