/// Something that was expected of a job and has not been so: the data of an event of one of these kinds, whose time is
/// the one at which it was due, and whose job it is. It belongs to no instance: nothing follows a terminal event.
package struct Breach: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// No run began in time.
    case missed
    /// A run began when its time was over.
    case late
    /// A run goes on, or went on, for longer than it should.
    case overlong
    /// A run began while another one of the job went on.
    case overlapping
    /// Nothing was heard of a run for longer than should be.
    case silent
  }

  package var kind: Kind
  /// The time at which what did not come was due: the event's.
  package var due: WallTime
  /// The position of the expectation.
  package var expectation: Seq
  /// The run; nil where there is none.
  package var instance: InstanceID?
  /// The one beside which it began.
  package var other: InstanceID?
  /// The length that is expected at most: the grace, the time, the silence; microseconds.
  package var limit: Int64?
  /// So many due times in a row, of which the last is `lastDue`; nil for one.
  package var count: Int64?
  package var lastDue: WallTime?
  package var noticed: Notice

  package init(
    _ kind: Kind, due: WallTime, expectation: Seq, instance: InstanceID? = nil,
    other: InstanceID? = nil, limit: Int64? = nil, noticed: Notice
  ) {
    self.kind = kind
    self.due = due
    self.expectation = expectation
    self.instance = instance
    self.other = other
    self.limit = limit
    self.noticed = noticed
  }

  /// Fails where the event is none.
  package init?(_ event: Event) {
    guard case .breach(let kind) = event.kind else { return nil }
    self.init(kind, due: event.at, event.json)
  }

  package init(_ kind: Kind, due: WallTime, _ json: JSON) {
    self.kind = kind
    self.due = due
    expectation = json["expectation"]?.seq ?? .start
    instance = json["instance"]?.string.flatMap { InstanceID($0) }
    other = json["other"]?.string.flatMap { InstanceID($0) }
    limit = json["limit"]?.integer
    count = json["count"]?.integer
    lastDue = json["last_due"]?.wallTime
    noticed = Notice(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("expectation", .seq(expectation)), ("instance", instance.map { .string($0.text) }),
        ("other", other.map { .string($0.text) }), ("limit", limit.map { .integer($0) }),
        ("count", count.map { .integer($0) }), ("last_due", lastDue.map { .microseconds($0) }),
      ] + noticed.members)
  }
}

/// A look at all that is expected: the data of an `expectations_judged` event, and part of those of each breach. Whatever
/// was due by then, and told by events up to there, has been judged.
package struct Notice: Equatable, Sendable {
  /// The time of the look.
  package var at: WallTime
  /// The last event that it has seen.
  package var seq: Seq
  /// Whoever looked.
  package var by: Requester

  package init(at time: WallTime, seq: Seq, by requester: Requester = Requester()) {
    at = time
    self.seq = seq
    by = requester
  }

  package init(_ json: JSON) {
    at = json["noticed_at"]?.wallTime ?? .epoch
    seq = json["noticed_seq"]?.seq ?? .start
    by = Requester(json)
  }

  package var json: JSON { .object(omittingNil: members) }

  var members: [(String, JSON?)] {
    [("noticed_at", .microseconds(at)), ("noticed_seq", .seq(seq))] + by.members
  }
}
