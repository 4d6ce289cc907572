internal import Events
internal import Ledger

/// Reads a damaged ledger from its first event to its last: what SQLite reads, and, where that has a gap or an end too
/// soon, what the pages in the WAL have. Memory: a batch.
struct SalvagingScan: ~Copyable {
  /// Positions that SQLite does not read.
  private struct Gap {
    enum Kind {
      case missing
      case unreadable(reason: String)
      case rest(reason: String)
      /// Behind the last event that SQLite reads.
      case behind
    }

    let kind: Kind
    var next: Seq
    let last: Seq
  }

  private let ledger: DamagedLedger
  /// The last position that SQLite reads; nil when it is not known.
  let end: Seq?
  /// The events that SQLite reads; nil when it reads no event at all.
  private var scan: LedgerScan?
  private var gap: Gap?
  /// Behind the last piece.
  private var position = Seq.first
  /// The digest of the event before `position`; nil when it is not there.
  private var digest: Digest?
  private var hasReadAll = false

  /// - Parameter end: from `LedgerScan.end`; events that SQLite reads behind it are not taken.
  /// - Throws: `damaged` when nothing can be read.
  init(_ ledger: DamagedLedger, end: Seq?) throws(LedgerError) {
    self.ledger = ledger
    self.end = end
    digest = ledger.genesis
    do throws(LedgerError) {
      scan = try LedgerScan(ledger.connection, path: ledger.file, end: end)
    } catch {
      guard case .damaged = error, ledger.hasSalvage else { throw error }
      scan = nil
    }
  }

  /// The next piece, in order of position; nil at the end.
  mutating func next() throws(LedgerError) -> LedgerScan.Piece? {
    if gap != nil, let piece = nextOfGap() { return piece }
    guard !hasReadAll else { return nil }
    switch try scan?.next() {
    case .events(let events): return .events(mended(events))
    case .dropped(let range, let digest):
      (position, self.digest) = (range.upperBound + 1, digest)
      return .dropped(range, digest)
    case .missing(let range):
      gap = Gap(kind: .missing, next: range.lowerBound, last: range.upperBound)
    case .unreadable(let range, let reason):
      gap = Gap(kind: .unreadable(reason: reason), next: range.lowerBound, last: range.upperBound)
    case .rest(let first, let reason):
      hasReadAll = true
      gap = Gap(kind: .rest(reason: reason), next: first, last: Seq.max - 1)
    case nil:
      hasReadAll = true
      guard let last = ledger.lastExpected(after: position - 1) else { return nil }
      gap = Gap(kind: .behind, next: position, last: last)
    }
    return nextOfGap()
  }

  // MARK: What SQLite reads

  /// The events with what is wrong in them replaced, where the WAL has it right.
  private mutating func mended(_ events: [StoredEvent]) -> [StoredEvent] {
    var mended = events
    for index in mended.indices {
      mended[index].replacement = ledger.redactions[mended[index].seq]
    }
    guard ledger.hasSalvage else {
      position = events.last.map { $0.seq + 1 } ?? position
      digest = events.last?.digest ?? digest
      return mended
    }
    for index in mended.indices {
      let event = mended[index]
      if let digest, event.digest != event.digest(after: digest),
        let right = ledger.candidates(of: event.seq).first(where: { fits($0.event, digest) })
      {
        let chunk = event.chunk
        mended[index] = replaced(right.event)
        mended[index].chunk = chunk
      }
      mendOutput(&mended[index])
      digest = mended[index].digest
      position = event.seq + 1
    }
    return mended
  }

  private func mendOutput(_ event: inout StoredEvent) {
    guard event.hasPayload, ledger.hasSalvagedOutput(of: event.seq),
      !ledger.hasDroppedOutput(event.instanceID)
    else { return }
    if case .success = PayloadCheck.chunk(of: event) { return }
    if let chunk = ledger.salvagedChunk(of: event) { event.chunk = chunk }
  }

  /// Tells whether it stands there rightly: what stood in a redacted event before does not.
  private func fits(_ event: StoredEvent, _ before: Digest) -> Bool {
    event.digest != nil && event.digest == replaced(event).digest(after: before)
  }

  private func replaced(_ event: StoredEvent) -> StoredEvent {
    var event = event
    event.replacement = ledger.redactions[event.seq]
    return event
  }

  // MARK: What it does not

  private mutating func nextOfGap() -> LedgerScan.Piece? {
    guard let gap else { return nil }
    let events = salvaged(gap)
    if let last = events.last {
      self.gap?.next = last.seq + 1
      position = last.seq + 1
      return .events(events)
    }
    // To the next position that the WAL knows, or to the end.
    let behind = ledger.salvagedPosition(from: gap.next + 1, upTo: gap.last)
    digest = nil
    guard let behind else {
      self.gap = nil
      return rest(of: gap)
    }
    self.gap?.next = behind
    position = behind
    return Self.piece(gap.kind, gap.next...(behind - 1))
  }

  private mutating func rest(of gap: Gap) -> LedgerScan.Piece? {
    if case .rest(let reason) = gap.kind { return .rest(from: gap.next, reason: reason) }
    guard gap.next <= gap.last else { return nil }
    if case .behind = gap.kind {
      // Nobody knows that there is more.
      guard ledger.isNoted else { return nil }
      return .missing(gap.next...gap.last)
    }
    position = gap.last + 1
    return Self.piece(gap.kind, gap.next...gap.last)
  }

  private static func piece(_ kind: Gap.Kind, _ range: ClosedRange<Seq>) -> LedgerScan.Piece {
    if case .unreadable(let reason) = kind { return .unreadable(range, reason: reason) }
    return .missing(range)
  }

  /// Consecutive events from the gap's beginning on, as far as the WAL has them.
  private mutating func salvaged(_ gap: Gap) -> [StoredEvent] {
    var found: [StoredEvent] = []
    var bytes = 0
    var seq = gap.next
    while seq <= gap.last, found.count < LedgerScan.batchEvents, bytes < LedgerScan.batchBytes,
      var event = likeliest(seq)
    {
      mendOutput(&event)
      if case .stored(let chunk) = event.chunk { bytes += chunk.data.count }
      bytes += event.data.utf8.count
      digest = event.digest
      found.append(event)
      seq += 1
    }
    return found
  }

  /// Returns the event that fits the one before; else the one of a whole frame. An event that stands in a bad frame
  /// only is believed only where it fits.
  private func likeliest(_ seq: Seq) -> StoredEvent? {
    let candidates = ledger.candidates(of: seq)
    if let digest, let proven = candidates.first(where: { fits($0.event, digest) }) {
      return replaced(proven.event)
    }
    // Its own digest may be all that is wrong with it: the next event tells. What was redacted is not brought back.
    guard ledger.redactions[seq] == nil else { return nil }
    return candidates.first { $0.isWhole || digest != nil }?.event
  }
}
