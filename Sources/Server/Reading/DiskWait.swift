internal import Events
internal import Ledger
internal import Linux
internal import Operations

/// Only what is on disk is told: no power cut gives a position that somebody has seen to another event.
enum DiskWait {
  /// The time that a thread waits; then whoever asks comes again. Microseconds.
  private static let patience: Int64 = 100_000
  /// Until then others are answered.
  static let pause = Duration.milliseconds(20)

  /// Waits until the event is on disk.
  /// - Returns: false where it is to be asked again.
  static func isOver(_ event: Event, _ session: LedgerSession) -> Bool {
    let durable = DurableFollower(session.reader)
    let deadline = MonotonicTime.now + patience
    while !durable.isOnDisk(event) {
      guard MonotonicTime.now < deadline else { return false }
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
    return true
  }
}
