import Glibc
import Linux
import Spawn
import Testing

/// Each in a process of its own, which becomes the leader of a session with a new terminal on stdin: what a
/// shell is when somebody logs in.
@Suite struct ForegroundTerminalTests {
  @Test func `without a terminal on stdin there is none to share`() async {
    await #expect(processExitsWith: .success) {
      let null = try Descriptor.open("/dev/null", O_RDWR)
      dup2(null.fd, 0)
      if ForegroundTerminal() != nil { Issue.record("a terminal was found") }
    }
  }

  @Test func `a job has the terminal before it executes and taro has it back afterwards`() async {
    await #expect(processExitsWith: .success) {
      let session = try Session()
      guard var terminal = ForegroundTerminal() else { fatalError("not in the foreground") }
      let output = try Capture()
      var launch = Running.launch(["cat", "/proc/self/stat"])
      launch.stdout = output.writer
      launch.terminal = terminal.fd
      var child = try launch.start()
      let stat = output.readAllText().split(separator: " ")
      // proc(5): field 5 is the process group, field 8 the terminal's foreground group.
      #expect(stat[4] == "\(child.pid)")
      #expect(stat[7] == "\(child.pid)")
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
      guard var terminal = ForegroundTerminal() else { fatalError("not in the foreground") }
      let output = try Capture()
      var launch = Running.shell("stty -echo; echo ready; read line; echo $line; stty -a")
      launch.stdout = output.writer
      launch.terminal = terminal.fd
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
      guard var terminal = ForegroundTerminal() else { fatalError("not in the foreground") }
      var launch = Running.shell("stty -echo; kill -KILL $$")
      launch.terminal = terminal.fd
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
      guard var terminal = ForegroundTerminal() else { fatalError("not in the foreground") }
      var job = try Running.launch(["sleep", "1000"]).start()
      var launch = Running.launch(["sleep", "1000"])
      launch.terminal = terminal.fd
      var other = try launch.start()
      let tookBack = terminal.takeBack(from: job.pid, restoringModes: true)
      #expect(!tookBack)
      let handedOver = terminal.handOver(to: job.pid)
      #expect(!handedOver)
      #expect(session.foregroundGroup == other.pid)
      job.signalGroup(SIGKILL)
      other.signalGroup(SIGKILL)
      _ = job.waitUntilEnd()
      _ = other.waitUntilEnd()
    }
  }
}

/// A new session for this process, with a pseudo-terminal (pty(7)) on stdin and its other side here.
private final class Session {
  private let terminal: PseudoTerminal

  init() throws {
    // A leader of a process group may not; a process started for one test is none.
    guard setsid() >= 0 else { throw SystemCallError("setsid") }
    terminal = try PseudoTerminal()
    // The first terminal that the leader of a session opens becomes the session's.
    let slave = try Descriptor.open(terminal.path, O_RDWR)
    guard dup2(slave.fd, 0) == 0 else { throw SystemCallError("dup2") }
  }

  /// The terminal's end sends SIGHUP to the leader of its session.
  deinit { Signals.ignore(SIGHUP) }

  var foregroundGroup: Int32 { tcgetpgrp(0) }

  var echoes: Bool {
    var modes = termios()
    return tcgetattr(0, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO) != 0
  }

  func type(_ keys: String) throws { try RawIO.writeAll(terminal.master.fd, keys) }
}
