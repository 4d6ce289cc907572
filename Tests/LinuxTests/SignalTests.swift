import Glibc
import TestSupport
import Testing

@testable import Linux

@Suite struct SignalTests {
  @Test func `a queued signal comes with its sender`() throws {
    let delivered = Monitor<SignalQueue.Delivery??>(nil)
    // The signals are blocked on the thread that asks for them, so it is one of its own.
    let worker = try WorkerThread {
      guard let queue = try? SignalQueue([SIGUSR1]) else {
        return delivered.change { $0 = .some(nil) }
      }
      pthread_kill(pthread_self(), SIGUSR1)
      _ = Poll.wait(queue.fd, for: .readable, milliseconds: 60_000)
      let first = queue.next()
      delivered.change { $0 = .some(queue.next() == nil ? first : nil) }
    }
    let delivery = delivered.wait { $0 }
    worker.join()
    #expect(delivery?.signal == SIGUSR1)
    #expect(delivery?.senderPID == getpid())
    #expect(delivery?.senderUID == getuid())
  }

  @Test(arguments: [
    ("S", "0000000000000000", "0000000000000002", "0000000000000000", true),
    ("R", "0000000000000002", "0000000000000000", "fffffffffffffffd", true),
    ("S", "0000000000000001", "0000000000000004", "0000000000000000", false),
    ("S", "0000000000000000", "0000000000000002", "0000000000000002", false),
    ("T", "0000000000000000", "0000000000000002", "0000000000000000", false),
    ("t", "0000000000000002", "0000000000000000", "0000000000000000", false),
    ("Z", "0000000000000000", "0000000000000002", "0000000000000000", false),
    ("S", "", "none", "", false),
  ])
  func `who has been sent a signal takes it, unless it is stopped or blocks it`(
    state: String, own: String, shared: String, blocked: String, is expected: Bool
  ) {
    let status =
      "Name:\tmake\nState:\t\(state) (some)\nSigPnd:\t\(own)\nShdPnd:\t\(shared)\nSigBlk:\t\(blocked)\n"
    #expect(Signals.isBeingTaken(SIGINT, status: Array(status.utf8)) == expected)
  }

  @Test func `who is stopped, or gone, takes no signal`() throws {
    // Threads of a test block all signals, and what they start does, too.
    let script = """
      use POSIX; $SIG{WINCH} = sub {}; sigprocmask(SIG_SETMASK, POSIX::SigSet->new);
      $| = 1; print "ready\\n"; 1 while !defined(<STDIN>);
      """
    let child = try ChildProcess("perl", ["-e", script])
    try expect(child.readLine(), is: "ready")
    kill(child.pid, SIGSTOP)
    try eventually("it is stopped") {
      try Files.text("/proc/\(child.pid)/stat").contains(") T ")
    }
    kill(child.pid, SIGWINCH)
    #expect(!Signals.isBeingTaken(SIGWINCH, by: child.pid))
    kill(child.pid, SIGCONT)
    try eventually("it has taken it") { !Signals.isBeingTaken(SIGWINCH, by: child.pid) }
    try child.send("")
    #expect(!Signals.isBeingTaken(SIGWINCH, by: .max))
  }

  @Test func `a signal that the process was told to ignore comes as one`() throws {
    // Nothing else here sends it.
    Signals.ignore(SIGURG)
    defer { Signals.setDefault(SIGURG) }
    let delivered = Monitor<SignalQueue.Delivery??>(nil)
    let worker = try WorkerThread {
      let queue = try? SignalQueue([SIGURG])
      pthread_kill(pthread_self(), SIGURG)
      let delivery = queue?.next()
      delivered.change { $0 = .some(delivery) }
    }
    let delivery = delivered.wait { $0 }
    worker.join()
    #expect(delivery?.signal == SIGURG)
    #expect(delivery?.isIgnored == true)
  }

  @Test func `a set of signals has those that the C library keeps for itself`() {
    let set: SignalSet = [1, 32, 33, 64]
    #expect(set.bits == UInt64(1) | UInt64(3) << 31 | UInt64(1) << 63)
    #expect((1...Int32(64)).filter(set.contains) == [1, 32, 33, 64])
    #expect(set.subtracting([33, 1]) == [32, 64])
    #expect(SignalSet([0, 65, -1]) == [])
  }

  @Test(arguments: [(SIGTERM, "TERM"), (SIGKILL, "KILL"), (SIGSEGV, "SEGV"), (SIGIO, "IO")])
  func `signals have names without SIG and are found by them`(number: Int32, name: String) {
    #expect(Signals.name(number) == name)
    #expect(Signals.number(name) == number)
    #expect(Signals.number("SIG" + name) == number)
    #expect(Signals.number(name.lowercased()) == number)
  }

  @Test func `every signal has a name of its own`() {
    let names = (1...Int32(64)).map(Signals.name)
    #expect(Set(names).count == 64)
    #expect(Signals.name(37) == "RTMIN+3")
    #expect(Signals.number("NOSUCH") == nil)
  }
}
