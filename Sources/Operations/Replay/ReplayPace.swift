package import Events

/// Tells when the moments of a run come in its replay. Durations are microseconds.
package struct ReplayPace: Equatable, Sendable {
  /// So many times as fast as it was.
  package let speed: Double
  /// No pause is longer than this in the recorded time; nil for as long as it was.
  package let maximumIdle: Int64?
  /// The moment of the run that was last.
  private var last: WallTime
  private var due: Double = 0

  /// - Parameter start: of what is replayed, in the run's time.
  package init(speed: Double, maximumIdle: Int64?, start: WallTime) {
    (self.speed, self.maximumIdle, last) = (speed, maximumIdle, start)
  }

  /// Returns how long after its beginning the replay comes to that moment of the run. A clock that was set back meanwhile costs
  /// no time.
  package mutating func due(_ at: WallTime) -> Int64 {
    let pause = max(0, at - last)
    due += Double(maximumIdle.map { min($0, pause) } ?? pause) / speed
    last = max(last, at)
    return due < 9e18 ? Int64(due) : .max
  }
}
