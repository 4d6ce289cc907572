internal import Linux

/// A time by the clock on the wall: since 1970, UTC (CLOCK_REALTIME). It steps when somebody sets the clock.
///
/// Adding and subtracting stop at the ends of what there is: the numbers may come from a damaged ledger, and end no
/// program.
package struct WallTime: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// The beginning of 1970.
  package static var epoch: Self { Self(microseconds: 0) }

  package static var now: Self { Self(microseconds: Clock.wallMicroseconds()) }

  package static func < (earlier: Self, later: Self) -> Bool {
    earlier.microseconds < later.microseconds
  }

  /// The microseconds between both.
  package static func - (later: Self, earlier: Self) -> Int64 {
    Saturated.difference(later.microseconds, earlier.microseconds)
  }

  package static func + (time: Self, microseconds: Int64) -> Self {
    Self(microseconds: Saturated.sum(time.microseconds, microseconds))
  }

  package static func - (time: Self, microseconds: Int64) -> Self {
    Self(microseconds: Saturated.difference(time.microseconds, microseconds))
  }
}
