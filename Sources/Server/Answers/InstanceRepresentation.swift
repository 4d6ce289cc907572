internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Projections

/// An instance as REST shows it: the document of the command line, field for field, with links and with what clients of the
/// original read.
struct InstanceRepresentation {
  private let bootNow = Clock.bootMicroseconds()
  private let live: LiveQueues?

  /// - Parameter waits: whether one of those that are shown waits for others, who are then named.
  init(_ session: LedgerSession, waits: Bool) throws(LedgerError) {
    live = waits ? LiveQueues(try LiveInstances(session.projections)) : nil
  }

  func json(_ record: InstanceRecord) -> JSON {
    let document = InstanceDocument(record, bootNow: bootNow, among: live)
    let path = Self.path(document.instance)
    let links = [
      HAL.Link("self", path), HAL.Link("jobs", "/jobs/\(PercentCoding.encode(document.job))"),
      HAL.Link("events", "\(path)/events"), HAL.Link("output", "\(path)/output"),
    ]
    let all = HAL.document(document.json, links).members ?? []
    return .object(all + Self.originalMembers(document))
  }

  static func path(_ instance: InstanceID) -> String { "/instances/\(instance)" }

  private static func originalMembers(_ document: InstanceDocument) -> [JSON.Member] {
    [
      JSON.Member(
        "id",
        .object([
          JSON.Member("job_id", .string(document.job)),
          JSON.Member("instance_id", .string(document.instance.text)),
        ])),
      JSON.Member("lifecycle", lifecycle(document)),
      JSON.Member("parameters", .array([.strings(["execution", "program"])])),
      JSON.Member("user_params", .object(document.params)),
      JSON.Member("exec_error", error(document)),
    ]
  }

  private static func lifecycle(_ document: InstanceDocument) -> JSON {
    let changes = document.transitions.map { transition in
      JSON.object([
        JSON.Member("state", .string(transition.state.rawValue)),
        JSON.Member("changed", time(transition.at)),
      ])
    }
    let last = document.transitions.last?.at ?? document.createdAt
    let wasStarted = document.startedAt != nil
    return .object([
      JSON.Member("state", .string(document.state.rawValue)),
      JSON.Member("state_changes", .array(changes)),
      JSON.Member("created", time(document.createdAt)), JSON.Member("last_changed", time(last)),
      JSON.Member("execution_started", time(document.startedAt)),
      JSON.Member("execution_finished", time(wasStarted ? document.endedAt : nil)),
      JSON.Member(
        "execution_time", document.run.map { .number(Double($0) / 1_000_000) } ?? .null),
    ])
  }

  private static func error(_ document: InstanceDocument) -> JSON {
    guard document.group == .failure else { return .null }
    let code = document.exitCode.map { "Process returned non-zero code \($0)" }
    return .object([
      JSON.Member("message", .string(code ?? document.reason ?? document.state.rawValue)),
      JSON.Member("state", .string(document.state.rawValue)),
    ])
  }

  private static func time(_ microseconds: Int64?) -> JSON {
    microseconds.map { .string(Timestamp.rfc3339($0)) } ?? .null
  }
}
