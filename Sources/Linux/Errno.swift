internal import Glibc

/// An error number of the kernel, as in errno(3).
package struct Errno: Error, Hashable, Sendable {
  package let code: Int32
  package init(_ code: Int32) { self.code = code }

  /// The number left by the system call that just failed, on this thread.
  package static var current: Errno { Errno(errno) }

  /// The kernel's sentence for it, for instance "No space left on device".
  package var message: String { unsafe String(cString: strerror(code)) }
}

/// A system call that failed: which one, on what, and why.
package struct SystemCallError: Error, Sendable, CustomStringConvertible {
  package let call: String
  package let subject: String?
  package let errno: Errno

  package init(_ call: String, _ subject: String? = nil, _ errno: Errno = .current) {
    self.call = call
    self.subject = subject
    self.errno = errno
  }

  package var description: String {
    guard let subject else { return "\(call): \(errno.message)" }
    return "\(call) \(subject): \(errno.message)"
  }
}

extension Errno {
  package static let noSpace = Errno(ENOSPC)
  package static let quotaExceeded = Errno(EDQUOT)
  package static let fileTooLarge = Errno(EFBIG)
  package static let inputOutput = Errno(EIO)
  package static let noEntry = Errno(ENOENT)
  package static let notDirectory = Errno(ENOTDIR)
  package static let accessDenied = Errno(EACCES)
  package static let brokenPipe = Errno(EPIPE)
}
