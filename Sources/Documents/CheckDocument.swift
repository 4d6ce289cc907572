package import Events

/// Everything that is not well with jobs and ledger now, the worst first.
package struct CheckDocument: Equatable, Sendable {
  /// As monitoring plugins count: 0 to 3.
  package enum Status: String, CaseIterable, Sendable {
    case ok, warning, critical, unknown

    package var code: Int32 {
      switch self {
      case .ok: 0
      case .warning: 1
      case .critical: 2
      case .unknown: 3
      }
    }

    /// The order of what is worse: what is not known may be well.
    package var rank: Int {
      switch self {
      case .ok: 0
      case .unknown: 1
      case .warning: 2
      case .critical: 3
      }
    }
  }

  /// The sorts of things that are not well.
  package enum Problem: String, CaseIterable, Sendable {
    /// The newest runs of a job have failed.
    case failing
    /// Nobody saw how the newest run of a job ended.
    case lost
    /// A job has not run when it was due.
    case missed
    /// A run goes on for longer than it should.
    case overlong
    /// Nothing is heard of a run.
    case silent
    /// Runs of a job go on at the same time.
    case overlapping
    /// Jobs have been kept from running for long.
    case disabled
    /// Runs wait to be taken into the ledger.
    case spooled
    /// The ledger is damaged.
    case damaged
    /// The disk of the ledger is nearly full.
    case disk
    /// Changes could not be told by a channel.
    case untold
    /// It cannot be told whether all is well.
    case unjudged
  }

  package struct Finding: Equatable, Sendable {
    package var status: Status
    package var problem: Problem
    /// The job, or a pattern of jobs; nil where it is about the ledger.
    package var job: String?
    package var instance: InstanceID?
    package var since: WallTime?
    /// The end of the last run that completed; nil where there is none, or where it is not about runs.
    package var lastGood: WallTime?
    /// So many runs, due times, bytes.
    package var count: Int64?
    /// The reason, or the one who made it so.
    package var reason: String?

    package init(
      _ status: Status, _ problem: Problem, job: String? = nil, since: WallTime? = nil,
      count: Int64? = nil, reason: String? = nil
    ) {
      self.status = status
      self.problem = problem
      self.job = job
      self.since = since
      self.count = count
      self.reason = reason
    }
  }

  package var at: WallTime
  package var ledger: String
  /// Jobs that were looked at.
  package var jobs: Int64 = 0
  package var findings: [Finding] = []

  package init(at time: WallTime, ledger: String) {
    at = time
    self.ledger = ledger
  }

  /// The worst of them.
  package var status: Status {
    findings.map(\.status).max { $0.rank < $1.rank } ?? .ok
  }

  package func count(_ problem: Problem) -> Int { findings.count { $0.problem == problem } }

  package var json: JSON {
    JSON(document: [
      ("status", .string(status.rawValue)), ("at", .time(at)), ("ledger", .string(ledger)),
      ("jobs", .integer(jobs)), ("findings", .array(findings.map(\.json))),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    at = try fields.time("at")
    ledger = try fields.string("ledger")
    jobs = try fields.integer("jobs")
    findings = try fields.objects("findings") { fields throws(DocumentError) in
      try Finding(fields)
    }
  }
}

extension CheckDocument.Finding {
  fileprivate var json: JSON {
    JSON(document: [
      ("status", .string(status.rawValue)), ("problem", .string(problem.rawValue)),
      ("job", .text(job)), ("instance", .text(instance?.text)), ("since", .time(since)),
      ("last_good", .time(lastGood)), ("count", .count(count)), ("reason", .text(reason)),
    ])
  }

  fileprivate init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      try fields.named("status", "status that this version knows") {
        CheckDocument.Status(rawValue: $0)
      },
      try fields.named("problem", "problem that this version knows") {
        CheckDocument.Problem(rawValue: $0)
      })
    job = try fields.text("job")
    instance = try fields.text("instance").flatMap { InstanceID($0) }
    since = try fields.moment("since")
    lastGood = try fields.moment("last_good")
    count = try fields.count("count")
    reason = try fields.text("reason")
  }
}
