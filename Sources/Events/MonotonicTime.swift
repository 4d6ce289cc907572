internal import Linux

/// A time of the clock that counts no sleep of the host (CLOCK_MONOTONIC): deadlines within this process, and no
/// ledger has one.
///
/// Adding and subtracting stop at the ends of what there is: the numbers may come from a damaged ledger, and end no
/// program.
package struct MonotonicTime: Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// The time at which the clock began.
  package static var zero: Self { Self(microseconds: 0) }

  package static var now: Self { Self(microseconds: Clock.monotonicMicroseconds()) }

  /// The milliseconds that a poll has to wait until then: rounded up, for to wake a moment too early would spin.
  package var millisecondsLeft: Int32 {
    Int32(clamping: Saturated.sum(max(0, self - .now), 999) / 1000)
  }

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
