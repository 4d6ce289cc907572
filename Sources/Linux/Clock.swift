internal import Glibc

/// The two clocks of an event, and those of deadlines.
package enum Clock {
  /// Microseconds since 1970, UTC (CLOCK_REALTIME): steps when somebody sets the clock.
  package static func wallMicroseconds() -> Int64 { read(CLOCK_REALTIME) }

  /// Microseconds since boot, sleep included (CLOCK_BOOTTIME): durations come from it.
  package static func bootMicroseconds() -> Int64 { read(CLOCK_BOOTTIME) }

  /// Microseconds for deadlines within this process (CLOCK_MONOTONIC).
  package static func monotonicMicroseconds() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Microseconds of processor time that this thread has used (CLOCK_THREAD_CPUTIME_ID). A system call, unlike the
  /// others: 0.2 us.
  package static func threadMicroseconds() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}
