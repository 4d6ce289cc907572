/// The time of an event by both of its clocks, in microseconds.
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
