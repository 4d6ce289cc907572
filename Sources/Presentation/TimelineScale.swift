package import Events

/// A span of time laid over places, columns or points of a picture.
package struct TimelineScale: Equatable, Sendable {
  package let time: Range<WallTime>
  package let places: Int

  package init(_ time: Range<WallTime>, places: Int) {
    self.time = time
    self.places = max(1, places)
  }

  /// The place of a time; of one outside, the nearest.
  package func place(_ at: WallTime) -> Int {
    let inside = min(max(at, time.lowerBound), time.upperBound)
    let share =
      Double(inside - time.lowerBound) / Double(max(1, time.upperBound - time.lowerBound))
    return min(Int(share * Double(places)), places - 1)
  }

  /// From the place of the first to that of the last moment; at least one.
  package func places(from: WallTime, to: WallTime) -> ClosedRange<Int> {
    let first = place(from)
    // The end does not belong to it.
    return first...max(first, place(max(from, to - 1)))
  }

  private static let minute: Int64 = 60_000_000
  private static let steps: [Int64] =
    [1, 5, 15, 30].map { $0 * 1_000_000 } + [1, 5, 10, 15, 30].map { $0 * minute }
    + [1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 2016, 4032, 8760, 17520, 43800, 87600].map {
      $0 * 60 * minute
    }

  /// Times for a ruler, the nearer the better, with so many places at least from one to the next, and what they are called.
  /// - Parameter offset: of local time from UTC, microseconds: the times are whole ones there.
  package func ticks(apart: Int, offset: Int64) -> [(at: WallTime, text: String)] {
    let length = time.upperBound - time.lowerBound
    let most = Int64(max(1, places / max(1, apart)))
    let step = Self.steps.first { length / $0 <= most } ?? max(1, length)
    let rest = (time.lowerBound + offset).microseconds % step
    var at = time.lowerBound - rest + (rest > 0 ? step : 0)
    var ticks: [(WallTime, String)] = []
    while at < time.upperBound, ticks.count < 1000 {
      ticks.append((at, Self.text(at, step)))
      at = at + step
    }
    return ticks
  }

  private static func text(_ at: WallTime, _ step: Int64) -> String {
    let text = TimeFormat.local(at)
    let (date, clock) = (text.prefix(10), text.dropFirst(11))
    if step < minute { return String(clock.prefix(8)) }
    if step < 24 * 60 * minute {
      return clock.hasPrefix("00:00") ? String(date.dropFirst(5)) : String(clock.prefix(5))
    }
    return step < 8760 * 60 * minute ? String(date.dropFirst(5)) : String(date)
  }
}
