/// The time of an event by both of its clocks.
package struct EventTime: Equatable, Sendable {
  package var at: WallTime
  package var mono: BootTime

  package init(at: WallTime, mono: BootTime) {
    self.at = at
    self.mono = mono
  }

  package static var now: Self { Self(at: .now, mono: .now) }

  /// The later one by the clock that nobody sets.
  package func latest(_ other: EventTime) -> EventTime { other.mono > mono ? other : self }
}
