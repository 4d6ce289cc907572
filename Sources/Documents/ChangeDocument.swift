package import Events

/// A change in how a job fares, as somebody is told of it.
package struct ChangeDocument: Equatable, Sendable {
  package struct Good: Equatable, Sendable {
    package var instance: InstanceID
    package var at: WallTime

    package init(_ instance: InstanceID, at time: WallTime) {
      (self.instance, at) = (instance, time)
    }
  }

  /// The same for each time that it is told, and for no other change.
  package var id: String
  /// The same for all changes of one trouble of a job.
  package var thread: String
  package var change: JobChange.Kind
  package var job: String
  package var host: String
  /// The time at which it was noticed.
  package var at: WallTime
  /// The time at which the trouble began.
  package var since: WallTime
  /// Failures in a row, or due times that were missed; 0 where it is about neither.
  package var count: Int64 = 0
  package var lastGood: Good?
  /// The directory of the ledger.
  package var ledger: String
  /// The time at which what did not come was due.
  package var due: WallTime?
  /// The length that was expected at most, microseconds.
  package var limit: Int64?
  /// The run that it is about.
  package var instance: InstanceID?
  package var state: InstanceState?
  package var reason: String?
  package var exitCode: Int64?
  package var signal: String?
  package var command: [String] = []
  package var user = ""
  package var directory = ""
  package var startedAt: WallTime?
  package var endedAt: WallTime?
  /// The time that it ran, microseconds.
  package var run: Int64?
  /// The first lines that are not as those of the last good run: each with `-`, `+` or a blank before it.
  package var difference: [String] = []
  /// The last lines that it has printed.
  package var output: [String] = []

  package init(
    _ change: JobChange.Kind, id: String, thread: String, job: String, at time: WallTime,
    since: WallTime, ledger: String
  ) {
    self.change = change
    self.id = id
    self.thread = thread
    self.job = job
    host = ""
    at = time
    self.since = since
    self.ledger = ledger
  }

  package var json: JSON {
    JSON(document: [
      ("id", .string(id)), ("thread", .string(thread)), ("change", .string(change.rawValue)),
      ("job", .string(job)), ("host", .string(host)), ("at", .time(at)), ("since", .time(since)),
      ("count", .integer(count)),
      (
        "last_good",
        lastGood.map {
          JSON(document: [("instance", .string($0.instance.text)), ("at", .time($0.at))])
        }
      ),
      ("ledger", .string(ledger)), ("due", .time(due)), ("limit", .seconds(limit)),
      ("instance", .text(instance?.text)), ("state", .text(state?.rawValue)),
      ("reason", .text(reason)), ("exit_code", .count(exitCode)), ("signal", .text(signal)),
      ("command", .strings(command)), ("user", .string(user)), ("cwd", .string(directory)),
      ("started_at", .time(startedAt)), ("ended_at", .time(endedAt)), ("run", .seconds(run)),
      ("difference", .strings(difference)), ("output", .strings(output)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      try fields.named("change", "change that this version knows") { JobChange.Kind(rawValue: $0) },
      id: try fields.string("id"), thread: try fields.string("thread"),
      job: try fields.string("job"), at: try fields.time("at"), since: try fields.time("since"),
      ledger: try fields.string("ledger"))
    host = try fields.string("host")
    count = try fields.integer("count")
    lastGood = try fields.object("last_good") { good throws(DocumentError) in
      Good(
        try good.named("instance", "instance id") { InstanceID($0) }, at: try good.time("at"))
    }
    due = try fields.moment("due")
    limit = try fields.duration("limit")
    instance = try fields.text("instance").flatMap { InstanceID($0) }
    state = try fields.text("state").flatMap { InstanceState(rawValue: $0) }
    reason = try fields.text("reason")
    exitCode = try fields.count("exit_code")
    signal = try fields.text("signal")
    command = try fields.strings("command")
    user = try fields.string("user")
    directory = try fields.string("cwd")
    startedAt = try fields.moment("started_at")
    endedAt = try fields.moment("ended_at")
    run = try fields.duration("run")
    difference = try fields.strings("difference")
    output = try fields.strings("output")
  }
}
