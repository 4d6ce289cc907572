internal import Events
internal import NIOCore
internal import Operations

/// Writes an instance's output to one who has asked for it, and goes on with it where he follows.
struct OutputWriting {
  private let reading: OutputReading
  private let writer: AnswerWriter
  private var facts: OutputFacts
  private var follower: OutputFollower
  /// The instance's last event that is on disk, as far as known.
  private var end: Int64
  private var hasEnded: Bool

  init(
    _ reading: OutputReading, _ facts: OutputFacts, _ follower: OutputFollower,
    _ writer: AnswerWriter
  ) {
    self.reading = reading
    self.facts = facts
    self.follower = follower
    self.writer = writer
    end = facts.end
    hasEnded = facts.hasEnded
  }

  /// Writes what there is up to an offset.
  /// - Throws: `OutputMissing`; the length that was promised is kept, or the connection does not look whole.
  mutating func drain(_ first: OutputForm.Portion, to end: Int64) async throws {
    try await drain(first)
    guard follower.offset >= end else { throw OutputMissing.short }
  }

  /// Writes what there is. While one portion is written, the next is read; more is not in memory.
  /// - Parameter first: one that has been read already.
  /// - Throws: `OutputMissing`; what comes before it is written.
  mutating func drain(_ first: OutputForm.Portion? = nil) async throws {
    var portion: OutputForm.Portion
    if let first { portion = first } else { portion = try await reading.next(follower, upTo: end) }
    while true {
      let (current, reading, end) = (portion, reading, end)
      follower = current.follower
      guard current.hasMore else { return try await write(current) }
      async let next = reading.next(current.follower, upTo: end)
      try await write(current)
      portion = try await next
    }
  }

  private func write(_ portion: OutputForm.Portion) async throws {
    if portion.bytes.readableBytes > 0 { try await writer.write(portion.bytes) }
    if let missing = portion.missing { throw missing }
  }

  /// Writes what there is and what comes, until the instance has ended.
  mutating func follow(
    _ listener: LedgerFeed.Listener, _ first: OutputForm.Portion?
  ) async throws {
    let isEventStream = if case .events = reading.form { true } else { false }
    // Who waits for the head of the answer has it now.
    if isEventStream { try await writer.write(":\n\n") }
    try await drain(first)
    while !hasEnded {
      let known = end
      switch try await listener.next() {
      case .behind: try await look()
      case .events(let events, let ledger): try await take(events, of: ledger)
      case .quiet: if isEventStream { try await writer.write(":\n\n") }
      }
      if end > known { try await drain() }
    }
    if isEventStream {
      // As it is now: what it was when this began, says nothing of its end.
      if !facts.hasEnded { try await look() }
      try await writer.write(OutputForm.end(facts, bytes: follower.offset))
    }
  }

  private mutating func look() async throws {
    facts = try await facts.now(follower.stream, reading.executor)
    (end, hasEnded) = (max(end, facts.end), hasEnded || facts.hasEnded)
  }

  private mutating func take(_ events: [Event], of ledger: String) async throws {
    guard ledger == follower.ledgerID else { return try await look() }
    for event in events where event.instance == follower.instance {
      end = max(end, event.n ?? 0)
      hasEnded = hasEnded || event.kind.isTerminal
    }
  }
}
