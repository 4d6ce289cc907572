internal import CLinux
internal import Glibc
internal import Linux

/// What a child can only inherit, and this process keeps as it is for itself. Nil: as here.
package struct Surroundings: Equatable, Sendable {
  /// The working directory, as bytes; a relative one is below this process's.
  package var directory: [UInt8]?
  /// The mode bits that files it creates do not get.
  package var umask: UInt32?
  /// -20 (first) to 19 (last).
  package var niceness: Int32?

  package init() {}

  var areInherited: Bool { directory == nil && umask == nil && niceness == nil }

  struct Started {
    let pid: Int32
    let nicenessRefusal: Errno?
  }

  /// Calls `spawn` on a short-lived thread that has these surroundings and hands them on to its child.
  ///
  /// A niceness that is refused does not keep the child from starting. In a sandbox that refuses unshare(2) the
  /// whole process has the directory and the umask until `spawn` returns.
  func start(_ spawn: @escaping @Sendable () throws(SpawnError) -> Int32) throws(SpawnError)
    -> Started
  {
    let outcome = Outcome()
    do throws(SystemCallError) {
      try WorkerThread { outcome.result = enter(spawn) }.join()
    } catch {
      throw .failed("a thread to start it from", error.errno)
    }
    return try outcome.result.get()
  }

  /// Sendable: the thread writes before it ends, in any case, and its creator reads when it has joined it.
  private final class Outcome: @unchecked Sendable {
    var result: Result<Started, SpawnError> = .failure(.notFound(""))
  }

  private func enter(_ spawn: () throws(SpawnError) -> Int32) -> Result<Started, SpawnError> {
    guard clinux_own_directory_and_umask() != 0 else { return prepared(spawn) }
    let before = ProcessState()
    defer { before.restore() }
    return prepared(spawn)
  }

  private func prepared(_ spawn: () throws(SpawnError) -> Int32) -> Result<Started, SpawnError> {
    if let umask { _ = Glibc.umask(umask) }
    if let directory, CommandLookup.withCString(directory, chdir) != 0 {
      return .failure(.directory(SpawnError.text(directory), .current))
    }
    var refusal: Errno?
    if let niceness, clinux_set_niceness(niceness) != 0 { refusal = .current }
    do throws(SpawnError) {
      return .success(Started(pid: try spawn(), nicenessRefusal: refusal))
    } catch { return .failure(error) }
  }
}

/// Directory and umask of the whole process.
private struct ProcessState: ~Copyable {
  private let directory: Descriptor?
  private let mask: mode_t

  init() {
    directory = try? Descriptor.open(".", O_RDONLY | O_DIRECTORY)
    mask = umask(0)
    umask(mask)
  }

  func restore() {
    umask(mask)
    switch directory {
    case .some(let directory): _ = fchdir(directory.fd)
    case .none: break
    }
  }
}
