internal import Glibc

/// The descriptors that a loop waits for, each with a number of its owner's.
struct ReadyList {
  private var entries: [pollfd] = []
  private var owners: [Int] = []

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
  }

  mutating func add(_ fd: Int32, owner: Int) {
    entries.append(pollfd(fd: fd, events: Int16(POLLIN), revents: 0))
    owners.append(owner)
  }

  /// Returns the owners of those that are ready, have an error or were hung up; a negative time waits for ever.
  mutating func wait(milliseconds: Int32) -> [Int] {
    guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
    return zip(entries, owners).compactMap { $0.revents != 0 ? $1 : nil }
  }
}
