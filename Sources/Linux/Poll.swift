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
    let ready = poll(&entries, nfds_t(entries.count), milliseconds)
    guard ready >= 0 else {
      // EINTR: nothing is ready, and the caller looks again.
      for index in entries.indices { entries[index].revents = 0 }
      return
    }
  }

  /// True when `fd` is ready, has an error or was hung up, as of the last wait.
  package func isReady(_ fd: Int32) -> Bool {
    entries.contains { $0.fd == fd && $0.revents != 0 }
  }

  /// Waits for one descriptor; false after the time.
  package static func wait(_ fd: Int32, for interest: Interest, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: fd, events: interest.events, revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }
}
