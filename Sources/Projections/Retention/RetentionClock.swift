package import Events
package import Ledger

/// Tells retention which time it is: a clock that somebody has set, or that came up wrong, must not make everything
/// old.
package enum RetentionClock {
  /// The most by which the clock may differ from what it was within a boot; microseconds.
  static let tolerance: Int64 = 3_600_000_000

  /// The wall clock, or, where it has jumped since that event of this boot, what it would show without the jump, if
  /// that is less.
  /// - Parameter event: when one event of this boot happened, by both clocks; nil when there is none.
  package static func now(
    wall: WallTime, boot: BootTime, event: EventTime?
  ) -> WallTime {
    guard let event else { return wall }
    let expected = event.at + (boot - event.mono)
    return (wall - expected).magnitude > tolerance ? min(wall, expected) : wall
  }
}

extension ProjectionStore {
  /// By both clocks, when the first run of this boot was created that is still there. Runs of one boot stand together: it
  /// is found with a look at twenty of a million.
  package func firstRun(ofBoot bootID: String) throws(LedgerError) -> EventTime? {
    var (low, high) = (Seq.start, try reader.head().seq)
    var found: Seq?
    // The first run behind `low` that was created in this boot, if the one behind `middle` was.
    while low <= high {
      let middle = low + (high - low) / 2
      guard let record = try firstRecord(createdAfter: middle) else {
        high = middle - 1
        continue
      }
      if record.created.bootID == bootID {
        found = record.createdSeq
        high = middle - 1
      } else {
        low = record.createdSeq
      }
    }
    guard let found, let event = try reader.events(after: found - 1, limit: 1).first else {
      return nil
    }
    return EventTime(at: event.at, mono: event.mono)
  }
}
