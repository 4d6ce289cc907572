package import Events

/// `proof.json`: which run it is, and which part of the chain is in the bundle.
package struct BundleProof: Equatable, Sendable {
  /// The ledger's id, and the one with which its chain begins. Told, not proven.
  package var ledgerID: String
  package var chainID: String
  package var job: String
  package var instance: InstanceID
  /// False while it was live.
  package var hasEnded: Bool
  /// The run's events.
  package var events: Int64
  /// The digest before the first of them.
  package var from: ChainPosition
  /// The last position of the chain in the bundle.
  package var head: ChainPosition
  /// True when `chain.jsonl` has what stands between the run's events, and behind them up to the head.
  package var isLinked: Bool
  /// The events of `chain.jsonl` by which contents in the bundle were redacted. Told, and proven by the chain.
  package var redactions: [Seq]

  package init(
    ledgerID: String, chainID: String, job: String, instance: InstanceID, hasEnded: Bool,
    events: Int64, from: ChainPosition, head: ChainPosition, isLinked: Bool,
    redactions: [Seq] = []
  ) {
    self.ledgerID = ledgerID
    self.chainID = chainID
    self.job = job
    self.instance = instance
    self.hasEnded = hasEnded
    self.events = events
    self.from = from
    self.head = head
    self.isLinked = isLinked
    self.redactions = redactions
  }

  package var json: JSON {
    // Where nothing was redacted it is as it was before there was such a thing.
    let told =
      redactions.isEmpty ? [] : [JSON.Member("redactions", .array(redactions.map { .seq($0) }))]
    return .object(
      [
        .init("ledger_id", .string(ledgerID)), .init("chain_id", .string(chainID)),
        .init("job", .string(job)), .init("instance", .string(instance.text)),
        .init("ended", .bool(hasEnded)), .init("events", .integer(events)),
        .init("from", .string(from.description)), .init("head", .string(head.description)),
        .init("linked", .bool(isLinked)),
      ] + told)
  }

  init?(_ json: JSON) {
    guard let ledgerID = json["ledger_id"]?.string, let chainID = json["chain_id"]?.string,
      let job = json["job"]?.string,
      let instance = json["instance"]?.string.flatMap({ InstanceID($0) }),
      let hasEnded = json["ended"]?.bool, let events = json["events"]?.integer,
      let from = json["from"]?.string.flatMap({ ChainPosition($0) }),
      let head = json["head"]?.string.flatMap({ ChainPosition($0) }),
      let isLinked = json["linked"]?.bool
    else { return nil }
    self.init(
      ledgerID: ledgerID, chainID: chainID, job: job, instance: instance, hasEnded: hasEnded,
      events: events, from: from, head: head, isLinked: isLinked,
      redactions: (json["redactions"]?.array ?? []).compactMap(\.seq))
  }
}
