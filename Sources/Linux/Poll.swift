internal import Glibc

/// poll(2) over a set that is rebuilt for each wait.
package struct Poll {
  package enum Interest: Sendable {
    case readable, writable
    /// Only that the other end has gone, which is told of a pipe's writing end too.
    case hangup

    var events: Int16 {
      switch self {
      case .readable: Int16(POLLIN)
      case .writable: Int16(POLLOUT)
      case .hangup: 0
      }
    }
  }

  private var entries: [pollfd] = []
  package init() {}

  package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  package mutating func add(_ fd: Int32, _ interest: Interest = .readable) {
    entries.append(pollfd(fd: fd, events: interest.events, revents: 0))
  }

  /// Waits until something is ready or the time is over; a negative time waits for ever.
  package mutating func wait(milliseconds: Int32) {
    let ready = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
    guard ready < 0 else { return }
    // EINTR: nothing is ready, and the caller looks again.
    let isLimited = errno == EINVAL
    for index in entries.indices { entries[index].revents = 0 }
    if isLimited { waitOneByOne(milliseconds: milliseconds) }
  }

  /// Somebody has lowered this process's limit of open files (RLIMIT_NOFILE) below their number, and poll(2) takes no
  /// more than that: looks at one after the other, every few milliseconds.
  private mutating func waitOneByOne(milliseconds: Int32) {
    var interval = timespec(tv_sec: 0, tv_nsec: 5_000_000)
    let deadline = Clock.monotonicMicroseconds() + Int64(milliseconds) * 1000
    repeat {
      var count: Int32 = 0
      for index in entries.indices { unsafe count += max(0, poll(&entries[index], 1, 0)) }
      if count > 0 { return }
      unsafe nanosleep(&interval, nil)
    } while milliseconds < 0 || Clock.monotonicMicroseconds() < deadline
  }

  /// True when `fd` is ready, has an error or was hung up, as of the last wait.
  package func isReady(_ fd: Int32) -> Bool {
    entries.contains { $0.fd == fd && $0.revents != 0 }
  }

  /// Waits for one descriptor; false after the time.
  package static func wait(_ fd: Int32, for interest: Interest, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: fd, events: interest.events, revents: 0)
    return unsafe poll(&entry, 1, milliseconds) > 0
  }
}
