internal import Events
internal import Ledger
internal import Linux

/// Appends one spool's events to a ledger, a batch at a time. What an intake that was killed has appended already is
/// passed over; what no ledger takes is left out.
struct SpoolTransfer {
  private let writer: LedgerWriter
  private let queueMilliseconds: Int?
  private let header: SpoolLine.Header
  /// The instance's progress in the ledger, by what was met there.
  private var progress = InstanceProgress()
  /// The position of the instance's last event that was met in the ledger.
  var n: Int64 { progress.n }
  private var known: KnownEvents
  /// The reason why something was left out.
  private(set) var refusal: SpoolIntake.Refusal.Cause?

  /// Reads the beginning and the end of what the ledger has of the instance, and what may be the spool's.
  /// - Parameters:
  ///   - former: how far an intake has come before, as it says.
  ///   - queueMilliseconds: how long each turn waits; nil: as long as the writer's do.
  init(
    _ header: SpoolLine.Header, _ former: SpoolProgress?, to writer: LedgerWriter,
    queueMilliseconds: Int?
  ) throws(LedgerError) {
    self.writer = writer
    self.queueMilliseconds = queueMilliseconds
    self.header = header
    let reader = writer.reader
    let id = reader.ledgerID
    let recorded = [former?.appended, header.recorded].compactMap { $0 }
      .first { $0.ledger == id }
    // What comes later is met in the first turn.
    let last = try reader.lastEvent(of: header.instance)
    let end = last?.n ?? 0
    refusal = former?.refusal
    known = try KnownEvents(reader, header.instance, after: min(recorded?.n ?? 0, end))
    try noteBeginning(reader, upTo: end)
    if let last { progress.note(last) }
  }

  /// Up to where the command was started: from there on nothing but the end changes the state.
  private mutating func noteBeginning(
    _ reader: LedgerReader, upTo last: Int64
  ) throws(LedgerError) {
    var position: Int64 = 0
    while position < last {
      let page = try reader.events(
        of: header.instance, after: position, withOutput: true, limit: KnownEvents.pageSize)
      guard let end = page.last?.n else { return }
      for event in page { progress.note(event) }
      if progress.state == .running || progress.hasEnded { return }
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
    for event in try writer.reader.events(of: header.instance, after: n) {
      progress.note(event)
    }
    var count = 0
    for event in progress.missing(of: header.opening, before: batch) + batch {
      guard let made = progress.take(event) else {
        refusal = progress.hasEnded ? .ended : refusal ?? .misfit
        continue
      }
      for event in made + [event] { try turn.append(event, .next) }
      count += made.count + 1
    }
    if let last = try writer.reader.lastEvent(of: header.instance) { progress.note(last) }
    return count
  }
}
