internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Projections

/// A live tail with what every command that watches needs: runs whose runner was killed are noticed within 5 s, and a
/// ledger that takes the place of a damaged one is read from its beginning, or from where its events go on.
struct EventWatch: ~Copyable {
  private static let checkInterval: Int64 = 4_000_000

  private let view: LedgerView
  private var tail: LiveTail
  private var checkAt: Int64 = 0
  private var hasToldDamage = false
  /// Nil where what is shown is no promise.
  private var durable: DurableFollower?
  private var hasToldWaiting = false
  private var files: [UInt64]?
  /// Events that retention had dropped before they were read, and after which one, until they are taken note of.
  private var gap: (after: Int64, count: Int64)?
  /// So many that will be passed over have been told of already.
  private var knownDropped: Int64
  /// Microseconds since boot; nil for no end.
  let deadline: Int64?
  /// What is shown is all there is to do: when nobody reads stdout any more, the program ends.
  private let endsWithReader: Bool

  /// - Parameters:
  ///   - knownDropped: events behind the position that retention has dropped, and the user has been told.
  ///   - showsWhatMayGo: give out events that are not on disk yet, which a power cut can take.
  init(
    _ view: LedgerView, after position: Int64, knownDropped: Int64 = 0, timeout: Int64? = nil,
    endsWithReader: Bool = false, showsWhatMayGo: Bool = false
  ) {
    self.knownDropped = knownDropped
    self.view = view
    durable = showsWhatMayGo ? nil : DurableFollower(view.reader)
    files = view.reader.filesOfWriters
    tail = LiveTail(view.reader, after: position)
    self.endsWithReader = endsWithReader
    // Longer than any clock runs, and the sum stays within 64 bits.
    deadline = timeout.map { Clock.bootMicroseconds() + min($0, 1 << 60) }
  }

  var isOver: Bool { deadline.map { Clock.bootMicroseconds() >= $0 } ?? false }

  /// The next events; waits when there are none, and may then give none.
  ///
  /// A ledger that is damaged now may be replaced by a good one: that is waited for.
  mutating func next() throws -> [Event] {
    let former = view.reader.ledgerID
    if try view.followReplacement() {
      let position = try view.reader.position(continuing: former, after: tail.position)
      tail = LiveTail(view.reader, after: position ?? 0)
      durable = durable.map { _ in DurableFollower(view.reader) }
      files = view.reader.filesOfWriters
      (hasToldDamage, knownDropped) = (false, 0)
      StandardError.say("going on with the ledger that was begun instead")
    }
    do throws(LedgerError) {
      let now = Clock.bootMicroseconds()
      if now >= checkAt {
        try view.closeLostRuns()
        checkAt = now + Self.checkInterval
      }
      let events = try read()
      guard events.isEmpty else { return settled(events) }
      wait()
      let fresh = try read()
      if fresh.isEmpty { try followFiles() }
      return settled(fresh)
    } catch {
      switch error {
      case .damaged, .interrupted: break
      default: throw error
      }
      if !hasToldDamage { StandardError.say("\(error)") }
      hasToldDamage = true
      wait()
      return []
    }
  }

  /// Somebody may have removed the files of WAL and index that this one has open, and others append through new ones.
  private mutating func followFiles() throws(LedgerError) {
    let now = view.reader.filesOfWriters
    guard now != files else { return }
    try view.followFiles()
    files = now
  }

  /// Waits until these events are on disk: what leaves as a promise stays.
  mutating func settled(_ events: [Event]) -> [Event] {
    guard let durable, let last = events.last else { return events }
    let patience = Clock.bootMicroseconds() + 2_000_000
    while !durable.isOnDisk(last) {
      guard !isOver else { return [] }
      if !hasToldWaiting, Clock.bootMicroseconds() > patience {
        hasToldWaiting = true
        try? RawIO.writeAll(
          2, "taro: waiting until ledger.db-wal can be put on disk: what it has is told then\n")
      }
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
    return events
  }

  /// Something was passed over that is not told of yet.
  var hasGap: Bool { gap != nil }

  /// Says what was passed over, once.
  mutating func tellGap() {
    guard let gap else { return }
    DroppedEvents.report(gap.count, after: gap.after)
    self.gap = nil
  }

  private mutating func read() throws(LedgerError) -> [Event] {
    let events = try tail.next()
    if let passed = tail.takePassedOver() {
      let new = max(0, passed.count - knownDropped)
      knownDropped = max(0, knownDropped - passed.count)
      guard new > 0 else { return events }
      gap = (passed.after, new + (gap?.count ?? 0))
    }
    return events
  }

  private mutating func wait() {
    let now = Clock.bootMicroseconds()
    let left = deadline.map { max(0, $0 - now + 999) / 1000 } ?? .max
    // `taro listen | head -n 1`: with nothing more to write, only this tells that head has gone.
    let isRead = tail.wait(
      milliseconds: Int32(clamping: left), output: endsWithReader ? 1 : nil)
    if !isRead { StandardOutput.end(after: .brokenPipe) }
  }
}
