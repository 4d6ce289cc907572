package import Events
package import Ledger
internal import Linux
internal import Projections

/// A live tail with what everybody who follows events needs: a ledger that takes the place of a damaged one is read from
/// its beginning, or from where its events go on; and where nobody else keeps the ledger in order meanwhile, instances
/// whose runner was killed are noticed within 5 s.
package struct EventFollower: ~Copyable {
  /// An event in the life of the following itself, for a person or a log.
  package enum Notice: Sendable {
    case ledgerReplaced
    /// Said once: it is waited until another ledger is begun instead.
    case damaged(LedgerError)
    /// Said once: what the ledger's WAL has cannot be put on disk, and is given out when it is.
    case waitsForDisk
    /// Retention has dropped events before they were read.
    case dropped(count: Int64, after: Seq)
  }

  private static let maintenanceInterval: Int64 = 4_000_000

  private let session: LedgerSession
  private var tail: LiveTail
  private var maintainAt: BootTime?
  private let maintain: LedgerSession.Maintain?
  private var hasToldDamage = false
  /// Waits for the disk; nil where what is shown is no promise.
  private var durable: DurableFollower?
  private var hasToldWaiting = false
  private var files: [UInt64]?
  /// Events that retention had dropped before they were read, and after which one, until they are taken note of.
  private var gap: (after: Seq, count: Int64)?
  /// So many that will be passed over have been told of already.
  private var knownDropped: Int64
  /// The time at which following ends; nil for no end.
  package let deadline: BootTime?
  private let notify: (Notice) -> Void
  /// Told when nobody reads any more what is written to this descriptor.
  private let reader: (output: Int32, isGone: () -> Never)?

  /// - Parameters:
  ///   - maintain: keeps the ledger in order, at once and every few seconds; nil where somebody else does.
  ///   - knownDropped: events behind the position that retention has dropped, and the user has been told.
  ///   - timeout: microseconds; nil for no end.
  ///   - showsWhatMayGo: give out events that are not on disk yet, which a power cut can take.
  ///   - reader: the descriptor that what is found goes to, and what ends the program when nobody reads that any more.
  package init(
    _ session: LedgerSession, after position: Seq,
    maintain: LedgerSession.Maintain?, knownDropped: Int64 = 0,
    timeout: Int64? = nil, showsWhatMayGo: Bool = false,
    reader: (output: Int32, isGone: () -> Never)? = nil,
    notify: @escaping (Notice) -> Void
  ) {
    self.notify = notify
    self.maintain = maintain
    self.reader = reader
    self.knownDropped = knownDropped
    self.session = session
    durable = showsWhatMayGo ? nil : DurableFollower(session.reader)
    files = session.reader.filesOfWriters
    tail = LiveTail(session.reader, after: position)
    deadline = timeout.map { BootTime.now + $0 }
  }

  package var isOver: Bool { deadline.map { BootTime.now >= $0 } ?? false }

  /// The next events; waits when there are none, and may then give none.
  ///
  /// A ledger that is damaged now may be replaced by a good one: that is waited for.
  package mutating func next() throws -> [Event] {
    let former = session.reader.ledgerID
    if try session.followReplacement() {
      let position = try session.reader.position(continuing: former, after: tail.position)
      tail = LiveTail(session.reader, after: position ?? .start)
      durable = durable.map { _ in DurableFollower(session.reader) }
      files = session.reader.filesOfWriters
      (hasToldDamage, knownDropped) = (false, 0)
      notify(.ledgerReplaced)
    }
    do throws(LedgerError) {
      let now = BootTime.now
      if let maintain, maintainAt.map({ now >= $0 }) ?? true {
        try maintain(session)
        maintainAt = now + Self.maintenanceInterval
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
      if !hasToldDamage { notify(.damaged(error)) }
      hasToldDamage = true
      wait()
      return []
    }
  }

  /// Somebody may have removed the files of WAL and index that this one has open, and others append through new ones.
  private mutating func followFiles() throws(LedgerError) {
    let now = session.reader.filesOfWriters
    guard now != files else { return }
    try session.followFiles()
    files = now
  }

  /// Waits until these events are on disk: what leaves as a promise stays.
  package mutating func settled(_ events: [Event]) -> [Event] {
    guard let durable, let last = events.last else { return events }
    let patience = BootTime.now + 2_000_000
    while !durable.isOnDisk(last) {
      guard !isOver else { return [] }
      if !hasToldWaiting, BootTime.now > patience {
        hasToldWaiting = true
        notify(.waitsForDisk)
      }
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
    return events
  }

  /// Something was passed over that is not told of yet.
  package var hasGap: Bool { gap != nil }

  /// Notifies of what was passed over, once.
  package mutating func notifyOfGap() {
    guard let gap else { return }
    notify(.dropped(count: gap.count, after: gap.after))
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
    // `taro listen | head -n 1`: with nothing more to write, only this tells that head has gone.
    let isRead = tail.wait(
      milliseconds: deadline?.millisecondsLeft ?? .max, output: reader?.output)
    if !isRead { reader?.isGone() }
  }
}
