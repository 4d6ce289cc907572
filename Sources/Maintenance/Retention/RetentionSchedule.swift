package import Events
package import Ledger

/// Says when retention is begun by itself.
package enum RetentionSchedule {
  /// True once in each interval (microseconds), for whoever asks first. False where there is no ledger.
  package static func isDue(
    _ directory: LedgerDirectory, every interval: Int64, now: WallTime
  ) -> Bool {
    QueueFile.beginRetention(directory, every: interval, now: now)
  }
}
