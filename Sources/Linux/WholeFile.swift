internal import Glibc

/// A file that appears with all its content, or not at all.
package enum WholeFile {
  /// Writes a file of mode 0600 beside `path` and gives it that name; missing directories are made with mode 0700.
  ///
  /// - Returns: false when `path` is there and may not be overwritten.
  package static func write(
    _ text: String, to path: String, overwrites: Bool
  ) throws(SystemCallError) -> Bool {
    try makeDirectories(above: path)
    let temporary = "\(path).\(getpid())"
    let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    defer { unsafe unlink(temporary) }
    try RawIO.writeAll(file.fd, text)
    guard fsync(file.fd) == 0 else { throw SystemCallError("fsync", temporary) }
    if overwrites {
      guard unsafe rename(temporary, path) == 0 else { throw SystemCallError("rename", path) }
    } else {
      // Unlike rename(2), link(2) replaces nothing.
      guard unsafe link(temporary, path) == 0 else {
        if errno == EEXIST { return false }
        throw SystemCallError("link", path)
      }
    }
    return true
  }

  /// Makes the directories that a file is to be in, with mode 0700 where they are missing.
  package static func makeDirectories(above path: String) throws(SystemCallError) {
    var prefix = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/").dropLast() {
      prefix += "/\(component)"
      guard unsafe mkdir(prefix, 0o700) == 0 || errno == EEXIST else {
        // A directory that is there may be in one that cannot be written.
        if unsafe access(prefix, F_OK) == 0 { continue }
        throw SystemCallError("mkdir", prefix)
      }
    }
  }
}
