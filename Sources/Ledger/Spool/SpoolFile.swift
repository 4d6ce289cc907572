internal import CLinux
internal import Events
internal import Glibc
internal import Linux

/// One instance's spool in one place. Locked by its runner for its whole life, so that nobody else takes it in meanwhile; it
/// has no name until there is something in it, and is gone with its runner then.
final class SpoolFile {
  private let folder: Folder
  private let file: String
  var path: String { "\(folder.path)/\(file)" }
  private let descriptor: Descriptor
  private var name: Name
  private(set) var size: Int64 = 0
  private var contents = SpoolContents()
  /// Up to here the file's blocks are set aside.
  private var allocated: Int64 = 0

  private enum Name {
    case none
    /// For file systems without nameless files: one that nobody takes in.
    case hidden(String)
    case given
  }

  /// The disk space that is kept for what says how the instance went on and ended.
  private static let reserve: Int64 = 16 << 10

  /// Makes the file and sets its space aside, about 50 microseconds.
  init(_ instance: InstanceID, in folder: consuming Folder) throws(SystemCallError) {
    let file = SpoolFiles.name(of: instance)
    self.file = file
    if let nameless = try Self.nameless(in: folder) {
      descriptor = nameless
      name = .none
    } else {
      let hidden = ".\(instance)"
      descriptor = try folder.open(hidden, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
      name = .hidden(hidden)
    }
    self.folder = folder
    // A umask may have taken from us what we need.
    fchmod(descriptor.fd, 0o600)
    guard ByteLock.tryAcquire(descriptor.fd, byte: 0, .exclusive) else {
      throw SystemCallError("lock", path)
    }
    _ = reserve(upTo: Self.reserve)
  }

  /// Makes one; nil where the kernel or the file system cannot have one (overlayfs before Linux 6.1), or no /proc could name it.
  private static func nameless(in folder: borrowing Folder) throws(SystemCallError) -> Descriptor? {
    guard unsafe access("/proc/self/fd", X_OK) == 0 else { return nil }
    do throws(SystemCallError) { return try folder.openNameless() } catch {
      guard [Errno(EOPNOTSUPP), Errno(EISDIR), .noEntry].contains(error.errno) else { throw error }
      return nil
    }
  }

  deinit {
    if case .hidden(let name) = name { folder.remove(name) }
  }

  /// Appends one line: all of it or nothing.
  /// - Parameter usesReserve: also when only what was set aside is left.
  func append(_ line: String, usesReserve: Bool) throws(SystemCallError) {
    let end = size + Int64(line.utf8.count)
    if !usesReserve, end + Self.reserve > allocated, !reserve(upTo: end + Self.reserve) {
      throw SystemCallError("fallocate", path)
    }
    var line = line
    // What was written of a line that fails is written over by the next; without its line feed it is none.
    let failure = line.withUTF8 { unsafe write(UnsafeRawBufferPointer($0), at: size) }
    if let failure { throw failure }
    try giveName()
    size = end
    if usesReserve { _ = reserve(upTo: end + Self.reserve) }
  }

  /// - Returns: why not all of it could be written.
  private func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) -> SystemCallError? {
    var (rest, position) = unsafe (bytes, position)
    while unsafe !rest.isEmpty {
      let count = unsafe pwrite(descriptor.fd, rest.baseAddress, rest.count, off_t(position))
      if count > 0 {
        position += Int64(count)
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR {
        return SystemCallError("write", path)
      }
    }
    return nil
  }

  /// Somebody has removed its name, with the directory perhaps: it would be gone with its runner.
  var hasLostItsName: Bool {
    guard case .given = name else { return false }
    var info = stat()
    return unsafe fstat(descriptor.fd, &info) == 0 && info.st_nlink == 0
  }

  /// Takes the place of one that has lost its name: all that stands in it, and how far that was read.
  func replace(_ other: SpoolFile) throws(SystemCallError) {
    guard reserve(upTo: other.size + Self.reserve) else {
      throw SystemCallError("fallocate", path)
    }
    while size < other.size {
      let bytes = try RawIO.read(
        other.descriptor.fd, Int(min(other.size - size, 64 << 10)), at: size)
      guard !bytes.isEmpty else { throw SystemCallError("read", path, .inputOutput) }
      if let failure = unsafe bytes.withUnsafeBytes({ unsafe write($0, at: size) }) {
        throw failure
      }
      size += Int64(bytes.count)
    }
    contents = other.contents
    try giveName()
  }

  /// False when there is no room. Where the file system cannot set space aside, it is written as it comes.
  private func reserve(upTo end: Int64) -> Bool {
    if clinux_reserve_space(descriptor.fd, off_t(end)) == 0 {
      allocated = end
      return true
    }
    return errno == EOPNOTSUPP || errno == ENOSYS
  }

  /// From now on it is taken in when its runner has gone.
  private func giveName() throws(SystemCallError) {
    switch name {
    case .given: return
    case .hidden(let hidden): try folder.rename(hidden, to: file)
    case .none: try folder.give(file, to: descriptor.fd)
    }
    name = .given
  }

  /// Puts what was appended on disk, its name too.
  func sync() throws(SystemCallError) {
    guard fdatasync(descriptor.fd) == 0 else { throw SystemCallError("fdatasync", path) }
    try folder.sync()
  }

  /// The next of what was appended, for one turn of the queue; none when all was read.
  func nextBatch() throws(SystemCallError) -> [NewEvent] {
    while true {
      let batch = contents.whole(try contents.nextBatch(descriptor.fd, upTo: size))
      if !batch.isEmpty || contents.isAtEnd { return batch }
    }
  }

  /// Once all of it is in the ledger.
  func remove() {
    if case .given = name { folder.remove(file) }
  }
}
