package import Events

/// Everything that is expected of a job. Durations are microseconds.
package struct ExpectationDocument: Equatable, Sendable {
  package var job: String
  /// So long after the run before it began a run is due; nil where times say it.
  package var every: Int64?
  package var cron: [String]
  package var calendar: [String]
  /// The zone that times are in; nil for the host's own.
  package var zone: String?
  package var grace: Int64
  package var maxTime: Int64?
  package var maxSilence: Int64?
  package var mayOverlap: Bool
  /// Nothing that was due up to then counts.
  package var since: WallTime
  /// The time at which it is due next; nil where it is due at none, or where they are not known: `problem`.
  package var nextDue: WallTime?
  /// The reason why nothing can be judged.
  package var problem: String?
  package var source: String?
  package var by: Requester

  package init(
    job: String, _ expectation: JobExpectation, since: WallTime, nextDue: WallTime?,
    problem: String? = nil
  ) {
    self.job = job
    switch expectation.due {
    case .every(let period): (every, cron, calendar) = (period, [], [])
    case .times(let cron, let calendar): (every, self.cron, self.calendar) = (nil, cron, calendar)
    case nil: (every, cron, calendar) = (nil, [], [])
    }
    zone = expectation.zone
    grace = expectation.grace
    maxTime = expectation.maxTime
    maxSilence = expectation.maxSilence
    mayOverlap = expectation.mayOverlap
    self.since = since
    self.nextDue = nextDue
    self.problem = problem
    source = expectation.source
    by = expectation.by
  }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("every_seconds", .seconds(every)), ("cron", .strings(cron)),
      ("calendar", .strings(calendar)), ("tz", .text(zone)), ("grace_seconds", .seconds(grace)),
      ("max_time_seconds", .seconds(maxTime)), ("max_silence_seconds", .seconds(maxSilence)),
      ("may_overlap", .bool(mayOverlap)), ("since", .time(since)), ("next_due", .time(nextDue)),
      ("problem", .text(problem)), ("source", .text(source)), ("user", .string(by.user)),
      ("host", .string(by.host)), ("via", .string(by.via.rawValue)), ("reason", .text(by.reason)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    job = try fields.string("job")
    every = try fields.duration("every_seconds")
    cron = try fields.strings("cron")
    calendar = try fields.strings("calendar")
    zone = try fields.text("tz")
    grace = try fields.duration("grace_seconds") ?? 0
    maxTime = try fields.duration("max_time_seconds")
    maxSilence = try fields.duration("max_silence_seconds")
    mayOverlap = try fields.bool("may_overlap")
    since = try fields.time("since")
    nextDue = try fields.moment("next_due")
    problem = try fields.text("problem")
    source = try fields.text("source")
    by = Requester()
    by.user = try fields.string("user")
    by.host = try fields.string("host")
    by.via = try fields.named("via", "way that this version knows") { Requester.Way(rawValue: $0) }
    by.reason = try fields.text("reason")
  }
}
