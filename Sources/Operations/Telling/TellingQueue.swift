package import Events
package import Ledger
internal import Maintenance

/// The changes that are still to be told by one channel: what the ledger has of changes, without what it says was told.
///
/// A change is told at least once: whoever begins says so in the ledger, and nobody else begins before that is over; if he dies,
/// another one does after a while. Changes of one job are told in their order.
package struct TellingQueue {
  /// A change that is to be told now.
  package struct Item: Sendable {
    package let job: String
    package let seq: Seq
    package let change: JobChange
    package let attempt: Int64
  }

  private static let second: Int64 = 1_000_000
  /// Whoever tells has so long, until another one does; microseconds.
  package static let longestTelling = 120 * second
  /// A change that nobody has taken for so long is given up.
  package static let longestRetry = 3 * 86_400 * second
  /// A channel that has never told anything tells nothing that is older.
  package static let newChannel = 3600 * second
  /// Changes that are looked at, at most, the newest.
  private static let most = 2000
  /// The time for which others are waited for that hold the append queue.
  private static let queueMilliseconds = 2000

  private let session: LedgerSession
  private let channel: String
  private let selects: (String, JobChange) -> Bool

  /// - Parameter selects: whether a change of a job is one for this channel.
  package init(
    _ session: LedgerSession, channel: String, selects: @escaping (String, JobChange) -> Bool
  ) {
    self.session = session
    self.channel = channel
    self.selects = selects
  }

  /// The time until the next try after one that failed.
  package static func pause(after attempt: Int64) -> Int64 {
    let seconds: [Int64] = [10, 30, 60, 300, 900, 1800]
    guard attempt >= 1, attempt <= seconds.count else { return 3600 * second }
    return seconds[Int(attempt) - 1] * second
  }

  /// Takes the next change to be told, so that nobody else does; nil where there is none now. On disk when it returns.
  package func next(now: WallTime = .now) throws(LedgerError) -> Item? {
    // Who looks at a copy tells nobody.
    guard session.reader.missing == nil, !session.reader.isCopy else { return nil }
    // Somebody else may take one at the same moment.
    for _ in 0..<10 {
      let seen = try session.reader.head().seq
      guard let item = try candidate(now) else { return nil }
      let writer = try session.openWriterForAsking()
      let telling = Telling(
        channel: channel, change: item.seq, attempt: item.attempt,
        until: now + Self.longestTelling, by: .thisProcess())
      let isMine = try writer.turn(durable: true, queueMilliseconds: Self.queueMilliseconds) {
        turn throws(LedgerError) in
        let others = try writer.reader.hostEvents(Self.kinds, after: seen)
        guard !others.contains(where: { isSame(Telling($0.json), as: item) }) else { return false }
        try turn.append(.ofJob(item.job, .tellingBegun, telling.json, at: now))
        return true
      }
      if isMine { return item }
    }
    return nil
  }

  /// Records how it went. On disk when it returns.
  /// - Parameter error: the reason why nobody has taken it, which holds no secret; nil when somebody has.
  package func ended(
    _ item: Item, error: String?, now: WallTime = .now
  ) throws(LedgerError) {
    let telling = Telling.ended(
      channel, item.seq, item.attempt, error: error, since: item.change.noticed.at, now: now)
    try session.openWriterForAsking().turn(
      durable: true, queueMilliseconds: Self.queueMilliseconds
    ) { turn throws(LedgerError) in
      try turn.append(.ofJob(item.job, .tellingEnded, telling.json, at: now))
    }
  }

  // MARK: What is to be told

  private static let kinds: [EventKind] = [.tellingBegun, .tellingEnded]

  private func isSame(_ telling: Telling?, as item: Item) -> Bool {
    telling?.channel == channel && telling?.change == item.seq
  }

  private func candidate(_ now: WallTime) throws(LedgerError) -> Item? {
    // One that is told for the last time is so after that.
    let oldest = Self.longestRetry + Self.longestTelling
    let changes = try session.reader.newestHostEvents(.jobChanged, limit: Self.most)
      .filter { now - $0.at < oldest }.sorted { $0.seq < $1.seq }
    guard let first = changes.first else { return nil }
    var last: [Seq: Telling] = [:]
    for event in try session.reader.hostEvents(Self.kinds, after: first.seq) {
      guard let telling = Telling(event.json), telling.channel == channel else { continue }
      last[telling.change] = telling
    }
    var isNew: Bool?
    var waiting: Set<String> = []
    for event in changes {
      guard let job = event.job, let change = JobChange(event.json), selects(job, change) else {
        continue
      }
      let telling = last[event.seq]
      if telling?.outcome == .told || telling?.outcome == .givenUp { continue }
      // What comes later must not come first.
      if waiting.contains(job) { continue }
      if let until = telling?.until, until > now {
        waiting.insert(job)
        continue
      }
      if telling == nil, now - event.at > Self.newChannel {
        if isNew == nil { isNew = last.isEmpty ? try hasNeverTold() : false }
        if isNew == true { continue }
      }
      return Item(
        job: job, seq: event.seq, change: change, attempt: (telling?.attempt ?? 0) + 1)
    }
    return nil
  }

  private func hasNeverTold() throws(LedgerError) -> Bool {
    try !session.reader.newestHostEvents(.tellingBegun, limit: 10 * Self.most)
      .contains { Telling($0.json)?.channel == channel }
  }
}
