import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct LaunchTests {
  @Test func `arguments arrive byte for byte`() throws {
    let odd: [[UInt8]] = [
      [], Array("two\nlines".utf8), [0xff, 0xfe, 0x41], Array(" blank ' \" $HOME * ".utf8), [],
    ]
    // The last command keeps the shell from becoming cat.
    let script = Array("cat /proc/$$/cmdline; :".utf8)
    let arguments = [Array("sh".utf8), Array("-c".utf8), script] + odd
    let result = try Running.run(bytes: arguments)
    #expect(result.stdout == Array(arguments.map { $0 + [0] }.joined()))
  }

  @Test func `many and long arguments arrive`() throws {
    let long = String(repeating: "x", count: 100_000)
    let short = [String](repeating: "y", count: 4999)
    let result = try Running.run(["sh", "-c", "echo $# ${#1}", "sh", long] + short)
    #expect(result.text == "5000 100000\n")
  }

  @Test func `the child leads a process group of its own`() throws {
    let output = try Capture()
    var launch = Running.launch(["cat", "/proc/self/stat"])
    launch.stdout = output.writer
    var child = try launch.start()
    let stat = output.readAllText().split(separator: " ")
    try expect(stat.at(0), is: "\(child.pid)")
    try expect(stat.at(4), is: "\(child.pid)")
    _ = child.waitUntilEnd()
  }

  @Test func `stdout and stderr go to two pipes`() throws {
    let (out, err) = (try Capture(), try Capture())
    var launch = Running.shell("echo out; echo err >&2")
    launch.stdout = out.writer
    launch.stderr = err.writer
    var child = try launch.start()
    #expect(out.readAllText() == "out\n")
    #expect(err.readAllText() == "err\n")
    _ = child.waitUntilEnd()
  }

  @Test func `an inherited descriptor reaches the child and one of ours does not`() throws {
    let ours = try Descriptor.open("/dev/null", O_RDONLY)
    let inherited = dup(ours.fd)
    defer { close(inherited) }
    let test = "[ -e /proc/$$/fd/$fd ] && echo $fd"
    let script = "for fd in \(inherited) \(ours.fd); do \(test); done; :"
    try expect(Running.run(["sh", "-c", script]).text, is: "\(inherited)\n")
  }

  @Test func `pid and start time name a child that has ended at once`() throws {
    var child = try Running.launch(["true"]).start()
    Running.awaitChange(child, WEXITED)
    #expect(child.startTime != nil)
    #expect(Host.startTime(of: child.pid, zombiesCount: true) == child.startTime)
    #expect(child.waitUntilEnd().outcome == .exited(code: 0))
  }

  @Test func `a child with a terminal of its own leads its session`() throws {
    let terminal = try PseudoTerminal()
    Terminal.setSize(terminal.master.fd, Terminal.Size(rows: 7, columns: 70))
    var launch = Running.shell("stty size; cat /proc/self/stat >&2; test -t 2")
    launch.ownTerminal = terminal.path
    var child = try launch.start()
    // The group is the child's, as of every other one.
    #expect(child.signalGroup(0) == nil)
    #expect(child.waitUntilEnd().exitCode == 0)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let transfer = bytes.withUnsafeMutableBytes { RawIO.read(terminal.master.fd, into: $0) }
    guard case .bytes(let count) = transfer else { throw SystemCallError("read") }
    let shown = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\r\n")
    #expect(shown.first == "7 70")
    // proc(5): fields 5, 6 and 8 are process group, session and the terminal's foreground group.
    let stat = try #require(shown.last).split(separator: " ")
    try expect(
      [stat.at(4), stat.at(5), stat.at(7)], is: Array(repeating: "\(child.pid)", count: 3))
  }

  @Test func `a terminal that is none does not keep the child from starting`() throws {
    let null = try Descriptor.open("/dev/null", O_RDWR)
    let result = try Running.run(["echo", "started"]) { $0.terminal = null.fd }
    #expect(result.text == "started\n")
  }
}

/// Each in a process of its own: they change what a whole process has one of.
@Suite struct ProcessWideLaunchTests {
  @Test func `descriptors 1 and 2 that are swapped arrive swapped`() async {
    await #expect(processExitsWith: .success) {
      let (first, second) = (try Capture(), try Capture())
      let standard = (dup(1), dup(2))
      dup2(first.writer, 1)
      dup2(second.writer, 2)
      var launch = Running.shell("echo out; echo err >&2")
      launch.stdout = 2
      launch.stderr = 1
      var child = try launch.start()
      dup2(standard.0, 1)
      dup2(standard.1, 2)
      _ = child.waitUntilEnd()
      #expect(first.readAllText() == "err\n")
      #expect(second.readAllText() == "out\n")
    }
  }

  @Test func `a close-on-exec descriptor that is the target already arrives`() async {
    await #expect(processExitsWith: .success) {
      let output = try Capture()
      let standard = dup(1)
      close(1)
      let file = try Descriptor.open("/proc/self/fd/\(output.writer)", O_WRONLY)
      let landed = file.fd
      var launch = Running.shell("echo out")
      launch.stdout = 1
      var child = try launch.start()
      let end = child.waitUntilEnd()
      dup2(standard, 1)
      #expect(landed == 1)
      #expect(output.readAllText() == "out\n")
      #expect(end.exitCode == 0)
    }
  }

  @Test func `both streams can go to what was stderr`() async {
    await #expect(processExitsWith: .success) {
      let output = try Capture()
      let standard = dup(2)
      dup2(output.writer, 2)
      var launch = Running.shell("echo out; echo err >&2")
      launch.stdout = 2
      var child = try launch.start()
      _ = child.waitUntilEnd()
      dup2(standard, 2)
      #expect(output.readAllText() == "out\nerr\n")
    }
  }

  @Test func `a closed stdin stays closed`() async {
    await #expect(processExitsWith: .success) {
      close(0)
      RawIO.reserveStandardDescriptors()
      let result = try Running.run(["sh", "-c", "[ -e /proc/$$/fd/0 ] || echo closed; :"])
      #expect(result.text == "closed\n")
    }
  }

  @Test func `signals blocked for taro are unblocked in the child and no others`() async {
    await #expect(processExitsWith: .success) {
      var other = sigset_t()
      sigemptyset(&other)
      sigaddset(&other, SIGUSR2)
      // The thread's whole mask: Swift's threads block signals of their own.
      pthread_sigmask(SIG_SETMASK, &other, nil)
      let queue = try SignalQueue(SignalSet(1...64))
      let status = try Running.run(["cat", "/proc/self/status"]) {
        $0.signalMask = .blockedByCaller
      }
      #expect(Running.signals("SigBlk", in: status.text) == Running.bit(SIGUSR2))
      // There until now.
      _ = queue.fd
    }
  }

  @Test func `what was ignored stays ignored, and what is ignored here alone does not`() async {
    await #expect(processExitsWith: .success) {
      // Past the functions that take note of it, as a caller's doing.
      signal(SIGHUP, SIG_IGN)
      signal(SIGUSR1, SIG_IGN)
      Signals.ignore(SIGPIPE)
      Signals.setDefault(SIGHUP)
      let status = try Running.run(["cat", "/proc/self/status"]) { $0.defaultSignals = [SIGUSR1] }
      let ignored = try #require(Running.signals("SigIgn", in: status.text))
      // This process may have been started with anything for 32 and 33.
      #expect(ignored & ~(Running.bit(32) | Running.bit(33)) == Running.bit(SIGHUP))
      #expect(Running.signals("SigCgt", in: status.text) == 0)
    }
  }

  @Test func `the exit code is known even when taro was started with SIGCHLD ignored`() async {
    await #expect(processExitsWith: .success) {
      Signals.ignore(SIGCHLD)
      let result = try Running.run(["sh", "-c", "cat /proc/self/status; exit 7"])
      #expect(result.end.outcome == .exited(code: 7))
      // Here alone, so not of the child.
      let ignored = try #require(Running.signals("SigIgn", in: result.text))
      #expect(ignored & Running.bit(SIGCHLD) == 0)
    }
  }
}
