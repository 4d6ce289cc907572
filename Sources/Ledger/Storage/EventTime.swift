/// When something happened by both clocks of an event, in microseconds.
package struct EventTime: Equatable, Sendable {
  /// Since 1970.
  package var at: Int64
  /// Since boot.
  package var mono: Int64

  package init(at: Int64, mono: Int64) {
    self.at = at
    self.mono = mono
  }

  /// The later one by the clock that nobody sets.
  package func latest(_ other: EventTime) -> EventTime { other.mono > mono ? other : self }
}

extension NewEvent {
  /// The two clocks are read one after the other, and between two reads a thread may have to wait: the wall clock goes back
  /// by no more than this without having been set. Microseconds.
  private static let clockJitter: Int64 = 100_000

  /// The event, not dated before the one that stands before it in its instance: the order of events is the order of
  /// their times. What is recorded after another was about an earlier moment, or its clocks were read earlier, by a
  /// process that queued for longer. Both times move by the same, and the wall clock by what it lags behind besides.
  /// - Parameter bootNow: microseconds since boot. An event behind that is of another boot, whose times say nothing.
  func dated(after previous: EventTime, bootNow: () -> Int64) -> NewEvent {
    var event = self
    if mono < previous.mono {
      guard previous.mono <= bootNow() else { return self }
      event.mono = previous.mono
      event.at &+= previous.mono &- mono
    }
    let lag = previous.at &- event.at
    if lag > 0, lag <= Self.clockJitter { event.at = previous.at }
    return event
  }

  /// True when these are its times, or what `dated` may have made of them.
  func isDated(at: Int64, mono: Int64) -> Bool {
    guard mono >= self.mono else { return false }
    let lag = (at &- self.at) &- (mono &- self.mono)
    return lag >= 0 && lag <= Self.clockJitter
  }
}
