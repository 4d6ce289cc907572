/// The ledger that a new one was read out of: the data of a `recovered` event, the first of the new ledger.
package struct Recovered: Equatable, Sendable {
  /// The damaged file.
  package var file: String
  /// Its ledger's id; "" when that cannot be read.
  package var ledgerID: String
  /// The last event up to which every one was there and fitted its digest; nil when the first does not.
  package var lastGood: ChainPosition?
  package var counts: Counts
  /// The id that the damaged one had last, where that is not the one with which it began.
  package var identity: String?
  /// The places of the old ledger's events in the new one; empty where there are too many places of damage to say.
  package var positions = PositionMap()
  /// The reason why it was put aside; nil where a person had it recovered.
  package var reason: String?
  package var by: Requester

  package struct Counts: Equatable, Sendable {
    /// Events that stand in the new ledger too.
    package var read: Int64 = 0
    /// Events that were there by their positions and do not: they could not be read, or were not what was written.
    package var lost: Int64 = 0
    /// Events that were made up so that what follows them makes sense.
    package var made: Int64 = 0
    /// Pieces of output that could not be read, and their bytes.
    package var chunksLost: Int64 = 0
    package var bytesLost: Int64 = 0
    /// More may be lost: where the old ledger ended could not be read.
    package var endUnknown = false

    package init() {}
  }

  /// For a person, behind what was begun.
  package var summary: String {
    let lost = counts.lost + counts.chunksLost
    guard lost > 0 else { return " with all of its \(counts.read) events" }
    var parts: [String] = []
    if counts.lost > 0 { parts.append(counts.lost == 1 ? "1 event" : "\(counts.lost) events") }
    if counts.chunksLost > 0 {
      let pieces = counts.chunksLost == 1 ? "1 piece" : "\(counts.chunksLost) pieces"
      parts.append("\(pieces) of output")
    }
    return " with \(counts.read) of its events; lost: \(parts.joined(separator: " and "))"
  }

  package init(
    file: String, ledgerID: String, lastGood: ChainPosition?, counts: Counts, by: Requester
  ) {
    self.file = file
    self.ledgerID = ledgerID
    self.lastGood = lastGood
    self.counts = counts
    self.by = by
  }

  package init(_ json: JSON) {
    file = json["file"]?.string ?? ""
    ledgerID = json["ledger_id"]?.string ?? ""
    lastGood = json["last_good"]?.string.flatMap { ChainPosition($0) }
    counts = Counts()
    counts.read = json["events_read"]?.integer ?? 0
    counts.lost = json["events_lost"]?.integer ?? 0
    counts.made = json["events_made"]?.integer ?? 0
    counts.chunksLost = json["chunks_lost"]?.integer ?? 0
    counts.bytesLost = json["bytes_lost"]?.integer ?? 0
    counts.endUnknown = json["end_unknown"]?.bool ?? false
    identity = json["identity"]?.string
    positions = json["positions"].flatMap { PositionMap($0) } ?? PositionMap()
    reason = json["damage"]?.string
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("file", .string(file)), ("ledger_id", .string(ledgerID)),
        ("identity", identity.map { .string($0) }), ("damage", reason.map { .string($0) }),
        ("last_good", lastGood.map { .string($0.description) }),
        ("events_read", .integer(counts.read)), ("events_lost", .integer(counts.lost)),
        ("events_made", .integer(counts.made)), ("chunks_lost", .integer(counts.chunksLost)),
        ("bytes_lost", .integer(counts.bytesLost)),
        ("end_unknown", counts.endUnknown ? true : nil), ("positions", positions.json),
      ] + by.members)
  }
}
