internal import Events
internal import HTTPTypes
internal import Ledger
internal import Operations
internal import Projections

/// A request of one instance, asked once.
struct InstanceAsking: Sendable {
  /// The instance's name as the path has it.
  let name: String
  let wish: InstanceRequest
  let requester: Requester
  let grant: Grant
  let keys: RequestKeys

  /// A request that is on disk.
  struct Taken: Sendable {
    /// The position of the event that tells it.
    let seq: Seq
    let instance: InstanceID
    /// Its position among the instance's events; nil where its runner is gone and the command was signalled.
    let n: Int64?
    let by: Requester
  }

  /// Makes the request, on the writer's thread.
  func ask(_ session: LedgerSession?) throws -> Taken {
    guard let session else { throw LedgerSession.NameError.nothing(name) }
    if let use = try keys.repeated(requester, session) { return try taken(use, session) }
    let record = try session.instance(named: name, visible: grant.jobs)
    var execution = RequestExecution(session, wish, by: requester, to: record, keys: keys)
    guard !execution.isEmpty else { throw Problem.hasEnded(record) }
    var outcome = RequestExecution.Outcome.hasEnded
    try execution.send { outcome = $1 }
    switch outcome {
    case .requested(let seq): return try taken(seq, session)
    case .signalled(let seq):
      if requester.idempotency != nil { keys.noteDelivered(seq) }
      return try taken(seq, session)
    case .repeated(let use): return try taken(try keys.check(use, requester), session)
    case .hasEnded:
      throw Problem.hasEnded(try session.projections.record(of: record.instance) ?? record)
    case .declined(let refusal): throw Problem(refusal, record.name)
    case .notDelivered(let reason): throw Problem.notDelivered(record.name, reason)
    case .failed(let error): throw error
    }
  }

  private func taken(_ use: RequestKeys.Use, _ session: LedgerSession) throws -> Taken {
    let taken = try taken(use.seq, session)
    guard taken.n == nil, let record = try session.projections.record(of: taken.instance) else {
      return taken
    }
    if let reason = record.refusalToSignal { throw Problem.notDelivered(record.name, reason) }
    guard record.leftBehind?.isRunning ?? false, !keys.isDelivered(use.seq) else { return taken }
    return try deliverAgain(taken, to: record, session)
  }

  /// Whoever recorded it may have been killed before he signalled. What asks for a state may be asked for twice; of another
  /// signal nobody knows what it does twice.
  private func deliverAgain(
    _ taken: Taken, to record: InstanceRecord, _ session: LedgerSession
  ) throws -> Taken {
    guard wish.kind != .signalRequested else {
      throw Problem.notDelivered(
        record.name,
        "the server was killed before it is known to have sent it; ask again with another "
          + "Idempotency-Key, or with none", trouble: nil)
    }
    guard let event = try session.reader.events(after: taken.seq - 1, limit: 1).first else {
      return taken
    }
    let outcome = RequestExecution.deliverAgain(
      OrphanRequest(event.json), to: record, seq: taken.seq)
    if case .notDelivered(let reason) = outcome { throw Problem.notDelivered(record.name, reason) }
    keys.noteDelivered(taken.seq)
    return taken
  }

  private func taken(_ seq: Seq, _ session: LedgerSession) throws -> Taken {
    guard let event = try session.reader.events(after: seq - 1, limit: 1).first, event.seq == seq
    else { throw Problem.notFound("retention has dropped what was asked with this key") }
    if let instance = event.instance, let n = event.n {
      return Taken(seq: seq, instance: instance, n: n, by: ControlRequest(event.json).by)
    }
    let request = OrphanRequest(event.json)
    guard let instance = InstanceID(request.instance) else { throw Problem.mistake }
    return Taken(seq: seq, instance: instance, n: nil, by: request.request.by)
  }
}

extension Problem {
  static func hasEnded(_ record: InstanceRecord) -> Problem {
    let end = record.endedAt.map { " at \(Timestamp.rfc3339($0))" } ?? ""
    return Problem(
      name: "ended", title: "It has ended", status: .conflict,
      detail: "\(record.name) has ended: \(record.state.rawValue)\(end); nothing can be asked of "
        + "it any more")
  }

  static func notDelivered(
    _ name: String, _ reason: String, trouble: ServerRemedies.Trouble? = .mayNotSignal
  ) -> Problem {
    Problem(
      name: "not-delivered", title: "Not delivered", status: .conflict,
      detail: "the signal did not reach \(name): \(reason)", trouble: trouble)
  }

  init(_ refusal: InstanceRequest.Refusal, _ name: String) {
    self =
      switch refusal {
      case .isNotRunning: .conflict("\(name) is not running yet; it can be stopped")
      case .isPaused: .conflict("\(name) is paused already")
      case .isNotPaused: .conflict("\(name) is not paused")
      }
  }
}
