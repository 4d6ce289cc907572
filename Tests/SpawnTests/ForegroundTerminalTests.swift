import Glibc
import Linux
import Spawn
import TestSupport
import Testing

/// Each in a process of its own, which becomes the leader of a session with a new terminal: what a
/// shell is when somebody logs in.
@Suite struct ForegroundTerminalTests {
  @Test func `without a terminal on stdin and stdout a job has it when it asks`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      let null = try Descriptor.open("/dev/null", O_RDWR)
      for fd: Int32 in 0...2 { dup2(null.fd, fd) }
      var terminal = ForegroundTerminal()
      let atStart = terminal.atStart
      #expect(atStart == nil)
      var job = try Running.shell("read x </dev/tty; test got-$x = got-typed").start()
      Running.awaitChange(job, WSTOPPED)
      #expect(job.nextChange() == .stopped(signal: SIGTTIN))
      let asked = terminal.holder(of: job.pid, stoppedBy: SIGTTIN)
      #expect(asked == .own)
      let handedOver = terminal.handOver(to: job.pid)
      #expect(handedOver)
      let given = terminal.holder(job: job.pid)
      #expect(given == .job)
      #expect(session.foregroundGroup == job.pid)
      job.signalGroup(SIGCONT)
      try session.type("typed\n")
      #expect(job.waitUntilEnd().exitCode == 0)
      let wasHeld = terminal.wasHeld(by: job.pid)
      #expect(wasHeld)
      let tookBack = terminal.takeBack(from: job.pid, restoringModes: false)
      #expect(tookBack)
      #expect(session.foregroundGroup == getpgrp())
    }
  }

  @Test func `without a terminal there is none to share`() async {
    await #expect(processExitsWith: .success) {
      guard setsid() >= 0 else { throw SystemCallError("setsid") }
      var terminal = ForegroundTerminal()
      let atStart = terminal.atStart
      #expect(atStart == nil)
      let holder = terminal.holder(job: 1_000_000)
      #expect(holder == .nobody)
      let handedOver = terminal.handOver(to: 1_000_000)
      #expect(!handedOver)
    }
  }

  @Test func `in a pipeline a job has the terminal when it asks`() async {
    await #expect(processExitsWith: .success) {
      _ = try Session()
      let pipe = try Descriptor.pipe()
      dup2(pipe.write.fd, 1)
      let atStart = ForegroundTerminal().atStart
      dup2(0, 1)
      #expect(atStart == nil)
    }
  }

  @Test func `what the job of another runner in the group has counts as the group's own`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var terminal = ForegroundTerminal()
      let atStart = terminal.atStart
      #expect(atStart == 0)
      var job = try Running.launch(["sleep", "1000"]).start()
      var launch = Running.launch(["sleep", "1000"])
      launch.terminal = 0
      var other = try launch.start()
      #expect(session.foregroundGroup == other.pid)
      // Both are children of this group's.
      let holders = (terminal.holder(job: job.pid), terminal.holder(job: other.pid))
      #expect(holders == (.own, .job))
      for child in [job.pid, other.pid] { kill(-child, SIGKILL) }
      _ = job.waitUntilEnd()
      _ = other.waitUntilEnd()
    }
  }

  @Test func `a job has the terminal before it executes and taro has it back afterwards`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var terminal = ForegroundTerminal()
      let output = try Capture()
      var launch = Running.launch(["cat", "/proc/self/stat"])
      launch.stdout = output.writer
      launch.terminal = terminal.atStart
      var child = try launch.start()
      let stat = output.readAllText().split(separator: " ")
      // proc(5): field 5 is the process group, field 8 the terminal's foreground group.
      try expect(stat.at(4), is: "\(child.pid)")
      try expect(stat.at(7), is: "\(child.pid)")
      _ = child.waitUntilEnd()
      let tookBack = terminal.takeBack(from: child.pid, restoringModes: false)
      #expect(tookBack)
      #expect(session.foregroundGroup == getpgrp())
    }
  }

  @Test func `a command that cannot be executed leaves the terminal with taro`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      let files = try Files()
      for path in [
        "/tmp", try files.file("a", "#!/no/such/interpreter\n"), "/no/such/command",
      ] {
        var launch = Running.launch([path])
        launch.terminal = 0
        #expect(throws: SpawnError.self) { _ = try launch.start().pid }
        #expect(session.foregroundGroup == getpgrp())
      }
    }
  }

  @Test func `a key that interrupts reaches the job alone`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var launch = Running.launch(["cat"])
      launch.terminal = 0
      var child = try launch.start()
      try session.type("\u{3}")
      #expect(child.waitUntilEnd().outcome == .killed(signal: SIGINT, coreDumped: false))
    }
  }

  @Test func `a job that was stopped by a key goes on in the foreground with its modes`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var terminal = ForegroundTerminal()
      let output = try Capture()
      var launch = Running.shell("stty -echo; echo ready; read line; echo $line; stty -a")
      launch.stdout = output.writer
      launch.terminal = terminal.atStart
      var child = try launch.start()
      #expect(output.readLine() == "ready")
      #expect(!session.echoes)

      try session.type("\u{1a}")
      Running.awaitChange(child, WSTOPPED)
      #expect(child.nextChange() == .stopped(signal: SIGTSTP))
      let tookBack = terminal.takeBack(from: child.pid, restoringModes: true)
      #expect(tookBack)
      #expect(session.foregroundGroup == getpgrp())
      #expect(session.echoes)

      let handedOver = terminal.handOver(to: child.pid)
      #expect(handedOver)
      #expect(session.foregroundGroup == child.pid)
      #expect(!session.echoes)
      child.signalGroup(SIGCONT)
      try session.type("typed\n")
      #expect(output.readLine() == "typed")
      #expect(output.readAllText().contains(" -echo "))
      #expect(child.waitUntilEnd().exitCode == 0)
      // What a job that exits has set stays, as stty expects.
      terminal.takeBack(from: child.pid, restoringModes: false)
      #expect(!session.echoes)
    }
  }

  @Test func `a job that was killed does not leave its modes`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var terminal = ForegroundTerminal()
      var launch = Running.shell("stty -echo; kill -KILL $$")
      launch.terminal = terminal.atStart
      var child = try launch.start()
      _ = child.waitUntilEnd()
      #expect(!session.echoes)
      terminal.takeBack(from: child.pid, restoringModes: true)
      #expect(session.echoes)
    }
  }

  @Test func `a foreground that somebody else has by now is left alone`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      var terminal = ForegroundTerminal()
      var job = try Running.launch(["sleep", "1000"]).start()
      var launch = Running.launch(["sleep", "1000"])
      launch.terminal = terminal.atStart
      var other = try launch.start()
      let tookBack = terminal.takeBack(from: job.pid, restoringModes: true)
      #expect(!tookBack)
      #expect(session.foregroundGroup == other.pid)
      job.signalGroup(SIGKILL)
      other.signalGroup(SIGKILL)
      _ = job.waitUntilEnd()
      _ = other.waitUntilEnd()
    }
  }
}

/// A new session for this process, with a pseudo-terminal (pty(7)) and its other side here.
private final class Session {
  private let terminal: PseudoTerminal

  init() throws {
    // A leader of a process group may not; a process started for one test is none.
    guard setsid() >= 0 else { throw SystemCallError("setsid") }
    terminal = try PseudoTerminal()
    // The first terminal that the leader of a session opens becomes the session's.
    let slave = try Descriptor.open(terminal.path, O_RDWR)
    // Standard output of a test may be a pipe, and a pipeline is another matter.
    for fd: Int32 in 0...2 where dup2(slave.fd, fd) != fd { throw SystemCallError("dup2") }
  }

  /// The terminal's end sends SIGHUP to the leader of its session.
  deinit { Signals.ignore(SIGHUP) }

  var foregroundGroup: Int32 { tcgetpgrp(terminal.master.fd) }

  var echoes: Bool {
    var modes = termios()
    return tcgetattr(terminal.master.fd, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO) != 0
  }

  func type(_ keys: String) throws { try RawIO.writeAll(terminal.master.fd, keys) }
}
