internal import CLinux
internal import Glibc

/// flock(2): whole-file locks that belong to the open file description, granted by the kernel in the
/// order of asking.
package enum FileLock {
  package enum Outcome: Equatable, Sendable { case locked, timedOut, failed(Errno) }

  /// Takes the exclusive lock, waiting at most `milliseconds`; 0 only tries.
  ///
  /// flock has no deadline of its own. A timer that signals this thread alone interrupts it; it goes
  /// on firing every 20 ms, so that one that fires before the call blocks is not the last.
  package static func acquire(_ fd: Int32, milliseconds: Int) -> Outcome {
    while true {
      if flock(fd, LOCK_EX | LOCK_NB) == 0 { return .locked }
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { return .failed(.current) }
      break
    }
    guard milliseconds > 0 else { return .timedOut }
    let deadline = Clock.monotonicMicroseconds() + Int64(milliseconds) * 1000
    var interrupter = unsafe clinux_interrupter()
    guard unsafe clinux_interrupter_start(&interrupter, milliseconds, 20) == 0 else {
      // No timer to be had (RLIMIT_SIGPENDING).
      return acquireByAsking(fd, until: deadline)
    }
    defer { unsafe clinux_interrupter_stop(&interrupter) }

    while true {
      if flock(fd, LOCK_EX) == 0 { return .locked }
      guard errno == EINTR else { return .failed(.current) }
      if Clock.monotonicMicroseconds() >= deadline { return .timedOut }
    }
  }

  /// Not in the order of asking.
  private static func acquireByAsking(_ fd: Int32, until deadline: Int64) -> Outcome {
    while Clock.monotonicMicroseconds() < deadline {
      if flock(fd, LOCK_EX | LOCK_NB) == 0 { return .locked }
      guard errno == EWOULDBLOCK || errno == EINTR else { return .failed(.current) }
      _ = Poll.wait(-1, for: .readable, milliseconds: 20)
    }
    return .timedOut
  }

  package static func release(_ fd: Int32) { _ = flock(fd, LOCK_UN) }
}

/// Open-file-description locks on single bytes (fcntl(2), F_OFD_SETLK): dropped by the kernel with the
/// last descriptor of the description, that is with the process.
package enum ByteLock {
  package enum Kind: Sendable { case shared, exclusive }

  /// Takes the lock if nobody holds one that conflicts; never waits.
  package static func tryAcquire(_ fd: Int32, byte: Int, _ kind: Kind) -> Bool {
    clinux_ofd_lock(fd, byte, kind == .exclusive ? 1 : 0) == 0
  }

  package static func release(_ fd: Int32, byte: Int) { _ = clinux_ofd_unlock(fd, byte) }

  /// True when somebody else holds a lock on that byte that an exclusive one would conflict with.
  package static func isHeld(_ fd: Int32, byte: Int) -> Bool { clinux_ofd_is_held(fd, byte) != 0 }
}
