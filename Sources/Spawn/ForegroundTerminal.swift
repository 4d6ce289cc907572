internal import Glibc
internal import Linux

/// The reader of a terminal, who gets its keys, as seen by a process that runs a job.
package enum TerminalHolder: Equatable, Sendable {
  /// The job, or what it has started.
  case job
  /// This process's group, to which the jobs of the others in it count: in a pipeline of several, all have it.
  case own
  case others
  /// The session has no terminal.
  case nobody
}

/// The terminal of this session, shared with a job in the way a shell does it (the C library's manual, "Implementing a
/// Job Control Shell"): whatever stdin, stdout and stderr are, a process can open it, so it is looked for when it is
/// needed.
package struct ForegroundTerminal: ~Copyable, Sendable {
  /// For ``Launch/terminal``: nil where the job gets the terminal only when it asks, by stopping for it (SIGTTIN,
  /// SIGTTOU). So in the background, without a terminal on stdin or stdout, and in a pipeline, of which others may
  /// want the terminal, a pager for instance.
  package let atStart: Int32?
  /// Stdin or stdout, if it is one of these.
  private let inherited: Int32?
  private var opened: Descriptor?
  /// The job was given it, and it was not taken back.
  private var isGiven = false { didSet { JobControl.writeFreely(isGiven) } }
  /// The job had it when it was stopped, or has stopped for it: it gets it when this process has it.
  package var isWanted = false
  /// The modes it had when the job last got it.
  private var ownModes: termios?
  /// The modes the job had left when it was stopped.
  private var jobModes: termios?

  private let isShared: Bool

  /// - Parameter isShared: false for a job that has a terminal of its own: then this one is nobody's.
  package init(isShared: Bool = true) {
    self.isShared = isShared
    guard isShared else {
      (atStart, inherited) = (nil, nil)
      return
    }
    let group = getpgrp()
    var foreground: pid_t = -1
    inherited = [STDIN_FILENO, STDOUT_FILENO].first {
      foreground = tcgetpgrp($0)
      return foreground >= 0
    }
    guard let inherited, foreground == group, !(0...2).contains(where: Self.leadsToOthers) else {
      atStart = nil
      return
    }
    atStart = inherited
    ownModes = JobControl.modes(inherited)
    isGiven = true
    JobControl.writeFreely(true)
  }

  private static func leadsToOthers(_ fd: Int32) -> Bool {
    var info = stat()
    guard unsafe fstat(fd, &info) == 0 else { return false }
    return [S_IFIFO, S_IFSOCK].contains(info.st_mode & S_IFMT)
  }

  private mutating func descriptor() -> Int32? {
    if let fd = inherited ?? opened?.fd { return fd }
    opened = try? Descriptor.open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK)
    return opened?.fd
  }

  /// Returns who has the terminal now, seen from the process group of a job.
  package mutating func holder(job group: Int32) -> TerminalHolder {
    guard isShared, let fd = descriptor() else { return .nobody }
    let foreground = tcgetpgrp(fd)
    // Hung up: as far as is known.
    guard foreground >= 0 else { return isGiven ? .job : .nobody }
    if foreground == getpgrp() || JobControl.isDeserted(fd) { return .own }
    return JobControl.holder(foreground, job: group)
  }

  /// The same for a job that a signal has stopped; to which only those of a terminal matter.
  package mutating func holder(of group: Int32, stoppedBy signal: Int32) -> TerminalHolder {
    switch signal {
    case SIGTSTP: return isGiven ? holder(job: group) : .nobody
    case SIGTTIN, SIGTTOU:
      isWanted = true
      return holder(job: group)
    default: return .nobody
    }
  }

  /// Tells whether a job that has ended had it to its end: its keys, and SIGHUP when it went away.
  package mutating func wasHeld(by group: Int32) -> Bool {
    guard isGiven, let fd = descriptor() else { return false }
    let foreground = tcgetpgrp(fd)
    return foreground == group || foreground < 0
  }

  /// Puts the group of a stopped job into the foreground, with the modes it had left; send it SIGCONT afterwards. False,
  /// and nothing is changed, when this process is not in the foreground itself (the shell's `bg`): the job then goes on
  /// in the background.
  package mutating func handOver(to group: Int32) -> Bool {
    guard holder(job: group) == .own, let fd = descriptor() else { return false }
    if let modes = JobControl.modes(fd) { ownModes = modes }
    if let jobModes { JobControl.setModes(fd, jobModes) }
    jobModes = nil
    isWanted = false
    isGiven = JobControl.setForeground(fd, group)
    return isGiven
  }

  /// Puts this process into the foreground again after the job was stopped or has ended. False, and nothing
  /// is changed, when the job was not there, or somebody else is by now: a shell, or what it started since.
  ///
  /// `restoringModes`: true when the job was stopped or killed and may have left the terminal without echo.
  /// False when it exited, for then its modes are meant to stay: `stty` works so, in every shell.
  @discardableResult
  package mutating func takeBack(from group: Int32, restoringModes: Bool) -> Bool {
    guard isGiven, let fd = descriptor(), tcgetpgrp(fd) == group || JobControl.isDeserted(fd) else {
      return false
    }
    jobModes = JobControl.modes(fd)
    guard JobControl.setForeground(fd, getpgrp()) else { return false }
    isGiven = false
    isWanted = true
    if restoringModes, let ownModes { JobControl.setModes(fd, ownModes) }
    return true
  }
}

/// The calls that change a terminal. From the background they stop the caller with SIGTTOU, unless it blocks
/// that (tcsetpgrp(3)).
enum JobControl {
  /// False when the terminal is gone or not this session's.
  static func setForeground(_ fd: Int32, _ group: Int32) -> Bool {
    withoutTTOU { tcsetpgrp(fd, group) } == 0
  }

  static func modes(_ fd: Int32) -> termios? {
    var modes = termios()
    return unsafe tcgetattr(fd, &modes) == 0 ? modes : nil
  }

  /// At once: to wait for output on its way (TCSADRAIN) would wait for whoever has pressed Ctrl-S.
  static func setModes(_ fd: Int32, _ modes: termios) {
    var modes = modes
    _ = withoutTTOU { unsafe tcsetattr(fd, TCSANOW, &modes) }
  }

  /// True when the foreground group has no process left.
  static func isDeserted(_ fd: Int32) -> Bool {
    let group = tcgetpgrp(fd)
    return group > 1 && kill(-group, 0) != 0 && errno == ESRCH
  }

  /// Tells whose a group in the foreground is, by what its leader descends from: a shell that is the job makes groups
  /// of its own, and so does every runner in this process's group.
  static func holder(_ foreground: Int32, job group: Int32) -> TerminalHolder {
    var process = foreground
    // A process that ends meanwhile leaves its children to another, which ends the way up at the latest.
    for _ in 0..<64 where process > 1 {
      let its = getpgid(process)
      if its == group { return .job }
      if its == getpgrp() { return .own }
      guard let parent = Host.parent(of: process) else { break }
      process = parent
    }
    return .others
  }

  /// Lets this process write though it is in the background, which it is only because its job has the terminal: it
  /// writes the job's output, and no `stty tostop` is about it. Blocks SIGTTOU on the calling thread; every other one
  /// does that from its start (``WorkerThread``).
  static func writeFreely(_ isFree: Bool) {
    guard !SignalSet.blockedByCaller.contains(SIGTTOU) else { return }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTTOU)
    unsafe pthread_sigmask(isFree ? SIG_BLOCK : SIG_UNBLOCK, &signals, nil)
  }

  private static func withoutTTOU<Result>(_ body: () -> Result) -> Result {
    var blocked = sigset_t()
    var previous = sigset_t()
    unsafe sigemptyset(&blocked)
    unsafe sigaddset(&blocked, SIGTTOU)
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &previous)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    return body()
  }
}
