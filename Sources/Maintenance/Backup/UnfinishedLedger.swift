internal import Glibc
internal import Ledger
internal import Linux

/// A ledger that is being made beside its place, in a directory with `.partial` behind that name. Whoever makes it holds
/// the lock of a mark in it, which the kernel drops with his process: one that was killed leaves a directory that the next
/// takes over.
struct UnfinishedLedger: ~Copyable {
  let directory: LedgerDirectory
  private let target: String
  private let mark: Descriptor

  private static let markName = ".unfinished"
  /// All that is ever made in it. Where there is anything else, somebody has used it.
  private static let names: Set<String> = [
    markName, "ledger.bell", "ledger.db", "ledger.db-journal", "ledger.db-shm", "ledger.db-wal",
    "ledger.lock", "ledger.reserve", "run",
  ]

  /// - Throws: `unsafe` when there is something at that name that nobody has left who was killed while he made a ledger.
  static func begin(beside target: String) throws(LedgerError) -> UnfinishedLedger {
    let directory = LedgerDirectory("\(target).partial")
    let isNew = mkdir(directory.path, 0o700) == 0
    guard isNew || errno == EEXIST else {
      throw LedgerError(SystemCallError("mkdir", directory.path), directory.path)
    }
    // A umask may have taken from us what we need.
    if isNew { chmod(directory.path, 0o700) }
    let mark = try openMark(directory, isNew: isNew)
    // Of two who find the same one, one has it; who has just made it may be the other.
    guard FileLock.acquire(mark.fd, milliseconds: 0) == .locked else {
      throw .unsafe(path: directory.path, .isBeingMade)
    }
    let ledger = UnfinishedLedger(directory: directory, target: target, mark: mark)
    guard !isNew else { return ledger }
    // Who had it may have given it its name in between: what is open is then the mark of none, or of another.
    guard ledger.hasItsMark, Set(DirectoryListing.names(in: directory.path)).isSubset(of: names)
    else { throw isThere(directory) }
    ledger.clear()
    return ledger
  }

  private init(directory: LedgerDirectory, target: String, mark: consuming Descriptor) {
    self.directory = directory
    self.target = target
    self.mark = mark
  }

  private var hasItsMark: Bool {
    FileIdentity(Self.mark(directory)) == FileIdentity(of: mark.fd)
  }

  private static func mark(_ directory: LedgerDirectory) -> String {
    "\(directory.path)/\(markName)"
  }

  private static func isThere(_ directory: LedgerDirectory) -> LedgerError {
    .unsafe(path: directory.path, .isThereOrUnfinished)
  }

  private static func openMark(
    _ directory: LedgerDirectory, isNew: Bool
  ) throws(LedgerError) -> Descriptor {
    let path = mark(directory)
    do throws(SystemCallError) {
      if !isNew {
        guard directory.isOurs else { throw SystemCallError("open", path) }
        // Who was killed before he had made his mark has left nothing.
        if !DirectoryListing.names(in: directory.path).isEmpty {
          return try Descriptor.openRegular(path, O_RDWR)
        }
      }
      return try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    } catch {
      guard isNew else { throw isThere(directory) }
      // Another was quicker.
      guard error.errno != Errno(EEXIST) else {
        throw .unsafe(path: directory.path, .isBeingMade)
      }
      rmdir(directory.path)
      throw LedgerError(error, directory.path)
    }
  }

  /// Gives the ledger its name, on disk when it returns. A directory that is empty gives way.
  func publish() throws(LedgerError) {
    do throws(SystemCallError) {
      guard rename(directory.path, target) == 0 else { throw SystemCallError("rename", target) }
      // Only then: one without a mark and without its name would be nobody's, and in everybody's way.
      unlink("\(target)/\(Self.markName)")
      let parent = target.split(separator: "/").dropLast().joined(separator: "/")
      try LedgerDirectory.sync((target.hasPrefix("/") ? "/" : "./") + parent)
    } catch { throw LedgerError(error, target) }
  }

  /// Removes it.
  func discard() {
    clear()
    unlink(Self.mark(directory))
    rmdir(directory.path)
  }

  private func clear() {
    for name in Self.names.subtracting([Self.markName]) {
      let path = "\(directory.path)/\(name)"
      // Nothing is removed through a link, and no directory in which there is something.
      if unlink(path) != 0 { rmdir(path) }
    }
  }
}
