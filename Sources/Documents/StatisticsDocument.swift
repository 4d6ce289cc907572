package import Events

/// The history of one job in figures: how its ended instances have fared. Times are microseconds since 1970, durations
/// microseconds.
package struct StatisticsDocument: Equatable, Sendable {
  package static let maximumLastRuns = 20

  package var job: String
  package var count: Int64 = 0
  /// Those among `count` that are not in the group `not_executed`; `failed`: those in the group `failure`.
  package var executed: Int64 = 0
  package var failed: Int64 = 0
  /// Dry runs, which `count` and all others leave out.
  package var dryRuns: Int64 = 0
  /// 0 to 1; nil when none was executed.
  package var failureRate: Double?
  /// The newest executed instances that have ended alike.
  package var streak: Streak?
  package var firstAt: WallTime
  package var lastAt: WallTime
  package var lastState: InstanceState
  package var last: Int64?
  package var fastest: Int64?
  package var average: Int64?
  package var median: Int64?
  package var percentile95: Int64?
  package var slowest: Int64?
  package var outputBytes: Int64 = 0
  /// The newest, oldest first.
  package var lastRuns: [Run] = []

  package struct Streak: Equatable, Sendable {
    package var group: InstanceState.Group
    package var count: Int64

    package init(group: InstanceState.Group, count: Int64) {
      self.group = group
      self.count = count
    }
  }

  package struct Run: Equatable, Sendable {
    package var state: InstanceState
    /// The duration of the run; nil where it never ran or nobody saw its end.
    package var run: Int64?

    package init(state: InstanceState, run: Int64?) {
      self.state = state
      self.run = run
    }
  }

  package init(job: String, firstAt: WallTime, lastAt: WallTime, lastState: InstanceState) {
    self.job = job
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.lastState = lastState
  }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("count", .integer(count)), ("executed", .integer(executed)),
      ("failed", .integer(failed)), ("dry_runs", .integer(dryRuns)),
      ("failure_rate", failureRate.map { .number($0) }),
      (
        "streak",
        streak.map {
          JSON(document: [("group", .string($0.group.rawValue)), ("count", .integer($0.count))])
        }
      ),
      ("first_at", .time(firstAt)), ("last_at", .time(lastAt)),
      ("last_state", .string(lastState.rawValue)), ("last_seconds", .seconds(last)),
      ("fastest_seconds", .seconds(fastest)), ("average_seconds", .seconds(average)),
      ("median_seconds", .seconds(median)), ("p95_seconds", .seconds(percentile95)),
      ("slowest_seconds", .seconds(slowest)), ("output_bytes", .integer(outputBytes)),
      (
        "last_runs",
        .array(
          lastRuns.map {
            JSON(document: [
              ("state", .string($0.state.rawValue)), ("run_seconds", .seconds($0.run)),
            ])
          })
      ),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      job: try fields.string("job"), firstAt: try fields.time("first_at"),
      lastAt: try fields.time("last_at"), lastState: try fields.state("last_state"))
    count = try fields.integer("count")
    executed = try fields.integer("executed")
    failed = try fields.integer("failed")
    dryRuns = try fields.integer("dry_runs", before: 0)
    failureRate = try fields.number("failure_rate")
    streak = try fields.object("streak") { (fields) throws(DocumentError) in
      Streak(
        group: try fields.named("group", "group that this version knows") {
          InstanceState.Group(rawValue: $0)
        }, count: try fields.integer("count"))
    }
    last = try fields.duration("last_seconds")
    fastest = try fields.duration("fastest_seconds")
    average = try fields.duration("average_seconds")
    median = try fields.duration("median_seconds")
    percentile95 = try fields.duration("p95_seconds")
    slowest = try fields.duration("slowest_seconds")
    outputBytes = try fields.integer("output_bytes")
    lastRuns = try fields.objects("last_runs") { (fields) throws(DocumentError) in
      Run(state: try fields.state(), run: try fields.duration("run_seconds"))
    }
  }
}
