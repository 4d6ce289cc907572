internal import Events
internal import Ledger
internal import Linux
internal import Projections

/// Puts requests to running instances into the ledger, durable, and rings the runners that are to act on them.
struct RequestSender {
  private let writer: LedgerWriter

  init(_ session: LedgerSession) throws(LedgerError) { writer = try session.openWriter() }

  enum Outcome {
    /// The request is on disk at this position.
    case sent(seq: Seq)
    /// In the meantime.
    case hasEnded
    case repeated(RequestKeys.Use)
  }

  func send(
    _ kind: EventKind, _ request: ControlRequest, to record: InstanceRecord, _ keys: RequestKeys?
  ) throws(LedgerError) -> Outcome {
    let event = NewEvent(
      at: .now, mono: .now, job: record.job,
      instance: record.instance, kind: kind, data: request.json)
    let seq: Seq
    do throws(LedgerError) {
      switch try append(event, request.by, keys) {
      case .made(let made): seq = made
      case .repeated(let use): return .repeated(use)
      }
    } catch {
      guard case .ended = error else { throw error }
      return .hasEnded
    }
    if let failure = try RunFiles.ring(record.instance, reading: writer.reader) {
      throw .notNotified(name: record.name, reason: failure)
    }
    return .sent(seq: seq)
  }

  /// On a full disk there is room for this that is held back.
  private func append(
    _ event: NewEvent, _ requester: Requester, _ keys: RequestKeys?
  ) throws(LedgerError) -> RequestKeys.Recorded<Seq> {
    do throws(LedgerError) {
      return try writer.once(requester, keys) { turn throws(LedgerError) in try turn.append(event) }
    } catch {
      guard case .full = error, LedgerReserve.release(in: writer.directory) else { throw error }
      return try writer.once(requester, keys) { turn throws(LedgerError) in try turn.append(event) }
    }
  }
}
