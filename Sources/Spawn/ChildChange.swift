internal import CLinux
internal import Glibc

/// A change of a child's state.
package enum ChildChange: Equatable, Sendable {
  case ended(ChildEnd)
  case stopped(signal: Int32)
  case continued
}

/// The end of a child, and what it and those of its descendants that were waited for have used.
package struct ChildEnd: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    case exited(code: Int32)
    case killed(signal: Int32, coreDumped: Bool)
  }

  package let outcome: Outcome
  package let usage: ResourceUsage

  package init(outcome: Outcome, usage: ResourceUsage) {
    self.outcome = outcome
    self.usage = usage
  }

  /// The child's own code, or 128+N when signal N killed it, as shells have it.
  package var exitCode: Int32 {
    switch outcome {
    case .exited(let code): code
    case .killed(let signal, _): 128 + signal
    }
  }
}

/// getrusage(2)'s account of a process that has ended.
package struct ResourceUsage: Equatable, Sendable {
  package let userMicroseconds: Int64
  package let systemMicroseconds: Int64
  /// The largest resident set that one of the processes ever had; nil where it was not above this process's own, which
  /// execve(2) carries over into the account of the child (measured, not documented).
  package let maxRSSBytes: Int64?
  /// An upper bound of the memory, where the maximum itself is not known.
  package let maxRSSBelowBytes: Int64?
  /// Blocks of 512 bytes really read from and written to a device.
  package let blocksIn: Int64
  package let blocksOut: Int64

  package init(
    userMicroseconds: Int64, systemMicroseconds: Int64, maxRSSBytes: Int64?,
    maxRSSBelowBytes: Int64? = nil, blocksIn: Int64, blocksOut: Int64
  ) {
    self.userMicroseconds = userMicroseconds
    self.systemMicroseconds = systemMicroseconds
    self.maxRSSBytes = maxRSSBytes
    self.maxRSSBelowBytes = maxRSSBelowBytes
    self.blocksIn = blocksIn
    self.blocksOut = blocksOut
  }

  /// The error that the kernel's counts of pages, kept by processor, may have.
  private static let uncertainty: Int64 = 1 << 20

  /// The largest resident set of this process up to now, and of what it was before it executed this program. To be asked
  /// when the child executes: until then the two share their memory.
  static func carriedRSSBytes() -> Int64 {
    var own = rusage()
    unsafe getrusage(RUSAGE_SELF.rawValue, &own)
    return Int64(own.ru_maxrss) * 1024
  }

  init(_ usage: rusage, carriedRSSBytes: Int64) {
    let peak = Int64(usage.ru_maxrss) * 1024
    let isKnown = peak > carriedRSSBytes + Self.uncertainty
    self.init(
      userMicroseconds: Self.microseconds(usage.ru_utime),
      systemMicroseconds: Self.microseconds(usage.ru_stime),
      maxRSSBytes: isKnown ? peak : nil, maxRSSBelowBytes: isKnown ? nil : peak,
      blocksIn: Int64(usage.ru_inblock), blocksOut: Int64(usage.ru_oublock))
  }

  private static func microseconds(_ time: timeval) -> Int64 {
    Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec)
  }
}

extension ChildChange {
  /// Makes it from what wait(2) has reported.
  init(_ change: clinux_wait_result, _ usage: @autoclosure () -> ResourceUsage) {
    switch change.kind {
    case clinux_wait_stopped: self = .stopped(signal: change.value)
    case clinux_wait_continued: self = .continued
    case clinux_wait_signaled:
      let outcome = ChildEnd.Outcome.killed(
        signal: change.value, coreDumped: change.core_dumped != 0)
      self = .ended(ChildEnd(outcome: outcome, usage: usage()))
    default:
      let outcome = ChildEnd.Outcome.exited(code: change.value)
      self = .ended(ChildEnd(outcome: outcome, usage: usage()))
    }
  }
}
