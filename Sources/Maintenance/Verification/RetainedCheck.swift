internal import Events
internal import Ledger
internal import SQLite

/// Finds out what the `retained` events of a ledger explain. They are read when something is not there, and again when something
/// is not explained, for retention may go on meanwhile. Memory: about 40 bytes an instance that they name.
struct RetainedCheck {
  private let reader: LedgerReader
  private var readUpTo = Seq.start
  private var withoutOutput: Set<InstanceID> = []
  private var begun: Set<InstanceID> = []

  init(_ reader: LedgerReader) { self.reader = reader }

  mutating func hasDroppedOutput(of instance: InstanceID) -> Bool {
    if !withoutOutput.contains(instance) { readOn() }
    return withoutOutput.contains(instance)
  }

  /// True when not all of its events have been dropped in one turn.
  mutating func hasBegunToDrop(_ instance: InstanceID) -> Bool {
    if !begun.contains(instance) { readOn() }
    return begun.contains(instance)
  }

  private mutating func readOn() {
    // Where they cannot be read, the scan says so.
    guard let events = try? reader.hostEvents([.retained], after: readUpTo) else { return }
    for event in events {
      let retained = Retained(event.json)
      if retained.what == .output { withoutOutput.formUnion(retained.instances) }
      if retained.what == .events, let instance = retained.unfinished { begun.insert(instance) }
      readUpTo = event.seq
    }
  }

  /// Returns a problem when the runs of dropped positions are not those that the newest event tells of: both are of one
  /// moment.
  func problem() -> LedgerProblem? {
    do throws(SQLiteError) {
      try reader.connection.execute("BEGIN")
    } catch { return LedgerProblem(.retained, "cannot be read: \(error.message)") }
    defer { try? reader.connection.execute("COMMIT") }
    do {
      let runs = try DroppedRanges.summary(reader.connection)
      guard let event = try reader.newestHostEvent(.retained) else {
        guard runs.events != 0 else { return nil }
        return LedgerProblem(
          .retained, "\(runs.events) events are noted as dropped, and no event says so")
      }
      let said = Retained(event.json).ledger
      guard said != runs else { return nil }
      return LedgerProblem(
        .retained, at: event.seq,
        "the events noted as dropped (\(runs.events)) are not those it tells of (\(said.events))")
    } catch {
      return LedgerProblem(.retained, "what was dropped cannot be read: \(error)")
    }
  }
}
