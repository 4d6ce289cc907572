internal import Events
internal import HTTPTypes
internal import Ledger
internal import Operations

/// Reads the ledger's events behind a position, batch by batch, as far as they are on disk.
struct EventReading: Sendable {
  private static let batch = 500
  /// The bytes of data that are read at a time, and one event more: a thousand who read nothing keep no more than that each.
  private static let batchBytes = 64 << 10

  private let executor: LedgerExecutor
  /// The last event that was given out.
  private(set) var position: Seq
  private var ledger: String?

  init(_ executor: LedgerExecutor, after position: Seq) {
    self.executor = executor
    self.position = position
  }

  private struct Batch: Sendable {
    var ledger: String
    var position: Seq
    var events: [Event]
    var isSettled: Bool
  }

  /// Checks that the ledger goes as far as the position.
  /// - Throws: `Problem` where it does not: the position was seen in another one.
  func check() async throws {
    let head = try await executor.read { try $0?.reader.head().seq ?? .start }
    guard position > head else { return }
    throw Problem(
      name: "behind-the-end", title: "Behind the end", status: .conflict,
      detail: "after \"\(position)\": the ledger ends at \(head); this is another one than the "
        + "position was seen in, so begin again",
      members: [JSON.Member("parameter", "after"), JSON.Member("head", .seq(head))])
  }

  /// The next events; none at the end.
  mutating func next() async throws -> [Event] {
    while true {
      let (position, former) = (position, ledger)
      let batch = try await executor.read { session in
        try session.map { try Self.read($0, after: position, former) }
      }
      guard let batch else { return [] }
      (ledger, self.position) = (batch.ledger, batch.position)
      if batch.isSettled {
        self.position = batch.events.last?.seq ?? batch.position
        return batch.events
      }
      try await Task.sleep(for: DiskWait.pause)
    }
  }

  private static func read(
    _ session: LedgerSession, after position: Seq, _ former: String?
  ) throws(LedgerError) -> Batch {
    let reader = session.reader
    var start = position
    if let former, former != reader.ledgerID {
      start = try reader.position(continuing: former, after: position) ?? .start
    }
    var events: [Event] = []
    var left = batchBytes
    _ = try reader.readEvents(after: start, limit: batch) { event in
      events.append(event)
      left -= event.data.utf8.count
      return left > 0
    }
    var read = Batch(ledger: reader.ledgerID, position: start, events: events, isSettled: true)
    if let last = events.last { read.isSettled = DiskWait.isOver(last, session) }
    return read
  }

  /// Takes what the feed has told: what is new of it.
  /// - Returns: nil when it is not what comes next here; then the ledger is to be read.
  mutating func take(_ events: [Event], of ledger: String) -> ArraySlice<Event>? {
    guard ledger == self.ledger else { return nil }
    let new = events.drop { $0.seq <= position }
    if let last = new.last { position = last.seq }
    return new
  }
}
