internal import Events
internal import Ledger
internal import Linux

/// Appends one spool's events to a ledger, a batch at a time. What an intake that was killed has appended already is
/// passed over; what no ledger takes is left out.
struct SpoolTransfer {
  private let writer: LedgerWriter
  private let queueMilliseconds: Int?
  private let header: SpoolLine.Header
  private var instance = MendedInstance()
  /// The instance's last event that was met in the ledger.
  private(set) var n: Int64
  private var known: KnownEvents
  /// Why something was left out.
  private(set) var refusal: SpoolIntake.Refusal.Cause?

  /// Reads the beginning and the end of what the ledger has of the instance, and what may be the spool's.
  /// - Parameters:
  ///   - progress: how far an intake has come before, as it says.
  ///   - queueMilliseconds: how long each turn waits; nil: as long as the writer's do.
  init(
    _ header: SpoolLine.Header, _ progress: SpoolProgress?, to writer: LedgerWriter,
    queueMilliseconds: Int?
  ) throws(LedgerError) {
    self.writer = writer
    self.queueMilliseconds = queueMilliseconds
    self.header = header
    let reader = writer.reader
    let id = reader.ledgerID
    let recorded = [progress?.appended, header.recorded].compactMap { $0 }
      .first { $0.ledger == id }
    // What comes later is met in the first turn.
    let last = try reader.lastEvent(of: header.instance)
    n = last?.n ?? 0
    refusal = progress?.refusal
    known = try KnownEvents(reader, header.instance, after: min(recorded?.n ?? 0, n))
    try noteBeginning(reader)
    if let last { instance.note(last) }
  }

  /// Up to where the command was started: from there on nothing but the end changes the state.
  private mutating func noteBeginning(_ reader: LedgerReader) throws(LedgerError) {
    var position: Int64 = 0
    while position < n {
      let page = try reader.events(
        of: header.instance, after: position, withOutput: true, limit: KnownEvents.pageSize)
      guard let end = page.last?.n else { return }
      for event in page { instance.note(event) }
      if instance.state == .running || instance.state?.isTerminal ?? false { return }
      position = end
    }
  }

  /// Those that are not in the ledger already.
  mutating func withoutMet(_ batch: [NewEvent]) throws(LedgerError) -> [NewEvent] {
    var rest: [NewEvent] = []
    for event in batch {
      if try !known.meets(event) { rest.append(event) }
    }
    return rest
  }

  /// In one turn of the queue. Durable.
  /// - Returns: how many events were appended.
  mutating func append(_ batch: [NewEvent]) throws(LedgerError) -> Int {
    var next = self
    let count = try writer.turn(
      durable: true, queueMilliseconds: queueMilliseconds
    ) { turn throws(LedgerError) in
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
      guard let next = event.kind.state, InstanceState.isPossible(from: state, to: next),
        !batch.contains(where: event.tellsTheSame)
      else { return false }
      state = next
      return true
    }
  }
}
