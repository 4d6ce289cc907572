package import Events
package import Ledger
internal import Linux
internal import Synchronization

/// The keys that requests of the last 24 hours were asked with, as the ledger's events tell them: who asks again with
/// one of them has asked once.
///
/// Kept in memory and brought up to the ledger's end by reading it, so that it is the same after a restart and in each of
/// several servers. Some 150 bytes a key, at most ``limit`` of them: 15 MB. More are refused, not forgotten.
package final class RequestKeys: Sendable {
  /// Microseconds.
  package static let lifetime: Int64 = 24 * 3600 * 1_000_000
  package static let limit = 100_000
  /// Events that are read at once.
  private static let window: Int64 = 20_000
  /// The interval at which expired keys are looked for, microseconds.
  private static let pruneInterval: Int64 = 60_000_000

  private static let kinds: [EventKind] = [
    .stopRequested, .interruptRequested, .pauseRequested, .resumeRequested, .signalRequested,
    .orphanRequested, .released, .jobDisabled, .jobEnabled,
  ]

  /// A request that was asked with a key.
  package struct Use: Equatable, Sendable {
    /// The position of the event that tells it.
    package let seq: Seq
    /// The time at which that was.
    package let at: WallTime
    /// The digest of what was asked for.
    package let request: Digest
  }

  package enum Recorded<Made> {
    case made(Made)
    /// It was asked before, and nothing has been recorded now.
    case repeated(Use)
  }

  private struct State {
    var ledger: String?
    /// The last event that was looked at.
    var position = Seq.start
    var uses: [Digest: Use] = [:]
    var prunedAt = WallTime.epoch
    /// Requests that this process has carried out by itself.
    var delivered: Set<Seq> = []
  }

  private let state = Mutex(State())

  package init() {}

  /// The request that was asked with the key, as far as the ledger tells by now; nil when there is none.
  package func use(
    of key: RequestKey, _ reader: LedgerReader, now: WallTime = .now
  ) throws(LedgerError) -> Use? {
    try state.withLock { state throws(LedgerError) in
      while try Self.read(reader, &state, now) {}
      return state.uses[key.key].flatMap { $0.at > now - Self.lifetime ? $0 : nil }
    }
  }

  /// Reads some of what the ledger has and this has not, so that nobody who asks has to wait for it.
  /// - Returns: false when there is no more.
  package func readSome(
    _ reader: LedgerReader, now: WallTime = .now
  ) throws(LedgerError) -> Bool {
    try state.withLock { state throws(LedgerError) in try Self.read(reader, &state, now) }
  }

  /// Notes that what was recorded at that position has been carried out: of what others have recorded, nobody knows that.
  package func noteDelivered(_ seq: Seq) {
    _ = state.withLock { $0.delivered.insert(seq) }
  }

  package func isDelivered(_ seq: Seq) -> Bool { state.withLock { $0.delivered.contains(seq) } }

  /// No more keys are taken until some have expired.
  package var isFull: Bool { state.withLock { $0.uses.count >= Self.limit } }

  private static func read(
    _ reader: LedgerReader, _ state: inout State, _ now: WallTime
  ) throws(LedgerError) -> Bool {
    let head = try reader.head().seq
    if state.ledger != reader.ledgerID || state.position > head {
      state = State()
      state.position = try start(reader, head, since: now - lifetime)
      state.ledger = reader.ledgerID
    }
    if now - state.prunedAt > pruneInterval {
      state.uses = state.uses.filter { $0.value.at > now - lifetime }
      let known = Set(state.uses.values.map(\.seq))
      state.delivered = state.delivered.filter { $0 > state.position || known.contains($0) }
      state.prunedAt = now
    }
    let end = min(head, state.position + window)
    for event in try reader.events(kinds, after: state.position, upTo: end)
    where event.at > now - lifetime {
      guard let key = Requester(event.json).idempotency else { continue }
      state.uses[key.key] = Use(seq: event.seq, at: event.at, request: key.request)
    }
    state.position = end
    return end < head
  }

  /// A position behind which all events of that time on are, if the clock was not set back meanwhile.
  private static func start(
    _ reader: LedgerReader, _ head: Seq, since time: WallTime
  ) throws(LedgerError) -> Seq {
    var (low, high) = (Seq.start, head)
    while low < high {
      let middle = low + (high - low) / 2
      // What was missed is dated when it was due, which may be long before.
      let following = try reader.events(after: middle, limit: 8).first { !$0.kind.isBreach }
      guard let event = following, event.at < time else {
        high = middle
        continue
      }
      low = event.seq
    }
    return low
  }
}

extension LedgerWriter {
  /// Takes a turn to record a request, unless one with its key stands there already: of any number who ask at once, in
  /// whatever processes, one is recorded. Durable, also what stands there.
  func once<Made>(
    _ requester: Requester, _ keys: RequestKeys?,
    _ body: (borrowing Turn) throws(LedgerError) -> Made
  ) throws(LedgerError) -> RequestKeys.Recorded<Made> {
    let recorded: RequestKeys.Recorded<Made> = try turn(durable: true) {
      turn throws(LedgerError) in
      if let keys, let key = requester.idempotency, let use = try keys.use(of: key, reader) {
        return .repeated(use)
      }
      return .made(try body(turn))
    }
    if case .repeated = recorded { try flush() }
    return recorded
  }
}

extension LedgerSession {
  /// Waits until everything that the ledger has now is on disk.
  package func settle() throws(LedgerError) {
    let writer = try openWriter()
    try writer.turn(durable: false) { _ throws(LedgerError) in }
    try writer.flush()
  }
}
