package import Events

/// The times at which a connection that has broken is taken up again: 0.2 s later, then twice as long each time, at most 10 s.
package struct Reconnection: Equatable, Sendable {
  private static let first: Int64 = 200_000
  private static let longest: Int64 = 10_000_000

  private var delay = Self.first
  /// It has broken, and is not back yet.
  package private(set) var isBroken = false

  package init() {}

  package mutating func broke(at now: MonotonicTime) -> MonotonicTime {
    isBroken = true
    defer { delay = min(delay * 2, Self.longest) }
    return now + delay
  }

  /// Returns whether it had been broken.
  package mutating func isBack() -> Bool {
    defer { self = Reconnection() }
    return isBroken
  }
}
