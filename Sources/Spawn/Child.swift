internal import CLinux
internal import Glibc
package import Linux

/// A process that this one has started, leader of a process group of its own.
///
/// It stays a zombie until ``reap()`` or ``waitUntilEnd()``; dropping the value neither waits for the process nor ends
/// it.
package struct Child: ~Copyable, Sendable {
  /// The process id, and the id of its process group.
  package let pid: Int32
  /// Clock ticks since boot. Pid and start time together name the process for the whole life of the boot.
  /// Nil only where there is no /proc.
  package let startTime: Int64?
  /// The error that kept it from the niceness that was asked for: it has this process's.
  package let nicenessRefusal: Errno?
  private let carriedRSSBytes: Int64
  /// The end of the child, once that was returned.
  package private(set) var end: ChildEnd?
  private var isReaped = false

  /// For a child that was just started and that nobody has waited for: until then nobody else can have
  /// its pid, even when it has ended already.
  init(pid: Int32, nicenessRefusal: Errno?) {
    self.pid = pid
    self.nicenessRefusal = nicenessRefusal
    startTime = Host.startTime(of: pid, zombiesCount: true)
    carriedRSSBytes = ResourceUsage.carriedRSSBytes()
  }

  /// The next change that was not returned yet, nil when there is none now or the end has been returned.
  /// Never waits: SIGCHLD tells when to ask. One SIGCHLD may stand for many changes, so ask until nil.
  ///
  /// A child that has ended stays a zombie: as long as it is one, nobody else gets its pid, nor a process group of that
  /// number.
  package mutating func nextChange() -> ChildChange? {
    guard end == nil else { return nil }
    var usage = rusage()
    let change = unsafe clinux_child_change(pid, &usage)
    switch change.kind {
    case clinux_wait_none: return nil
    // ECHILD: the end is lost for ever, and with it the exit code.
    case clinux_wait_failed: preconditionFailure("only this value may wait for child \(pid)")
    default: break
    }
    let result = ChildChange(
      change, ResourceUsage(usage, carriedRSSBytes: carriedRSSBytes))
    if case .ended(let end) = result { self.end = end }
    return result
  }

  /// Gives the pid of a child that has ended back. Nothing is signalled after that.
  package mutating func reap() {
    guard end != nil, !isReaped else { return }
    _ = wait()
  }

  /// Waits for the end, however long that takes and however often the child is stopped meanwhile.
  package mutating func waitUntilEnd() -> ChildEnd {
    while true {
      if isReaped, let end { return end }
      _ = wait()
    }
  }

  /// Sends a signal to every process of the group; returns why none got it, or nil. That nobody is left
  /// is no error. Nobody else can be met: the child is not reaped yet, or nothing is done.
  @discardableResult
  package func signalGroup(_ signal: Int32) -> Errno? {
    guard !isReaped, kill(-pid, signal) != 0, errno != ESRCH else { return nil }
    return .current
  }

  /// Sends a signal to every process of the group, and to the child itself where it has left that; returns why the
  /// child has not got it, or nil. A child that has ended gets everything.
  package func deliver(_ signal: Int32) -> Errno? {
    guard !isReaped else { return nil }
    let refusal = kill(-pid, signal) == 0 ? nil : Errno.current
    guard end == nil else { return refusal?.code == ESRCH ? nil : refusal }
    // Not a second time where it is in the group: a handler may count.
    guard getpgid(pid) == pid else { return kill(pid, signal) == 0 ? nil : .current }
    if let refusal { return refusal }
    // Another process of the group may be what was signalled.
    return kill(pid, 0) == 0 ? nil : .current
  }

  private mutating func wait() -> Bool {
    var status: Int32 = 0
    var usage = rusage()
    guard unsafe wait4(pid, &status, 0, &usage) > 0 else {
      // ECHILD: the end is lost for ever, and with it the exit code.
      precondition(errno == EINTR, "only this value may wait for child \(pid)")
      return false
    }
    OwnChildren.remove(pid)
    isReaped = true
    let account = ResourceUsage(usage, carriedRSSBytes: carriedRSSBytes)
    if case .ended(let end) = ChildChange(clinux_wait_decode(status), account) { self.end = end }
    return true
  }
}
