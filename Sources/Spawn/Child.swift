internal import Glibc
package import Linux

/// A process that this one has started, leader of a process group of its own.
///
/// It stays a zombie until its end was returned by ``nextChange()`` or ``waitUntilEnd()``; dropping the
/// value neither waits for the process nor ends it.
package struct Child: ~Copyable, Sendable {
  /// The process id, and the id of its process group.
  package let pid: Int32
  /// Clock ticks since boot. Pid and start time together name the process for the whole life of the boot.
  /// Nil only where there is no /proc.
  package let startTime: Int64?
  /// Why it did not get the niceness that was asked for: it has this process's.
  package let nicenessRefusal: Errno?
  private let carriedRSSBytes: Int64
  /// How it ended, once that was returned.
  package private(set) var end: ChildEnd?

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
  package mutating func nextChange() -> ChildChange? {
    guard end == nil else { return nil }
    return wait(WNOHANG | WUNTRACED | WCONTINUED)
  }

  /// Waits for the end, however long that takes and however often the child is stopped meanwhile.
  package mutating func waitUntilEnd() -> ChildEnd {
    while true {
      if let end { return end }
      _ = wait(0)
    }
  }

  /// Sends a signal to every process of the group; returns why none got it, or nil. That nobody is left
  /// is no error.
  ///
  /// The group's id cannot name anybody else's before the end was returned (the zombie keeps it), nor
  /// after that for as long as a descendant is left in the group. Once both are gone the id may be
  /// given to a new process, so after the end signal only when something shows that a descendant lives,
  /// such as an output pipe without end of file, and only soon.
  @discardableResult
  package func signalGroup(_ signal: Int32) -> Errno? {
    guard kill(-pid, signal) != 0, errno != ESRCH else { return nil }
    return .current
  }

  private mutating func wait(_ options: Int32) -> ChildChange? {
    var status: Int32 = 0
    var usage = rusage()
    let result = wait4(pid, &status, options, &usage)
    guard result != 0 else { return nil }
    guard result > 0 else {
      // ECHILD: the end is lost for ever, and with it the exit code.
      precondition(errno == EINTR, "only this value may wait for child \(pid)")
      return nil
    }
    let change = ChildChange(
      status: status, usage: ResourceUsage(usage, carriedRSSBytes: carriedRSSBytes))
    if case .ended(let end) = change { self.end = end }
    return change
  }
}
