internal import Linux

/// Appends one spool's events to a ledger, a batch at a time. What an intake that was killed has appended already is
/// passed over; what no ledger takes is left out.
struct SpoolTransfer {
  private let writer: LedgerWriter
  private let header: SpoolLine.Header
  private var instance = MendedInstance()
  /// The instance's last event that was met in the ledger.
  private var n: Int64
  /// What stood there, as far as it was not met in the spool.
  private var known: ArraySlice<Event>
  /// Why something was left out.
  private(set) var refusal: SpoolIntake.Refusal.Cause?

  /// Reads the instance's events, without its output.
  init(_ header: SpoolLine.Header, to writer: LedgerWriter) throws(LedgerError) {
    self.writer = writer
    self.header = header
    // What comes later is met in the first turn.
    known = try writer.reader.events(of: header.instance, withOutput: true, limit: .max)[...]
    n = known.last?.n ?? 0
    for event in known { instance.note(event) }
  }

  /// True when it is in the ledger already.
  mutating func passes(_ event: NewEvent) -> Bool {
    // In order: what was appended of them stands there in the same order.
    guard let index = known.firstIndex(where: { $0.isSame(as: event) }) else { return false }
    known = known[(index + 1)...]
    return true
  }

  /// In one turn of the queue. Durable.
  /// - Returns: how many events were appended.
  mutating func append(_ batch: [NewEvent]) throws(LedgerError) -> Int {
    var next = self
    let count = try writer.turn(durable: true) { turn throws(LedgerError) in
      try next.append(batch, turn)
    }
    self = next
    return count
  }

  private mutating func append(
    _ batch: [NewEvent], _ turn: borrowing Turn
  ) throws(LedgerError) -> Int {
    for event in try writer.reader.events(of: header.instance, after: n) { instance.note(event) }
    var count = 0
    for event in lostBeginning(before: batch) + batch {
      guard let made = instance.take(event) else {
        let isEnded = instance.state?.isTerminal ?? false
        refusal = isEnded ? .ended : refusal ?? .misfit
        continue
      }
      for event in made + [event] { try turn.append(event, .next) }
      count += made.count + 1
    }
    n = try writer.reader.lastEvent(of: header.instance)?.n ?? n
    return count
  }

  /// What the first line tells and neither the ledger nor what follows: the ledger in which the run began is gone, and it
  /// begins once more in this one; or the line is damaged.
  private func lostBeginning(before batch: [NewEvent]) -> [NewEvent] {
    var state = instance.state
    return header.opening.filter { event in
      guard let next = event.kind.state, RunState.isPossible(from: state, to: next),
        !batch.contains(where: event.tellsTheSame)
      else { return false }
      state = next
      return true
    }
  }
}
