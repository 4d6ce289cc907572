internal import Linux

/// A ledger whose directory has got another name while it is open, and where perhaps another stands now: what its runners
/// have to say belongs where they began. The lock file is open, and /proc knows its name.
extension LedgerDirectory {
  /// Finds where an open lock file is now. Fails when it was removed, or has got a name of its own.
  init?(ofQueue fd: Int32) {
    guard let target = Host.linkTarget(Array("/proc/self/fd/\(fd)".utf8)) else { return nil }
    let path = String(decoding: target, as: UTF8.self)
    guard Array(path.utf8) == target, path.hasSuffix(Self.queueSuffix) else { return nil }
    self.init(String(path.dropLast(Self.queueSuffix.count)))
  }

  private static let queueSuffix = "/ledger.lock"
}
