internal import Events
internal import Ledger
internal import Linux
internal import Projections

/// Puts requests to running instances into the ledger, durable, and rings the runners that are to act on them.
struct RequestSender {
  private let writer: LedgerWriter

  init(_ session: LedgerSession) throws(LedgerError) { writer = try session.openWriter() }

  /// - Returns: the request's position in the ledger; nil when the instance has ended in the meantime.
  func send(
    _ kind: EventKind, _ request: ControlRequest, to record: InstanceRecord
  ) throws(LedgerError) -> Int64? {
    let event = NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: record.job,
      instance: record.instance, kind: kind, data: request.json)
    let seq: Int64
    do throws(LedgerError) { seq = try append(event) } catch {
      guard case .ended = error else { throw error }
      return nil
    }
    if let failure = try RunFiles.ring(record.instance, reading: writer.reader) {
      throw .notNotified(name: record.name, reason: failure)
    }
    return seq
  }

  /// On a full disk there is room for this that is held back.
  private func append(_ event: NewEvent) throws(LedgerError) -> Int64 {
    do throws(LedgerError) {
      return try writer.turn(durable: true) { turn throws(LedgerError) in try turn.append(event) }
    } catch {
      guard case .full = error, LedgerReserve.release(in: writer.directory) else { throw error }
      return try writer.turn(durable: true) { turn throws(LedgerError) in try turn.append(event) }
    }
  }
}
