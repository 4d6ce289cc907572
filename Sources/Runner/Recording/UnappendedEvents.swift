internal import Events
internal import Ledger
internal import Linux

/// The events that one run could not append yet, in order: first what its spool took, then what is in memory because
/// the spool did not take it.
struct UnappendedEvents<Spool: EventSpool> {
  let spool: Spool
  private var unspooled: [NewEvent] = []
  /// The spool's next, read again: once, however often it is tried to append them.
  private var spooled: [NewEvent] = []
  /// From the first piece of output that the spool did not take, none is kept: what is there has no holes.
  private(set) var dropsOutput = false

  private static var memoryLimit: Int { 1000 }
  private static var batchLimit: Int { 100 }

  init(_ spool: Spool) { self.spool = spool }

  var isEmpty: Bool { spool.isEmpty && unspooled.isEmpty }

  /// Something is in memory alone, and nothing in the spool: nothing is kept when this process ends.
  var isKeptNowhere: Bool { spool.isEmpty && !unspooled.isEmpty }

  /// The end of the run is in memory alone.
  var losesEnd: Bool { unspooled.contains { $0.kind.isTerminal } }

  /// False when it is output that cannot be kept.
  mutating func keep(_ event: NewEvent, of stream: InstanceStream) -> Bool {
    guard event.output == nil else {
      guard !dropsOutput, unspooled.isEmpty, spools(event, stream) else {
        dropsOutput = true
        return false
      }
      return true
    }
    if event.kind == .warning { unspooled.removeWarnings(like: event) }
    if unspooled.count < Self.memoryLimit || event.kind.isTerminal { unspooled.append(event) }
    spill(stream)
    return true
  }

  /// Makes the spool durable, as far as that goes.
  func sync() { try? spool.sync() }

  /// In order; only the end of a run goes before what the spool has no room for.
  private mutating func spill(_ stream: InstanceStream) {
    let isOver = unspooled.last?.kind.isTerminal ?? false
    var kept: [NewEvent] = []
    for event in unspooled {
      if kept.isEmpty || isOver, spools(event, stream) { continue }
      kept.append(event)
    }
    unspooled = kept
  }

  private func spools(_ event: NewEvent, _ stream: InstanceStream) -> Bool {
    do throws(SystemCallError) {
      try spool.append(event, of: stream)
      return true
    } catch { return false }
  }

  /// The next events for one turn of the queue; none when all have been appended.
  /// - Throws: what keeps the spool from being read: nothing behind it is appended before it.
  mutating func nextBatch() throws(LedgerError) -> [NewEvent] {
    if spooled.isEmpty {
      do throws(SystemCallError) { spooled = try spool.nextBatch() } catch {
        throw .inputOutput(path: spool.path ?? "", reason: "\(error)")
      }
    }
    return spooled.isEmpty ? Array(unspooled.prefix(Self.batchLimit)) : spooled
  }

  /// The last batch is on disk in the ledger.
  mutating func removeBatch(_ count: Int) {
    if spooled.isEmpty { unspooled.removeFirst(count) } else { spooled = [] }
  }

  /// All batches are.
  mutating func clear() {
    spool.clear()
    unspooled = []
    dropsOutput = false
  }
}

extension [NewEvent] {
  /// Removes warnings of the same request. Their counts are totals: of several that have to be kept the newest says it
  /// all, and what is kept is limited.
  mutating func removeWarnings(like event: NewEvent) {
    guard let new = Self.warning(event) else { return }
    removeAll { Self.warning($0)?.isSame(as: new) ?? false }
  }

  private static func warning(_ event: NewEvent) -> Warning? {
    guard event.kind == .warning, let data = try? JSON(parsing: event.data) else { return nil }
    return Warning(data)
  }
}
