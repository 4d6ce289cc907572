internal import Events
internal import Ledger

/// Output that was passed on and is not in the ledger: counted until an event says so there.
struct UnrecordedOutput {
  /// All of the run's.
  private(set) var totalBytes: Int64 = 0
  /// Since the last event that says so.
  private var bytes: Int64 = 0
  private var reason = ""
  private var event: NewEvent?

  mutating func drop(_ more: Int64, _ reason: String) {
    totalBytes += more
    bytes += more
    self.reason = reason
    event = nil
  }

  /// The event that says so; nil when there is nothing to say. The same as long as nothing more is dropped: an append that
  /// may have worked is repeated with it.
  mutating func gap(of stream: InstanceStream, at time: EventTime) -> NewEvent? {
    guard bytes > 0 else { return nil }
    let gap =
      event
      ?? stream.event(
        .outputGap, OutputGap(bytes: bytes, reason: reason).json, at: time.at, mono: time.mono)
    event = gap
    return gap
  }

  /// The event that was made last, if it counts all that was dropped.
  var lastGap: NewEvent? { event }

  /// The event is in the ledger, or kept.
  mutating func noteTold() {
    bytes = 0
    event = nil
  }
}
