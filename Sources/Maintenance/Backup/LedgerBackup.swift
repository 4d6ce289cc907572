package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import SQLite

/// A copy of a ledger, made while jobs run: all of one moment, on disk, and found good before it has its name.
package struct LedgerBackup: Sendable {
  package let events: Int64
  /// The length of the file.
  package let bytes: Int64
  /// Output in it, uncompressed.
  package let outputBytes: Int64
  package let head: ChainPosition
  /// The ledger's own notes that say nothing, so that the copy may lack what nobody knows of.
  package private(set) var damagedNotes: DamagedNotes?

  /// Neither waits for the append queue nor holds it. While it copies, the WAL of the ledger can grow, for a checkpoint
  /// has to leave what is being read.
  /// - Parameters:
  ///   - target: a directory that is empty or not there yet. It appears when the copy is complete; until then it is made beside
  ///     (`UnfinishedLedger`).
  ///   - progress: called every 16 MiB, and again for what is verified.
  /// - Throws: `unsafe` when the target cannot be taken, `damaged` when the copy, and so the ledger, is not good.
  package static func run(
    _ directory: LedgerDirectory, into target: String,
    progress: (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> LedgerBackup {
    let reader = try LedgerReader(directory)
    if let missing = reader.missing {
      throw .damaged(path: directory.path, reason: missing.description)
    }
    try refuseTaken(target)
    let copy = try UnfinishedLedger.begin(beside: target)
    do throws(LedgerError) {
      try write(reader, to: copy.directory, progress)
      var backup = try verified(copy.directory, progress)
      backup.damagedNotes = reader.damagedNotes
      try sync(copy.directory)
      try copy.publish()
      return backup
    } catch {
      copy.discard()
      throw error
    }
  }

  private static func refuseTaken(_ target: String) throws(LedgerError) {
    var info = stat()
    guard lstat(target, &info) == 0 || errno != ENOENT else { return }
    guard info.st_mode & S_IFMT != S_IFDIR || !DirectoryListing.names(in: target).isEmpty else {
      return
    }
    throw .unsafe(path: target, .isNotEmpty)
  }

  private static func write(
    _ reader: LedgerReader, to copy: LedgerDirectory, _ progress: (LedgerProgress) -> Void
  ) throws(LedgerError) {
    do throws(SystemCallError) {
      let file = try Descriptor.open(copy.database, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
      fchmod(file.fd, 0o600)
      // Closed before SQLite opens it (fcntl(2)).
      _ = consume file
    } catch { throw LedgerError(error, copy.path) }
    do throws(SQLiteError) {
      let connection = try Connection(
        copy.database, .readWrite, busyMilliseconds: LedgerDirectory.busyMilliseconds)
      try reader.connection.copy(into: connection) { done, total in
        progress(LedgerProgress(done: Int64(done), total: 2 * Int64(total)))
      }
    } catch {
      throw error.kind == .damaged
        ? LedgerError(error, reader.directory.path) : LedgerError(error, copy.path)
    }
  }

  private static func verified(
    _ copy: LedgerDirectory, _ progress: (LedgerProgress) -> Void
  ) throws(LedgerError) -> LedgerBackup {
    let report = try LedgerVerification.run(copy) { step in
      progress(
        LedgerProgress(
          done: step.done + (step.total ?? step.done), total: step.total.map { 2 * $0 }))
    }
    guard report.isGood, let head = report.head else {
      let reason = report.problems.first.map(\.text) ?? "there is no event in it"
      throw .damaged(path: copy.path, reason: "the copy is not good: \(reason)")
    }
    // Whoever read it has made them; there is nothing in them.
    for name in ["\(copy.database)-wal", "\(copy.database)-shm"] { unlink(name) }
    var info = stat()
    guard stat(copy.database, &info) == 0 else {
      throw LedgerError(SystemCallError("stat", copy.database), copy.path)
    }
    return LedgerBackup(
      events: report.events, bytes: Int64(info.st_size), outputBytes: report.bytes, head: head)
  }

  /// Its name comes after it.
  private static func sync(_ copy: LedgerDirectory) throws(LedgerError) {
    do throws(SystemCallError) {
      let file = try Descriptor.open(copy.database, O_RDONLY)
      guard fsync(file.fd) == 0 else { throw SystemCallError("fsync", copy.database) }
      try LedgerDirectory.sync(copy.path)
    } catch { throw LedgerError(error, copy.path) }
  }
}
