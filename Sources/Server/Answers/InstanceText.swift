internal import Documents
internal import Events
internal import NIOCore

/// An instance as REST shows it: the document of the command line with its links, and what clients of the original read.
enum InstanceText {
  static func bytes(_ document: InstanceDocument) -> ByteBuffer {
    ByteBuffer(string: json(document).text)
  }

  /// The same with these fields alone.
  static func bytes(_ document: InstanceDocument, _ fields: Set<String>) -> ByteBuffer {
    let members = (json(document).members ?? []).filter { fields.contains($0.key) }
    return ByteBuffer(string: JSON.object(members).text)
  }

  static func json(_ document: InstanceDocument) -> JSON {
    let own = document.json
    let path = "/instances/\(document.instance)"
    let links = HAL.links([
      HAL.Link("self", path), HAL.Link("jobs", jobPath(document.job)),
      HAL.Link("events", "\(path)/events"), HAL.Link("output", "\(path)/output"),
    ])
    let wasStarted = document.startedAt != nil
    let changes = document.transitions.map { transition in
      JSON.object([
        JSON.Member("state", .string(transition.state.rawValue)),
        JSON.Member("changed", .string(Timestamp.rfc3339(transition.at))),
      ])
    }
    let lastChanged = document.transitions.last?.at ?? document.createdAt
    let lifecycle: [JSON.Member] = [
      JSON.Member("state", .string(document.state.rawValue)),
      JSON.Member("state_changes", .array(changes)),
      JSON.Member("created", own["created_at"] ?? .null),
      JSON.Member("last_changed", .string(Timestamp.rfc3339(lastChanged))),
      JSON.Member("execution_started", own["started_at"] ?? .null),
      JSON.Member("execution_finished", wasStarted ? own["ended_at"] ?? .null : .null),
      JSON.Member("execution_time", own["run_seconds"] ?? .null),
    ]
    return .object(
      [links] + (own.members ?? []) + [
        JSON.Member(
          "id",
          .object([
            JSON.Member("job_id", .string(document.job)),
            JSON.Member("instance_id", .string(document.instance.text)),
          ])), JSON.Member("lifecycle", .object(lifecycle)),
        JSON.Member("parameters", .array([.strings(["execution", "program"])])),
        JSON.Member("user_params", .object(document.params)),
        JSON.Member("exec_error", error(document)),
      ])
  }

  static func jobPath(_ job: String) -> String { "/jobs/\(PercentCoding.encode(job))" }

  /// Returns the error of an instance that failed.
  private static func error(_ document: InstanceDocument) -> JSON {
    guard document.group == .failure else { return .null }
    let message: String
    if let code = document.exitCode, code != 0 {
      message = "Process returned non-zero code \(code)"
    } else {
      message =
        document.reason ?? document.signal.map { "signal \($0)" } ?? document.state.rawValue
    }
    return .object([
      JSON.Member("message", .string(message)),
      JSON.Member("state", .string(document.state.rawValue)),
    ])
  }
}
