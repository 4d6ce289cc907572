internal import Glibc

/// A file that is being made and gets its name when it is whole: whoever is killed while he makes it leaves nothing, but where
/// the file system knows no file without a name; there a file with `.partial-` and his pid behind the name may be left.
package struct NewFile: ~Copyable {
  private let file: Descriptor
  private let folder: Folder
  private let name: String
  /// The name meanwhile, where the file system knows no file without one.
  private let partialName: String?
  package let path: String

  package var fd: Int32 { file.fd }

  private init(
    _ file: consuming Descriptor, in folder: consuming Folder, _ name: String, partial: String?,
    _ path: String
  ) {
    self.file = file
    self.folder = folder
    self.name = name
    partialName = partial
    self.path = path
  }

  /// - Throws: EEXIST where there is something at that name already, EISDIR where the path ends in a slash.
  package static func begin(_ path: String) throws(SystemCallError) -> NewFile {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = end.map { String(path[path.index(after: $0)...]) } ?? path
    guard !name.isEmpty else { throw SystemCallError("open", path, Errno(EISDIR)) }
    var info = stat()
    guard unsafe lstat(path, &info) != 0 else { throw SystemCallError("open", path, Errno(EEXIST)) }
    let folder = try open(directory)
    // By its descriptor alone it can be given a name only where there is a /proc.
    guard unsafe access("/proc/self/fd", X_OK) == 0 else { return try named(path, name, folder) }
    do throws(SystemCallError) {
      return NewFile(try folder.openNameless(), in: folder, name, partial: nil, path)
    } catch {
      guard [EOPNOTSUPP, EISDIR, EINVAL].contains(error.errno.code) else { throw error }
    }
    return try named(path, name, try open(directory))
  }

  /// For a file system that knows no file without a name.
  private static func named(
    _ path: String, _ name: String, _ folder: consuming Folder
  ) throws(SystemCallError) -> NewFile {
    let partial = "\(name).partial-\(getpid())"
    let file = try folder.open(partial, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    return NewFile(file, in: folder, name, partial: partial, path)
  }

  private static func open(_ directory: String) throws(SystemCallError) -> Folder {
    do throws(Folder.Refusal) {
      return try Folder(directory, .anybody, followsLink: true)
    } catch {
      guard case .failed(let error) = error else {
        throw SystemCallError("open", directory, .accessDenied)
      }
      throw error
    }
  }

  deinit {
    if let partialName { folder.remove(partialName) }
  }

  /// Writes all of it from that position on.
  package func write(
    _ bytes: UnsafeRawBufferPointer, at position: Int64
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try unsafe RawIO.writeAll(file.fd, bytes, at: position)
    } catch { throw SystemCallError(error.call, path, error.errno) }
  }

  /// Gives it its name, with its content on disk.
  /// - Throws: EEXIST where somebody has made something of that name meanwhile.
  package func publish() throws(SystemCallError) {
    guard fsync(file.fd) == 0 else { throw SystemCallError("fsync", path) }
    if let partialName {
      try folder.rename(partialName, toFree: name)
    } else {
      try folder.give(name, to: file.fd)
    }
    // Whoever may write in a directory and not read it cannot put its names on disk.
    guard let names = try? folder.open(".", O_RDONLY | O_DIRECTORY) else { return }
    guard fsync(names.fd) == 0 || errno == EINVAL else { throw SystemCallError("fsync", path) }
  }
}
