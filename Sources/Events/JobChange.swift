/// A change in how a job fares, which is to be told: the data of a `job_changed` event, whose job it is. It belongs to no
/// instance. Each has all that is to be known of its thread, so that the newest of a job is enough to go on from.
package struct JobChange: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// A run has failed, the first after good ones.
    case failed
    /// Nobody saw how a run ended.
    case lost
    case missed
    case late
    case overlong
    case overlapping
    case silent
    /// It is as it was told some time ago.
    case stillFailing = "still_failing"
    /// It was well for so short a time that it goes on in the same thread.
    case failingAgain = "failing_again"
    /// It is well again.
    case recovered

    package init(_ breach: Breach.Kind) {
      self =
        switch breach {
        case .missed: .missed
        case .late: .late
        case .overlong: .overlong
        case .overlapping: .overlapping
        case .silent: .silent
        }
    }

    /// It is over when the job is well again; the others are over at once.
    package var lasts: Bool {
      switch self {
      case .failed, .lost, .missed, .overlong, .silent: true
      case .late, .overlapping, .stillFailing, .failingAgain, .recovered: false
      }
    }
  }

  /// A sort of trouble that was told in a thread.
  package struct Told: Equatable, Sendable {
    package var kind: Kind
    /// The last time.
    package var at: WallTime
    package var times: Int64

    package init(_ kind: Kind, at time: WallTime, times: Int64 = 1) {
      (self.kind, at, self.times) = (kind, time, times)
    }
  }

  package var kind: Kind
  /// The position of the event that the thread began with: its name.
  package var thread: Seq
  /// The time at which the trouble of the thread began.
  package var since: WallTime
  /// The time at which the thread was told of first.
  package var opened: WallTime
  /// The run that it is about; nil where there is none.
  package var instance: InstanceID?
  /// The event of what was not as expected.
  package var breach: Seq?
  /// Failures in a row, or due times that were missed; 0 where it is about neither.
  package var count: Int64 = 0
  /// The last run that completed, and its end.
  package var lastGood: InstanceID?
  package var lastGoodAt: WallTime?
  /// The sorts of trouble that were told in this thread.
  package var told: [Told] = []
  /// The position of the last trouble that was seen.
  package var bad: Seq
  /// So often it was told that it still is so.
  package var reminders: Int64 = 0
  /// So often it was well in between.
  package var relapses: Int64 = 0
  /// No job's newest change stands before this position, of those whose thread goes on.
  package var open = Seq.start
  package var noticed: Notice

  package init(
    _ kind: Kind, thread: Seq, since: WallTime, bad: Seq, noticed: Notice
  ) {
    self.kind = kind
    self.thread = thread
    self.since = since
    self.bad = bad
    self.noticed = noticed
    opened = noticed.at
  }

  /// Fails where there is no change that this version knows.
  package init?(_ json: JSON) {
    guard let kind = json["change"]?.string.flatMap(Kind.init) else { return nil }
    self.kind = kind
    thread = json["thread"]?.seq ?? .start
    since = json["since"]?.wallTime ?? .epoch
    opened = json["opened"]?.wallTime ?? .epoch
    instance = json["instance"]?.string.flatMap { InstanceID($0) }
    breach = json["breach"]?.seq
    count = json["count"]?.integer ?? 0
    lastGood = json["last_good"]?.string.flatMap { InstanceID($0) }
    lastGoodAt = json["last_good_at"]?.wallTime
    told = (json["told"]?.array ?? []).compactMap { Told($0) }
    bad = json["bad"]?.seq ?? .start
    reminders = json["reminders"]?.integer ?? 0
    relapses = json["relapses"]?.integer ?? 0
    open = json["open"]?.seq ?? .start
    noticed = Notice(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("change", .string(kind.rawValue)), ("thread", .seq(thread)),
        ("since", .microseconds(since)), ("opened", .microseconds(opened)),
        ("instance", instance.map { .string($0.text) }), ("breach", breach.map { .seq($0) }),
        ("count", count == 0 ? nil : .integer(count)),
        ("last_good", lastGood.map { .string($0.text) }),
        ("last_good_at", lastGoodAt.map { .microseconds($0) }),
        ("told", .array(told.map(\.json))), ("bad", .seq(bad)),
        ("reminders", reminders == 0 ? nil : .integer(reminders)),
        ("relapses", relapses == 0 ? nil : .integer(relapses)), ("open", .seq(open)),
      ] + noticed.members)
  }

  /// The trouble of the thread is one that lasts until the job is well again.
  package var lasts: Bool { told.contains(where: \.kind.lasts) }

  /// The name of the thread in a ledger, for those who put messages together.
  package func threadName(ledger: String) -> String { "\(ledger)-\(thread)" }
}

extension JobChange.Told {
  fileprivate init?(_ json: JSON) {
    guard let kind = json["change"]?.string.flatMap(JobChange.Kind.init) else { return nil }
    self.init(
      kind, at: json["at"]?.wallTime ?? .epoch, times: json["times"]?.integer ?? 1)
  }

  fileprivate var json: JSON {
    .object(omittingNil: [
      ("change", .string(kind.rawValue)), ("at", .microseconds(at)), ("times", .integer(times)),
    ])
  }
}

/// A look whether there is a change to tell, which has found none: the data of a `changes_judged` event.
package struct ChangesJudged: Equatable, Sendable {
  /// See ``JobChange/open``.
  package var open: Seq
  package var noticed: Notice

  package init(open: Seq, noticed: Notice) { (self.open, self.noticed) = (open, noticed) }

  package init(_ json: JSON) {
    self.init(open: json["open"]?.seq ?? .start, noticed: Notice(json))
  }

  package var json: JSON { .object(omittingNil: [("open", .seq(open))] + noticed.members) }
}
