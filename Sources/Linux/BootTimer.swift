internal import CLinux

/// Wakes a poll at a time of CLOCK_BOOTTIME, which counts what a host has slept; poll(2) does not, and would sleep past
/// it. Wakes nobody before.
///
/// A descriptor (timerfd_create(2)) is made only for what is far: who sleeps for a second is at most a second late.
package struct BootTimer: ~Copyable {
  private static let near: Int64 = 1_000_000

  private var timer: Descriptor?
  private var armedFor: Int64?

  package init() {}

  /// Returns the milliseconds to give to ``Poll/wait(milliseconds:)``; adds what is to be waited for to `poll`.
  /// - Parameter deadline: microseconds since boot; nil: none.
  package mutating func arm(microseconds deadline: Int64?, in poll: inout Poll) -> Int32 {
    guard let deadline else { return -1 }
    let left = deadline - Clock.bootMicroseconds()
    // Rounded up: to wake a moment too early would spin.
    guard left > Self.near else { return Int32(clamping: max(0, left + 999) / 1000) }
    guard let fd = descriptor(), armedFor == deadline || clinux_boot_timer_set(fd, deadline) == 0
    else {
      // None is to be had: looks now and then.
      return Int32(clamping: min(left / 1000, 10_000))
    }
    armedFor = deadline
    poll.add(fd)
    return -1
  }

  private mutating func descriptor() -> Int32? {
    if let fd = timer?.fd { return fd }
    let fd = clinux_boot_timer()
    guard fd >= 0 else { return nil }
    timer = .some(Descriptor(owning: fd))
    return fd
  }
}
