internal import Glibc
internal import Linux

/// When retention was last begun by itself: bytes 8 to 16 of ledger.lock, microseconds since 1970, in this host's order.
/// Beside the file's lock: of two who look at the same moment both may begin, and do no harm.
package enum RetentionSchedule {
  /// True once in each interval (microseconds), for whoever asks first. A time to come, from a clock that was wrong, counts
  /// for nothing. Three or four system calls; false where there is no ledger.
  package static func isDue(
    _ directory: LedgerDirectory, every interval: Int64, now: Int64
  ) -> Bool {
    guard let file = try? Descriptor.openRegular(directory.queue, O_RDWR) else { return false }
    var last: Int64 = 0
    _ = pread(file.fd, &last, 8, 8)
    guard last < 0 || last > now || now &- last >= interval else { return false }
    var begun = now
    return pwrite(file.fd, &begun, 8, 8) == 8
  }
}
