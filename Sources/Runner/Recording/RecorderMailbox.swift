internal import Events
internal import Linux

/// The state that supervisor and recorder share: what the one hands over and the other answers, the chunk buffers that
/// go to and fro, of which at most `maximumBuffers` exist, and the gate of the recorder's turns.
final class RecorderMailbox: Sendable {
  enum Item: Sendable {
    case event(EventKind, JSON, at: WallTime, mono: BootTime)
    /// Somebody's request that came by signal; `Result.recorded` answers.
    case request(EventKind, ControlRequest, at: WallTime, mono: BootTime)
    case output(ChunkBuffer, durable: Bool)
    /// Output that was passed on but could not be taken in.
    case dropped(OutputTotals)
    /// The supervisor sees these; the recorder finds those about the output itself.
    case warning(Warning, at: WallTime, mono: BootTime)
    /// Put on disk what was appended without waiting for it.
    case sync
    /// Somebody rang: read what others have appended.
    case readLedger
    case finish(InstanceState, Ending, at: WallTime, mono: BootTime)
  }

  enum Result: Sendable {
    /// Somebody else's request, from the ledger.
    case request(EventKind, ControlRequest)
    /// The request that was handed over is on disk, or cannot be.
    case recorded(EventKind, ControlRequest)
    /// The events that others have appended were read, or cannot be.
    case hasReadLedger
  }

  private struct Shared {
    var items: [Item] = []
    var results: [Result] = []
    var freeBuffers: [ChunkBuffer] = []
    var buffersMade = 0
    /// Items were taken that are not recorded yet.
    var isAtWork = false
    /// The time at which output was last dropped.
    var droppedAt = RecordedTime()
  }

  /// Chunks that supervisor and recorder have between them: 8 MiB.
  static let maximumBuffers = 32
  /// Chunks in one turn of the queue, so that other writers wait for a few milliseconds at most.
  static let chunksPerTurn = 8
  /// The time that a stop of this process waits for the recorder, microseconds.
  private static let stopPatience: Int64 = 1_000_000

  private let shared = Monitor(Shared())
  /// Readable when there are results or buffers.
  let wake: EventCounter
  let turns = TurnGate()

  init() throws(SystemCallError) { wake = try EventCounter() }

  // MARK: The supervisor's side

  func hand(_ item: Item) {
    shared.change { shared in
      if case .dropped = item { shared.droppedAt.note(.now) }
      // One count for what is dropped while the recorder waits, however many pieces it came in.
      if case .dropped(let more) = item, case .dropped(var sum)? = shared.items.last {
        sum.add(more)
        shared.items[shared.items.count - 1] = .dropped(sum)
      } else {
        shared.items.append(item)
      }
    }
  }

  func takeResults() -> [Result] {
    shared.change { shared in
      defer { shared.results = [] }
      return shared.results
    }
  }

  /// An empty buffer; nil while all are on their way, `wake` tells when to ask again.
  func takeBuffer() -> ChunkBuffer? {
    shared.change { shared in
      if let buffer = shared.freeBuffers.popLast() { return buffer }
      guard shared.buffersMade < Self.maximumBuffers else { return nil }
      shared.buffersMade += 1
      return ChunkBuffer()
    }
  }

  /// Runs `stop`, which stops this whole process, when all that was handed over is recorded and the recorder is in no turn
  /// of the queue; after a second in any case.
  func stopBetweenTurns(_ stop: () -> Void) {
    let deadline = MonotonicTime.now + Self.stopPatience
    _ = shared.wait(until: deadline) { $0.items.isEmpty && !$0.isAtWork ? true : nil }
    turns.close(until: deadline, while: stop)
  }

  // MARK: The recorder's side

  /// Waits for items: as many as one turn of the queue may have.
  /// - Parameter deadline: nil waits for ever.
  func waitForItems(until deadline: MonotonicTime?) -> [Item] {
    shared.wait(until: deadline, Self.take) ?? []
  }

  /// As many items as one turn of the queue may have; nil when there is none.
  func takeItems() -> [Item]? { shared.change(Self.take) }

  private static func take(_ shared: inout Shared) -> [Item]? {
    guard !shared.items.isEmpty else { return nil }
    var chunks = 0
    var count = 0
    for item in shared.items {
      if case .output = item { chunks += 1 }
      guard chunks <= chunksPerTurn else { break }
      count += 1
    }
    shared.isAtWork = true
    defer { shared.items.removeFirst(count) }
    return Array(shared.items[..<count])
  }

  /// The items that were taken are recorded, or kept.
  func noteRecorded() { shared.change { $0.isAtWork = false } }

  func giveBack(_ buffer: ChunkBuffer) {
    buffer.clear()
    shared.change { $0.freeBuffers.append(buffer) }
    wake.signal()
  }

  /// More than half of the chunks that may be on their way are.
  var isBehind: Bool {
    shared.change { $0.buffersMade - $0.freeBuffers.count > Self.maximumBuffers / 2 }
  }

  /// The time at which output was last dropped.
  var droppedAt: EventTime { shared.change { $0.droppedAt.newest } }

  func publish(_ results: [Result]) {
    guard !results.isEmpty else { return }
    shared.change { $0.results += results }
    wake.signal()
  }
}
