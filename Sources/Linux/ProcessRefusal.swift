internal import CLinux
internal import Glibc

/// The reason why the kernel makes no process (fork(2)), and what to do about it.
package struct ProcessRefusal: Equatable, Sendable, CustomStringConvertible {
  package let errno: Errno
  /// The number of processes that this user may have, where it is limited.
  private let limit: UInt64?
  private let user: UInt32

  package init(_ errno: Errno) {
    self.errno = errno
    var own = rlimit()
    let isKnown = unsafe getrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &own) == 0
    limit = isKnown && own.rlim_cur != rlim_t.max ? UInt64(own.rlim_cur) : nil
    user = getuid()
  }

  package var description: String { "no process can be made for it: \(reason)" }

  private var reason: String {
    switch (errno.code, limit) {
    case (EAGAIN, let limit?):
      "user \(user) may have \(limit) (ulimit -u), and the cgroup may allow fewer (pids.max); end some, or raise that"
    case (EAGAIN, nil):
      "there are as many as are allowed (pids.max of the cgroup, kernel.pid_max); end some, or raise that"
    case (ENOMEM, _):
      "\(errno.message); end something, or allow more (ulimit -v, memory.max of the cgroup)"
    default: errno.message
    }
  }
}
