package import Events
internal import Glibc
package import Linux

/// The run file of a runner that lives, after somebody has tidied it away (`rm run/*`): it has no name any more, but its
/// runner still has it open and hears what rings there. /proc leads to it; the runner, rung, makes it anew.
extension RunFiles {
  /// Tells the runner to look at the ledger, by its file, or past the name that the file has lost.
  /// - Returns: what has kept it from being told; nil when it was, or there is no such runner any more.
  package static func ring(
    _ instance: InstanceID, reading reader: LedgerReader
  ) throws(LedgerError) -> String? {
    let path = reader.directory.runFile(instance)
    if unsafe access(path, F_OK) == 0 || errno != ENOENT {
      return ring(instance, in: reader.directory)?.description
    }
    // A runner removes its file behind its last event.
    guard try reader.lastEvent(of: instance).map({ !$0.kind.isTerminal }) ?? false,
      let runner = try Runner(of: instance, reader)
    else { return nil }
    switch runner.sight {
    case .gone: return nil
    case .unseen:
      return "\(path) was removed, and its runner is in a pid namespace that is not seen from here"
    case .seen(let pid):
      return ringNameless(instance, of: pid)
        ? nil : "\(path) was removed, and is not to be found in /proc/\(pid)/fd"
    }
  }

  /// - Returns: false when it has no such file, or this process may not see it.
  @discardableResult
  package static func ringNameless(_ instance: InstanceID, of runner: Int32) -> Bool {
    let folder = "/proc/\(runner)/fd"
    for name in DirectoryListing.names(in: folder) {
      let path = "\(folder)/\(name)"
      guard let target = Host.linkTarget(Array(path.utf8)), isRunFile(target, of: instance),
        let file = try? Descriptor.open(path, O_RDWR | O_NONBLOCK), isFIFO(file.fd),
        ByteLock.isHeld(file.fd, byte: 0)
      else { continue }
      var byte: UInt8 = 0
      // A full FIFO has rung already.
      return unsafe write(file.fd, &byte, 1) == 1 || errno == EAGAIN
    }
    return false
  }

  /// As /proc shows it (proc(5)): by the name that it was opened by, which it has only while it is made.
  private static func isRunFile(_ target: [UInt8], of instance: InstanceID) -> Bool {
    target.ends(with: "/.\(instance) (deleted)")
  }

  private static func isFIFO(_ fd: Int32) -> Bool {
    var info = stat()
    return unsafe fstat(fd, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
  }

  /// The process that owns an instance, as its first event names it.
  package struct Runner {
    private let created: Created

    /// Reads the first event; nil when that does not name it.
    package init?(of instance: InstanceID, _ reader: LedgerReader) throws(LedgerError) {
      guard let first = try reader.events(of: instance, limit: 1).first else { return nil }
      created = Created(first.json)
      guard created.runnerStarted != 0 else { return nil }
    }

    package var sight: PidNamespace.Sight {
      created.sight(ofPid: created.runnerPID, started: created.runnerStarted)
    }
  }

  /// Tells whether an instance without a terminal event has lost its runner: its lock is free, or it has no file and
  /// its runner is not there either, as far as that is seen.
  package static func isGone(
    _ instance: InstanceID, _ reader: LedgerReader
  ) throws(LedgerError) -> Bool {
    guard case .gone = life(of: instance, in: reader.directory) else { return false }
    guard unsafe access(reader.directory.runFile(instance), F_OK) != 0 else { return true }
    return try Runner(of: instance, reader).map { $0.sight == .gone } ?? true
  }

  // MARK: What nobody owns any more

  /// The age, in seconds, that a file without its name must have: its runner gives it that name at once, unless it is
  /// stopped.
  private static let unnamedAge = 3600

  /// Files whose lock is free: instances that are closed by whoever looks, or of which the ledger does not know, for
  /// their runners were killed before their first event. One that is just being made is locked before it gets its name.
  /// - Parameter live: instances that are looked at in any case.
  package static func abandoned(
    in directory: LedgerDirectory, except live: Set<InstanceID>
  ) -> [InstanceID] {
    DirectoryListing.names(in: directory.runDirectory).compactMap { name in
      if name.hasPrefix(".") {
        removeUnnamed(name, in: directory)
        return nil
      }
      guard let instance = InstanceID(name), !live.contains(instance),
        case .gone = life(of: instance, in: directory)
      else { return nil }
      return instance
    }
  }

  private static func removeUnnamed(_ name: String, in directory: LedgerDirectory) {
    let path = "\(directory.runDirectory)/\(name)"
    var info = stat()
    guard InstanceID(String(name.dropFirst())) != nil, unsafe lstat(path, &info) == 0,
      info.st_mode & S_IFMT == S_IFIFO, time(nil) - info.st_mtim.tv_sec > unnamedAge,
      let file = try? Descriptor.open(path, O_RDONLY | O_NONBLOCK),
      !ByteLock.isHeld(file.fd, byte: 0)
    else { return }
    unsafe unlink(path)
  }
}

extension RunFiles {
  /// Returns the directory where an open run file is now, whatever it was called when the file was made; nil when /proc
  /// does not say.
  package static func folder(of fd: Int32, _ instance: InstanceID) -> String? {
    let suffix = "/.\(instance) (deleted)"
    guard let target = Host.linkTarget(Array("/proc/self/fd/\(fd)".utf8)),
      target.ends(with: suffix)
    else { return nil }
    return String(decoding: target.dropLast(suffix.utf8.count), as: UTF8.self)
  }
}

extension [UInt8] {
  fileprivate func ends(with suffix: String) -> Bool {
    suffix.utf8.count <= count && self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
