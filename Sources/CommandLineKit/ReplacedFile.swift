internal import Glibc
internal import Linux
internal import Presentation

/// A file that a command is told to write an answer to, which others read: it is as it was, or it is whole. A symlink goes on to
/// lead to it, and whatever is no file (a device, a pipe, a directory) is not replaced by one.
package enum ReplacedFile {
  /// The reason that nothing was written, as a line for whoever named the file.
  package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    fileprivate init(_ path: String, _ reason: String) {
      description = "\(PrintableText.escaped(path)) cannot be written: \(reason)"
    }
  }

  /// Writes beside it, and gives that its name. No directory is made: one that is not there was mistyped, or is not mounted.
  package static func write(_ text: String, to path: String) throws(Refusal) {
    let place = try place(of: path)
    let temporary = "\(place).\(getpid()).new"
    do throws(SystemCallError) {
      let file = try Descriptor.open(
        temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: 0o600)
      defer { unsafe unlink(temporary) }
      try RawIO.writeAll(file.fd, text)
      guard fchmod(file.fd, 0o644) == 0 else { throw SystemCallError("fchmod", temporary) }
      guard fsync(file.fd) == 0 else { throw SystemCallError("fsync", temporary) }
      guard unsafe rename(temporary, place) == 0 else { throw SystemCallError("rename", place) }
    } catch {
      let isAway = error.errno == .noEntry
      throw Refusal(path, isAway ? "its directory is not there" : error.errno.message)
    }
  }

  /// Returns the path that is to get a new file.
  package static func place(of path: String) throws(Refusal) -> String {
    var entry = stat()
    guard unsafe lstat(path, &entry) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw Refusal(path, SystemCallError("lstat", path).errno.message)
      }
      guard !path.isEmpty, !path.hasSuffix("/") else { throw Refusal(path, "it names no file") }
      return path
    }
    guard entry.st_mode & S_IFMT == S_IFLNK else {
      try refuse(entry, path)
      return path
    }
    guard let target = unsafe realpath(path, nil) else {
      throw Refusal(path, "it is a symlink that leads to no file")
    }
    defer { unsafe free(target) }
    let place = unsafe String(cString: target)
    guard unsafe stat(place, &entry) == 0 else {
      throw Refusal(path, SystemCallError("stat", place).errno.message)
    }
    try refuse(entry, path)
    return place
  }

  private static func refuse(_ entry: stat, _ path: String) throws(Refusal) {
    let what: String
    switch entry.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: what = "a directory"
    case S_IFCHR, S_IFBLK: what = "a device"
    case S_IFIFO: what = "a pipe"
    case S_IFSOCK: what = "a socket"
    default: what = "no file"
    }
    throw Refusal(path, "it is \(what), and would be replaced by a file; name a file")
  }
}
