/// Everything that somebody expects of a job: the data of a `job_expected` event, whose job it is. A later one of the same job replaces
/// it, `job_unexpected` takes it back.
package struct JobExpectation: Equatable, Sendable {
  /// The times at which a run is due.
  package enum Due: Equatable, Sendable {
    /// So long after the run before it began, at the latest; microseconds.
    case every(Int64)
    /// As crontab(5) and systemd.time(7) say it: the earliest of all counts.
    case times(cron: [String], calendar: [String])
  }

  /// The times; nil where it only says how a run has to be.
  package var due: Due?
  /// The zone that times are in; nil for the host's own.
  package var zone: String?
  /// A run that begins so long after it was due is not late; microseconds.
  package var grace: Int64
  /// A run that goes on for longer is too long; microseconds.
  package var maxTime: Int64?
  /// A run of which nothing is heard for longer is too silent; microseconds.
  package var maxSilence: Int64?
  /// Two runs at once are as they should be.
  package var mayOverlap = false
  /// Nothing is expected before that time.
  package var after: WallTime?
  /// The place where it was read, such as a crontab's line; nil where a person has said it.
  package var source: String?
  package var by: Requester

  /// Microseconds: cron starts a job at once, a timer may take a minute.
  package static let standardGrace: Int64 = 300_000_000

  package init(
    _ due: Due?, grace: Int64 = JobExpectation.standardGrace, by requester: Requester = Requester()
  ) {
    self.due = due
    self.grace = grace
    by = requester
  }

  package init(_ json: JSON) {
    if let every = json["every"]?.integer {
      due = .every(every)
    } else {
      let cron = (json["cron"]?.array ?? []).compactMap(\.string)
      let calendar = (json["calendar"]?.array ?? []).compactMap(\.string)
      due = cron.isEmpty && calendar.isEmpty ? nil : .times(cron: cron, calendar: calendar)
    }
    zone = json["tz"]?.string
    grace = json["grace"]?.integer ?? Self.standardGrace
    maxTime = json["max_time"]?.integer
    maxSilence = json["max_silence"]?.integer
    mayOverlap = json["may_overlap"]?.bool ?? false
    after = json["after"]?.wallTime
    source = json["source"]?.string
    by = Requester(json)
  }

  package var json: JSON {
    var members: [(String, JSON?)] = []
    switch due {
    case .every(let period): members.append(("every", .integer(period)))
    case .times(let cron, let calendar):
      if !cron.isEmpty { members.append(("cron", .strings(cron))) }
      if !calendar.isEmpty { members.append(("calendar", .strings(calendar))) }
    case nil: break
    }
    members += [
      ("tz", zone.map { .string($0) }), ("grace", .integer(grace)),
      ("max_time", maxTime.map { .integer($0) }), ("max_silence", maxSilence.map { .integer($0) }),
      ("may_overlap", mayOverlap ? true : nil), ("after", after.map { .microseconds($0) }),
      ("source", source.map { .string($0) }),
    ]
    return .object(omittingNil: members + by.members)
  }

  /// Tells whether both expect the same, whoever says it.
  package func expectsTheSame(as other: JobExpectation) -> Bool {
    var (one, other) = (self, other)
    one.by = Requester()
    other.by = Requester()
    return one == other
  }
}
