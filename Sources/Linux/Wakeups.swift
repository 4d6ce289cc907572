internal import CLinux
internal import Glibc

/// A counter that wakes a poll loop from another thread (eventfd(2)).
package struct EventCounter: ~Copyable, Sendable {
  private let descriptor: Descriptor
  package var fd: Int32 { descriptor.fd }

  package init() throws(SystemCallError) {
    let fd = clinux_eventfd()
    guard fd >= 0 else { throw SystemCallError("eventfd") }
    descriptor = Descriptor(owning: fd)
  }

  package func signal() { clinux_eventfd_signal(descriptor.fd) }

  package func clear() { clinux_eventfd_clear(descriptor.fd) }
}

/// Tells when a file is written (inotify(7), IN_MODIFY).
package final class FileWatch: Sendable {
  private let descriptor: Descriptor
  package var fd: Int32 { descriptor.fd }

  /// Fails with EMFILE when the user's inotify instances (128 by default) are used up.
  package init(_ path: String) throws(SystemCallError) {
    let fd = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard fd >= 0 else { throw SystemCallError("inotify_init1") }
    guard unsafe inotify_add_watch(fd, path, UInt32(IN_MODIFY)) >= 0 else {
      let error = SystemCallError("inotify_add_watch", path)
      _ = Glibc.close(fd)
      throw error
    }
    descriptor = Descriptor(owning: fd)
  }

  /// Forgets the notifications that have arrived.
  package func clear() {
    unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      while case .bytes = unsafe RawIO.read(descriptor.fd, into: buffer) {}
    }
  }
}
