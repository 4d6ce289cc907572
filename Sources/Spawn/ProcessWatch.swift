internal import CLinux
internal import Glibc
package import Linux

/// Tells when a process ends that need not be a child of this one (pidfd_open(2)).
package struct ProcessWatch: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// For poll(2): readable once the process has ended, and from then on. There is nothing to read.
  package var fd: Int32 { descriptor.fd }

  /// Fails when the process has ended: there is none of that pid, only its zombie, or another one that was given the
  /// pid since.
  ///
  /// Throws when it may be there but cannot be watched: ENOSYS before Linux 5.3 or in a sandbox, EMFILE,
  /// ENOMEM.
  package init?(pid: Int32, startTime: Int64) throws(SystemCallError) {
    let fd = clinux_pidfd_open(pid)
    guard fd >= 0 else {
      // EINVAL and ENOENT: the number is a thread's by now, or was never a pid.
      let error = SystemCallError("pidfd_open", "\(pid)")
      guard [ESRCH, EINVAL, ENOENT].contains(error.errno.code) else { throw error }
      return nil
    }
    let descriptor = Descriptor(owning: fd)
    // In this order: the descriptor holds on to one process, so if the pid has the right start time now,
    // it had it then.
    guard Host.startTime(of: pid) == startTime else { return nil }
    self.descriptor = descriptor
  }

  package var hasEnded: Bool { Poll.wait(fd, for: .readable, milliseconds: 0) }
}
