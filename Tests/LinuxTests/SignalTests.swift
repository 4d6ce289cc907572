import Glibc
import Linux
import TestSupport
import Testing

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

  @Test func `signals that the process was told to ignore stay ignored`() throws {
    // Nothing here sends it.
    Signals.ignore(SIGWINCH)
    defer { Signals.setDefault(SIGWINCH) }
    let lists = Monitor<(ignored: [Int32], queued: [Int32])?>(nil)
    let worker = try WorkerThread {
      guard let queue = try? SignalQueue([SIGWINCH, SIGUSR2]) else {
        return lists.change { $0 = ([], []) }
      }
      let result = (queue.ignored, queue.queued)
      lists.change { $0 = result }
    }
    let result = lists.wait { $0 }
    worker.join()
    #expect(result.ignored == [SIGWINCH])
    #expect(result.queued == [SIGUSR2])
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
