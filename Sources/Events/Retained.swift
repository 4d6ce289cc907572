/// The record of what retention has dropped of ended instances: the data of a `retained` event.
package struct Retained: Equatable, Sendable {
  package enum What: String, CaseIterable, Sendable {
    /// The bytes of their output; the events stay, with their digests.
    case output
    /// All their events, and their output with them.
    case events
  }

  /// The rule by which they were dropped.
  package enum Rule: String, CaseIterable, Sendable {
    /// They were not to be kept: `persistence.enabled: off` when they were run.
    case notKept = "not_kept"
    case age
    case records
    case recordsPerJob = "records_per_job"
    case size
  }

  package var what: What
  package var rule: Rule
  package var instances: [InstanceID]
  /// One of them of which there is more to drop: nothing holds of it any more, and who drops next goes on with it.
  package var unfinished: InstanceID?
  package var counts: Counts
  /// The last position that was touched, with the digest of the event there.
  package var upTo: ChainPosition
  /// The total that this ledger has dropped, with this.
  package var ledger: DroppedTotals
  package var by: Requester

  package struct Counts: Equatable, Sendable {
    /// Instances that were dealt with.
    package var instances: Int64 = 0
    /// Events that were dropped.
    package var events: Int64 = 0
    /// Pieces of output that were dropped, and their bytes as they were stored.
    package var chunks: Int64 = 0
    package var bytes: Int64 = 0

    package init() {}

    package static func += (total: inout Counts, more: Counts) {
      total.instances += more.instances
      total.events += more.events
      total.chunks += more.chunks
      total.bytes += more.bytes
    }
  }

  package init(
    _ what: What, _ rule: Rule, _ instances: [InstanceID], unfinished: InstanceID? = nil,
    counts: Counts, upTo: ChainPosition, ledger: DroppedTotals, by: Requester
  ) {
    self.what = what
    self.rule = rule
    self.instances = instances
    self.unfinished = unfinished
    self.counts = counts
    self.upTo = upTo
    self.ledger = ledger
    self.by = by
  }

  package init(_ json: JSON) {
    what = json["what"]?.string.flatMap(What.init) ?? .output
    rule = json["rule"]?.string.flatMap(Rule.init) ?? .age
    instances = (json["instances"]?.array ?? []).compactMap { $0.string.flatMap { InstanceID($0) } }
    unfinished = json["unfinished"]?.string.flatMap { InstanceID($0) }
    counts = Counts()
    counts.instances = Int64(instances.count)
    counts.events = json["events"]?.integer ?? 0
    counts.chunks = json["chunks"]?.integer ?? 0
    counts.bytes = json["bytes"]?.integer ?? 0
    upTo =
      json["up_to"]?.string.flatMap { ChainPosition($0) }
      ?? ChainPosition(seq: .start, digest: .ofNothing)
    ledger = DroppedTotals(
      events: json["dropped_events"]?.integer ?? 0,
      digest: json["dropped_digest"]?.string.flatMap { Digest(hexadecimal: $0) } ?? .ofNothing)
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("what", .string(what.rawValue)), ("rule", .string(rule.rawValue)),
        ("instances", .strings(instances.map(\.text))),
        ("unfinished", unfinished.map { .string($0.text) }),
        ("events", .integer(counts.events)), ("chunks", .integer(counts.chunks)),
        ("bytes", .integer(counts.bytes)), ("up_to", .string(upTo.description)),
        ("dropped_events", .integer(ledger.events)),
        ("dropped_digest", .string(ledger.digest.description)),
      ] + by.members)
  }
}

extension Event {
  /// The instances whose events retention has dropped with this: they had ended, and nothing more comes of them.
  package var droppedInstances: [InstanceID] {
    guard kind == .retained, instance == nil else { return [] }
    let retained = Retained(json)
    return retained.what == .events ? retained.instances : []
  }
}

/// The total that a ledger has dropped; every `retained` event has it, so that the chain covers it.
package struct DroppedTotals: Equatable, Sendable {
  /// The number of positions.
  package var events: Int64
  /// SHA-256 over first, last (8 bytes each, big-endian) and digest of each range of positions, in order.
  package var digest: Digest

  package init(events: Int64, digest: Digest) {
    self.events = events
    self.digest = digest
  }
}
