internal import Glibc
internal import Linux

/// The terminal on stdin, while this process shares it with a job in the way a shell does (the C library's
/// manual, "Implementing a Job Control Shell").
package struct ForegroundTerminal: ~Copyable, Sendable {
  /// For ``Launch/terminal``.
  package let fd: Int32
  /// The modes it had when the job last got it.
  private var ownModes: termios
  /// The modes the job had left when it was stopped.
  private var jobModes: termios?

  /// Nil unless stdin is a terminal with this process in its foreground.
  package init?() {
    let fd = STDIN_FILENO
    guard let modes = JobControl.modes(fd), tcgetpgrp(fd) == getpgrp() else { return nil }
    self.fd = fd
    ownModes = modes
  }

  /// Puts the group of a stopped job into the foreground again, with the modes it had left; send it SIGCONT
  /// afterwards. False, and nothing is changed, when this process is not in the foreground itself (the
  /// shell's `bg`): the job then goes on in the background.
  package mutating func handOver(to group: Int32) -> Bool {
    guard tcgetpgrp(fd) == getpgrp() else { return false }
    if let modes = JobControl.modes(fd) { ownModes = modes }
    if let jobModes { JobControl.setModes(fd, jobModes) }
    jobModes = nil
    return JobControl.setForeground(fd, group)
  }

  /// Puts this process into the foreground again after the job was stopped or has ended. False, and nothing
  /// is changed, when somebody else has the foreground by now: a shell, or what it started since.
  ///
  /// `restoringModes`: true when the job was stopped or killed and may have left the terminal without echo.
  /// False when it exited, for then its modes are meant to stay: `stty` works so, in every shell.
  @discardableResult
  package mutating func takeBack(from group: Int32, restoringModes: Bool) -> Bool {
    guard tcgetpgrp(fd) == group || JobControl.isDeserted(fd) else { return false }
    jobModes = JobControl.modes(fd)
    guard JobControl.setForeground(fd, getpgrp()) else { return false }
    if restoringModes { JobControl.setModes(fd, ownModes) }
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
    return tcgetattr(fd, &modes) == 0 ? modes : nil
  }

  /// At once: to wait for output on its way (TCSADRAIN) would wait for whoever has pressed Ctrl-S.
  static func setModes(_ fd: Int32, _ modes: termios) {
    var modes = modes
    _ = withoutTTOU { tcsetattr(fd, TCSANOW, &modes) }
  }

  /// True when the foreground group has no process left.
  static func isDeserted(_ fd: Int32) -> Bool {
    let group = tcgetpgrp(fd)
    return group > 1 && kill(-group, 0) != 0 && errno == ESRCH
  }

  private static func withoutTTOU<Result>(_ body: () -> Result) -> Result {
    var blocked = sigset_t()
    var previous = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGTTOU)
    pthread_sigmask(SIG_BLOCK, &blocked, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    return body()
  }
}
