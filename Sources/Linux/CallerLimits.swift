internal import CLinux
internal import Glibc

/// The limits (setrlimit(2)) that this process was started with are meant for the job. What taro does for itself, its
/// ledger above all, is not to meet them, and what a child is started with is what the caller has set.
package enum CallerLimits {
  /// Raises this process's own limits, as far as it may: without CAP_SYS_RESOURCE to the hard ones. Before there is a
  /// second thread, and once.
  package static func lift() { clinux_lift_limits(0) }

  /// The same of the size of files alone: for a command that keeps to what it is allowed otherwise, and whose ledger may
  /// be larger than what it may print into a file.
  package static func liftFileSize() { clinux_lift_limits(1) }

  /// The size that a regular file may reach through the job; nil where this process has the caller's limit still, and
  /// the kernel sees to it.
  package static var fileSize: Int64? {
    let size = clinux_callers_file_size()
    return size == .max ? nil : Int64(clamping: size)
  }

  /// A remark for a file of taro's that cannot be written: it has a limit all the same.
  package static var remark: String? {
    var own = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &own) == 0,
      own.rlim_cur != rlim_t.max
    else { return nil }
    return "files may have \(own.rlim_cur) bytes here (ulimit -f), the ledger's too"
  }

  /// Returns how many of so many bytes the kernel would take for a regular file if this process had the caller's limit
  /// (write(2), EFBIG); nil where it would take none. Others who write into it at the same time may get it above the
  /// limit by one write.
  package static func room(for count: Int, in fd: Int32, appends: Bool) -> Int? {
    guard let limit = fileSize, count > 0 else { return count }
    var info = stat()
    let end =
      unsafe appends ? (fstat(fd, &info) == 0 ? Int64(info.st_size) : nil) : OpenFile.position(fd)
    // It cannot be told, as of a descriptor that is closed: the kernel has its say.
    guard let end else { return count }
    return end >= limit ? nil : min(count, Int(clamping: limit - end))
  }

  /// Writes all of it, into a regular file as much as the caller's limit has room for.
  package static func writeAll(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer
  ) throws(SystemCallError) {
    guard fileSize != nil, let file = OpenFile(fd), file.kind == .regular else {
      return try unsafe RawIO.writeAll(fd, bytes)
    }
    let room = room(for: bytes.count, in: fd, appends: file.appends) ?? 0
    try unsafe RawIO.writeAll(fd, UnsafeRawBufferPointer(rebasing: bytes[..<room]))
    guard room == bytes.count else { throw SystemCallError("write", nil, Errno(EFBIG)) }
  }
}
