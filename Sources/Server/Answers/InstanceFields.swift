/// The fields of an instance that a list may be asked for, where not all are wanted: of ten thousand runs a drawing needs
/// five.
enum InstanceFields {
  static let all: Set = [
    "_links", "job", "instance", "state", "group", "reason", "still_running", "paused_by",
    "waiting", "command", "cwd", "user", "uid", "host", "parent", "within", "runner_pid", "pid",
    "created_at", "started_at", "ended_at", "run_seconds", "exit_code", "signal", "core_dumped",
    "status", "progress", "warnings", "params", "execution_group", "gates", "requests",
    "evidence", "rerun_of", "retry_of", "try", "launch", "env", "usage", "output",
    "transitions", "version", "id", "lifecycle", "parameters", "user_params", "exec_error",
  ]

  /// Takes the parameter `fields`; nil where it is not there.
  static func wanted(_ query: inout Query) throws(Problem) -> Set<String>? {
    guard let text = try query.take("fields") else { return nil }
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for name in names where !all.contains(name) {
      throw .badParameter(
        "fields", text,
        "an instance has no \(Problem.quoted(name)); accepted: names of its fields, between commas")
    }
    return Set(names)
  }
}
