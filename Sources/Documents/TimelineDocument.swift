package import Events

/// An instance on a timeline: when it was there, and what it did then.
package struct TimelineDocument: Equatable, Sendable {
  package var job: String
  package var instance: InstanceID
  package var state: InstanceState
  package var createdAt: WallTime
  package var startedAt: WallTime?
  package var endedAt: WallTime?
  package var exitCode: Int64?
  package var reason: String?
  /// The times at which there was something to warn of.
  package var warnings: [WallTime] = []

  package init(job: String, instance: InstanceID, state: InstanceState, createdAt: WallTime) {
    self.job = job
    self.instance = instance
    self.state = state
    self.createdAt = createdAt
  }

  package var name: String { "\(job)@\(instance)" }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("instance", .string(instance.text)),
      ("state", .string(state.rawValue)), ("group", .string(state.group.rawValue)),
      ("created_at", .time(createdAt)), ("started_at", .time(startedAt)),
      ("ended_at", .time(endedAt)), ("exit_code", .count(exitCode)), ("reason", .text(reason)),
      ("warnings", .array(warnings.map { .time($0) })),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    job = try fields.string("job")
    instance = try fields.named("instance", "instance id") { InstanceID($0) }
    state = try fields.named("state", "state that this version knows") { InstanceState(name: $0) }
    createdAt = try fields.time("created_at")
    startedAt = try fields.moment("started_at")
    endedAt = try fields.moment("ended_at")
    exitCode = try fields.count("exit_code")
    reason = try fields.text("reason")
    warnings = try fields.strings("warnings").compactMap(Timestamp.time)
  }
}
