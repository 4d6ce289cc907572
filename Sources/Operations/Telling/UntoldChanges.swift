internal import Events
internal import Ledger

/// The changes that a channel could not tell so far, all of them together.
struct UntoldChanges {
  /// Ends that are looked at, at most, the newest.
  private static let most = 1000
  /// One try that fails is no trouble yet: the next is some seconds later.
  private static let leastAttempts: Int64 = 2

  let channel: String
  private(set) var count: Int64 = 0
  /// The time of the first of them.
  private(set) var since: WallTime
  /// The reason why the last one has.
  let error: String

  /// In the order of the channels' names.
  static func now(_ session: LedgerSession, now: WallTime) throws(LedgerError) -> [UntoldChanges] {
    var seen: Set<String> = []
    var channels: [String: UntoldChanges] = [:]
    for event in try session.reader.newestHostEvents(.tellingEnded, limit: most) {
      guard now - event.at < TellingQueue.longestRetry, let telling = Telling(event.json),
        // The newest of each change and channel comes first.
        seen.insert("\(telling.channel) \(telling.change)").inserted, telling.outcome != .told,
        telling.attempt >= leastAttempts
      else { continue }
      let change = try session.reader.events(after: telling.change - 1, limit: 1).first
      let since = change?.at ?? event.at
      var untold =
        channels[telling.channel]
        ?? UntoldChanges(
          channel: telling.channel, since: since, error: telling.error ?? "no answer")
      untold.count += 1
      untold.since = min(untold.since, since)
      channels[telling.channel] = untold
    }
    return channels.values.sorted { $0.channel < $1.channel }
  }
}
