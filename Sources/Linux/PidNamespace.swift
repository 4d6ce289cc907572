internal import Glibc
internal import Synchronization

/// Pids mean something in one pid namespace alone (pid_namespaces(7)): a host and its containers, which may share a
/// ledger, call the same process by different ones.
package enum PidNamespace {
  /// The view from here of a process that somebody has noted, by its pid in a namespace and its start time.
  package enum Sight: Equatable, Sendable {
    /// It is there, under this pid here.
    case seen(Int32)
    case gone
    /// It may be there: its namespace is another one, of which not all is seen.
    case unseen

    package var pid: Int32? {
      if case .seen(let pid) = self { pid } else { nil }
    }
  }

  /// The inode of this process's own; nil where it cannot be known, for there is no /proc, or that of another namespace.
  package static func own() -> Int64? { known }

  private static let known: Int64? = ownStatus()?.namespace

  /// This process as others can find it again: when it was started, and in which namespace its pid counts. Nil where /proc
  /// is missing, or shows the processes of another namespace.
  package static func ownStatus() -> (startTime: Int64, namespace: Int64?)? {
    guard let (pid, startTime) = Host.status("/proc/self/stat"), pid == getpid() else {
      return nil
    }
    return (startTime, inode(of: "self"))
  }

  /// The namespace that the kernel makes first (PROC_PID_INIT_INO), as whose root nothing is hidden.
  private static let first: Int64 = 0xEFFF_FFFC
  package static var seesAll: Bool { geteuid() == 0 && own() == first }

  /// - Parameters:
  ///   - process: as it is called in its namespace.
  ///   - namespace: nil where none was noted, as by 0.1.0: it is taken for this one.
  package static func sight(of process: Processes.Identity, in namespace: Int64?) -> Sight {
    guard let namespace, namespace != own() else {
      return Host.startTime(of: process.pid) == process.startTime ? .seen(process.pid) : .gone
    }
    // A /proc of another namespace would tell of other processes.
    guard own() != nil else { return .unseen }
    let found = startedAt(process.startTime).first { pid in
      Host.startTime(of: pid) == process.startTime && inode(of: "\(pid)") == namespace
        && innermostPid(of: pid) == process.pid
    }
    return found.map { .seen($0) } ?? (seesAll ? .gone : .unseen)
  }

  /// The processes of one look at /proc by their start times.
  private struct Look {
    /// In clock ticks since boot: of what was started before, all is in it that has not ended.
    let time: Int64
    var pids: [Int64: [Int32]] = [:]

    init() {
      time = Clock.bootMicroseconds() / (1_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
      for pid in Processes.pids {
        if let startTime = Host.startTime(of: pid) { pids[startTime, default: []].append(pid) }
      }
    }
  }

  private static let lastLook = Mutex<Look?>(nil)

  /// May name some that have ended since. Looks again only for what was started after the last look: one suffices for
  /// many lost runs.
  private static func startedAt(_ startTime: Int64) -> [Int32] {
    lastLook.withLock { look in
      if let known = look, known.time > startTime { return known.pids[startTime] ?? [] }
      let fresh = Look()
      look = fresh
      return fresh.pids[startTime] ?? []
    }
  }

  /// Returns nil also where this user may not know.
  private static func inode(of pid: String) -> Int64? {
    var info = stat()
    guard unsafe stat("/proc/\(pid)/ns/pid", &info) == 0 else { return nil }
    return Int64(truncatingIfNeeded: info.st_ino)
  }

  /// Returns the pid of a process in its own namespace (proc(5), NSpid); nil when it is gone.
  package static func innermostPid(of pid: Int32) -> Int32? {
    guard let bytes = RawIO.contents(of: "/proc/\(pid)/status"),
      let line = bytes.split(separator: 10).first(where: { $0.starts(with: "NSpid:".utf8) }),
      let last = line.split(whereSeparator: { $0 == 9 || $0 == 32 }).last
    else { return nil }
    return Int32(String(decoding: last, as: UTF8.self))
  }
}
