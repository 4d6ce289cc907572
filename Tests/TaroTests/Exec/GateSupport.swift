internal import Events
import Ledger
import TestSupport
import Testing

/// A run that has been kept from starting so far.
struct WaitingRun {
  let process: TaroProcess
  let instance: InstanceID
  /// What its last `pending` or `waiting` event says.
  let cause: WaitCause
}

extension TaroProgram {
  /// Starts a run with gates and returns once it stands in that state.
  func startWaiting(
    _ id: String, _ options: String..., command: [String] = ["echo", "ran"],
    until state: InstanceState = .waiting
  ) throws -> WaitingRun {
    if !Files.exists(ledger.database) { try exec("first", "true") }
    let words = ["exec", "--id", id] + options + ["--"] + command
    let process = try start(bytes: words.map { Array($0.utf8) })
    let created = try waitForEvent("\(id) is created") {
      $0.kind == .state(.created) && Created($0.json).runnerPID == Int64(process.pid)
    }
    let instance = try #require(created.instance)
    let event = try waitForEvent("\(id) is \(state)") {
      $0.instance == instance && $0.kind == .state(state)
    }
    return WaitingRun(process: process, instance: instance, cause: WaitCause(event.json))
  }

  /// The instance's states, in order.
  func states(of instance: InstanceID) throws -> [InstanceState] {
    try LedgerReader(ledger).events(of: instance).compactMap(\.kind.state)
  }

  /// How an instance ended.
  func ending(of instance: InstanceID) throws -> (state: InstanceState, reason: String?) {
    let last = try #require(try LedgerReader(ledger).lastEvent(of: instance))
    return (try #require(last.kind.state), Ending(last.json).reason)
  }
}
