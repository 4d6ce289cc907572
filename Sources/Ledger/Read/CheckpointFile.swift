package import Events
internal import Glibc
internal import Linux

/// A named listener's file, as anybody may ask about it: nothing of it is held.
package struct CheckpointFile: Equatable, Sendable {
  package let name: String
  package let start: ListenerCheckpoint.Start
  /// The time at which its position was saved last.
  package let savedAt: WallTime
  package let isListening: Bool
  /// The process that listens, where it is known.
  package let listener: Int32?

  /// Those of a ledger, by name.
  package static func all(of reader: LedgerReader) throws(LedgerError) -> [CheckpointFile] {
    var files: [CheckpointFile] = []
    let names = DirectoryListing.names(in: reader.directory.checkpoints)
    for name in names.sorted() where ListenerCheckpoint.isName(name) {
      if let file = try CheckpointFile(name, reader) { files.append(file) }
    }
    return files
  }

  /// Fails where nobody has listened under the name.
  private init?(_ name: String, _ reader: LedgerReader) throws(LedgerError) {
    let folder = reader.directory.checkpoints
    var info = stat()
    guard unsafe lstat("\(folder)/\(name)", &info) == 0 else { return nil }
    self.name = name
    start = try ListenerCheckpoint.start("\(folder)/\(name)", reader)
    savedAt = WallTime(
      microseconds: Int64(info.st_mtim.tv_sec) * 1_000_000 + Int64(info.st_mtim.tv_nsec) / 1000)
    (isListening, listener) = Self.listener("\(folder)/.\(name).lock")
  }

  private static func listener(_ path: String) -> (Bool, Int32?) {
    do throws(SystemCallError) {
      let lock = try Descriptor.openRegular(path, O_RDONLY)
      // A listener that begins just now waits for that.
      guard flock(lock.fd, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else {
        return (false, nil)
      }
      return (true, ListenerCheckpoint.holder(lock.fd))
    } catch { return (false, nil) }
  }

  /// Forgets how far a listener has come: the next one of that name begins at the ledger's beginning.
  /// - Returns: false where nobody has listened under the name.
  /// - Throws: `ListenerCheckpoint.Refusal` where somebody does, `LedgerError`.
  package static func remove(_ name: String, of directory: LedgerDirectory) throws -> Bool {
    let path = "\(directory.checkpoints)/\(name)"
    guard unsafe access(path, F_OK) == 0 else { return false }
    let lockPath = "\(directory.checkpoints)/.\(name).lock"
    // Held until both are gone: who waits for it takes the name anew when it saves.
    let lock = try ListenerCheckpoint.lock(lockPath, directory)
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw LedgerError(SystemCallError("unlink", path), directory.path)
    }
    unsafe unlink(lockPath)
    _ = consume lock
    return true
  }
}
