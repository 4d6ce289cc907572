package import Events
package import Ledger

/// Tells the ends of runs, each by a channel: for receivers that count runs, and not changes.
///
/// Whoever begins says so in the ledger, so that another one does it where he is killed, or nobody takes it.
package struct RunTelling {
  package struct Item: Sendable {
    package let job: String
    /// The event that ended the run.
    package let seq: Seq
    package let instance: InstanceID
    package let attempt: Int64

    package init(job: String, seq: Seq, instance: InstanceID, attempt: Int64 = 1) {
      self.job = job
      self.seq = seq
      self.instance = instance
      self.attempt = attempt
    }
  }

  private static let queueMilliseconds = 2000
  private static let kinds: [EventKind] = [.tellingBegun, .tellingEnded]
  /// Events that are looked at, at most, the newest.
  private static let most = 1000

  private let session: LedgerSession
  private let channel: String

  package init(_ session: LedgerSession, channel: String) {
    self.session = session
    self.channel = channel
  }

  /// On disk when it returns.
  /// - Returns: false where somebody else has it.
  package func begin(_ item: Item, now: WallTime = .now) throws(LedgerError) -> Bool {
    let telling = Telling(
      channel: channel, change: item.seq, attempt: item.attempt,
      until: now + TellingQueue.longestTelling, by: .thisProcess())
    let writer = try session.openWriterForAsking()
    return try writer.turn(durable: true, queueMilliseconds: Self.queueMilliseconds) {
      turn throws(LedgerError) in
      let last = try writer.reader.hostEvents(Self.kinds, after: item.seq)
        .compactMap { Telling($0.json) }
        .last { $0.channel == channel && $0.change == item.seq }
      guard (last?.attempt ?? 0) < item.attempt else { return false }
      try turn.append(.ofJob(item.job, .tellingBegun, telling.json, at: now))
      return true
    }
  }

  /// Records how it went. On disk when it returns.
  /// - Parameter error: the reason why nobody has taken it, which holds no secret; nil when somebody has.
  package func ended(
    _ item: Item, error: String?, now: WallTime = .now
  ) throws(LedgerError) {
    let telling = Telling.ended(
      channel, item.seq, item.attempt, error: error, since: item.instance.createdAt, now: now)
    try session.openWriterForAsking().turn(
      durable: true, queueMilliseconds: Self.queueMilliseconds
    ) { turn throws(LedgerError) in
      try turn.append(.ofJob(item.job, .tellingEnded, telling.json, at: now))
    }
  }

  /// The ends that nobody has taken, or whose teller was killed, and that are to be told now. Of a job the newest alone: what
  /// came before is of no interest any more, and would be taken for news.
  package func left(now: WallTime = .now) throws(LedgerError) -> [Item] {
    guard session.reader.missing == nil, !session.reader.isCopy else { return [] }
    var newest: [String: Telling] = [:]
    for kind in Self.kinds {
      for event in try session.reader.newestHostEvents(kind, limit: Self.most) {
        guard let job = event.job, let telling = Telling(event.json), telling.channel == channel
        else { continue }
        let known = newest[job]
        let isNewer =
          known.map {
            (telling.change, telling.attempt, telling.outcome == nil ? 0 : 1)
              > ($0.change, $0.attempt, $0.outcome == nil ? 0 : 1)
          } ?? true
        if isNewer { newest[job] = telling }
      }
    }
    var items: [Item] = []
    for (job, telling) in newest.sorted(by: { $0.value.change < $1.value.change }) {
      guard telling.outcome == nil || telling.outcome == .failed,
        let until = telling.until, until <= now,
        let event = try session.reader.events(
          after: telling.change - 1, limit: 1
        ).first, event.seq == telling.change,
        let instance = event.instance
      else { continue }
      items.append(
        Item(job: job, seq: event.seq, instance: instance, attempt: telling.attempt + 1))
    }
    return items
  }
}

extension Telling {
  static func ended(
    _ channel: String, _ change: Seq, _ attempt: Int64, error: String?, since: WallTime,
    now: WallTime
  ) -> Telling {
    var telling = Telling(
      channel: channel, change: change, attempt: attempt, outcome: .told, by: .thisProcess())
    guard let error else { return telling }
    telling.error = error
    let next = now + TellingQueue.pause(after: attempt)
    let isHopeless = next - since > TellingQueue.longestRetry
    telling.outcome = isHopeless ? .givenUp : .failed
    telling.until = isHopeless ? nil : next
    return telling
  }
}
