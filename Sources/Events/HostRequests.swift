/// A latch was released: the data of a `released` event.
package struct Released: Equatable, Sendable {
  package var latch: String
  /// Whoever comes later passes too, until the latch is released without this.
  package var holdsOpen: Bool
  package var by: Requester
  /// The instances that waited and go on, each as `job@instance`; present where the asker may ask again, and is to get
  /// the same answer.
  package var released: [String]?

  package init(latch: String, holdsOpen: Bool = false, by requester: Requester = Requester()) {
    self.latch = latch
    self.holdsOpen = holdsOpen
    by = requester
  }

  package init(_ json: JSON) {
    latch = json["latch"]?.string ?? ""
    holdsOpen = json["hold_open"]?.bool ?? false
    by = Requester(json)
    released = json["released"]?.array?.compactMap(\.string)
  }

  package var json: JSON {
    .object(
      omittingNil: [("latch", .string(latch)), ("hold_open", holdsOpen ? true : nil)] + by.members
        + [("released", released.map { .strings($0) })])
  }
}

/// Jobs are kept from running, or no longer: the data of `job_disabled` and `job_enabled`.
package struct JobSwitch: Equatable, Sendable {
  /// Matches job ids; `job_enabled` takes back the `job_disabled` of the same pattern.
  package var pattern: String
  /// The time at which it ends by itself; of `job_disabled` alone.
  package var until: WallTime?
  package var by: Requester

  package init(pattern: String, until: WallTime? = nil, by requester: Requester = Requester()) {
    self.pattern = pattern
    self.until = until
    by = requester
  }

  package init(_ json: JSON) {
    pattern = json["pattern"]?.string ?? ""
    until = json["until"]?.wallTime
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [("pattern", .string(pattern)), ("until", until.map { .microseconds($0) })]
        + by.members)
  }
}

/// Ended instances are not shown any more: the data of a `history_removed` event. Their events stay.
package struct HistoryRemoved: Equatable, Sendable {
  /// The patterns that were named.
  package var patterns: [String]
  /// Instances created up to this position that match and had ended by then are meant, and no later ones.
  package var upTo: Seq
  package var by: Requester

  package init(patterns: [String], upTo: Seq, by requester: Requester = Requester()) {
    self.patterns = patterns
    self.upTo = upTo
    by = requester
  }

  package init(_ json: JSON) {
    patterns = (json["patterns"]?.array ?? []).compactMap(\.string)
    upTo = json["up_to"]?.seq ?? .start
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [("patterns", .strings(patterns)), ("up_to", .seq(upTo))] + by.members)
  }
}
