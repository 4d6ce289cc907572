internal import Glibc
internal import Linux
internal import Settings

/// A log file that others write, move and remove as well: opened at the first line, and again when the path names
/// another file than before (logrotate), like Python's WatchedFileHandler. Each line is one write(2) at the end.
final class LogFile {
  private let path: String?
  private let makesDirectory: Bool
  private var file: Descriptor?
  private var identity: (device: dev_t, inode: ino_t)?

  /// - Parameter path: nil when none is known, which is a trouble like others.
  init(_ path: String?, makesDirectory: Bool) {
    self.path = path
    self.makesDirectory = makesDirectory
  }

  /// Writes a line. Returns what went wrong, if something did.
  func write(_ line: String) -> String? {
    guard let path else {
      return "there is no log: no home directory; say where with log.file.path"
    }
    guard UserEnvironment.isUsable(path: path) else {
      return problem("opened", "the name is not UTF-8")
    }
    do throws(Folder.Refusal) {
      try reopenIfMoved(path)
    } catch {
      switch error {
      case .failed(let error): return problem("opened", error.errno.message)
      case .distrusted(let distrust): return problem("trusted", distrust.description)
      }
    }
    guard let fd = file?.fd else { return nil }
    var line = line
    let transfer = line.withUTF8 { RawIO.write(fd, UnsafeRawBufferPointer($0)) }
    switch transfer {
    case .bytes(line.utf8.count): return nil
    case .bytes: return problem("written", Errno.noSpace.message)
    case .failed(let errno): return problem("written", errno.message)
    case .wouldBlock, .end: return problem("written", "nobody reads it")
    }
  }

  private func problem(_ what: String, _ reason: String) -> String {
    "the log \(EscapedText.of(path ?? "")) cannot be \(what): \(reason)"
  }

  private func reopenIfMoved(_ path: String) throws(Folder.Refusal) {
    var info = stat()
    if let identity, stat(path, &info) == 0, info.st_dev == identity.device,
      info.st_ino == identity.inode
    {
      return
    }
    file = nil
    identity = nil
    // Whoever could put a link there would have any file of this user's written to.
    if let distrust = PathTrust.distrust(onTheWayTo: path, .groupsMayWrite) {
      throw .distrusted(distrust)
    }
    do throws(SystemCallError) {
      if makesDirectory { try WholeFile.makeDirectories(above: path) }
      // Not blocking: a pipe without a reader would stop the job.
      let opened = try Descriptor.open(
        path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, mode: 0o600)
      guard fstat(opened.fd, &info) == 0 else { throw SystemCallError("fstat", path) }
      identity = (info.st_dev, info.st_ino)
      file = consume opened
    } catch { throw .failed(error) }
  }
}
