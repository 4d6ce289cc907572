internal import Linux

/// Processor time of one thread that may be spent: on a busy machine it lasts longer than a clock would say.
package struct TimeAllowance {
  private var end: Int64
  /// Nothing can have been used up before this, by the monotonic clock, which is cheap to ask.
  private var notBefore: Int64

  package init(microseconds: Int64) {
    end = Clock.threadMicroseconds() + microseconds
    notBefore = Clock.monotonicMicroseconds() + microseconds
  }

  /// True once it has been used up. About 30 ns.
  package mutating func isOver() -> Bool {
    let now = Clock.monotonicMicroseconds()
    guard now >= notBefore else { return false }
    let left = end - Clock.threadMicroseconds()
    notBefore = now + max(0, left)
    return left <= 0
  }

  /// The same, but at most so much from now on.
  func limited(toMicroseconds limit: Int64) -> TimeAllowance {
    var limited = TimeAllowance(microseconds: limit)
    limited.end = min(limited.end, end)
    limited.notBefore = min(limited.notBefore, notBefore)
    return limited
  }
}
