import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct ChildTests {
  @Test(arguments: [0, 1, 42, 255] as [Int32])
  func `the exit code is the child's`(code: Int32) throws {
    let end = try Running.run(["sh", "-c", "exit \(code)"]).end
    #expect(end.outcome == .exited(code: code))
    #expect(end.exitCode == code)
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGHUP])
  func `a child killed by a signal is told from one that exits`(signal: Int32) throws {
    let end = try Running.run(["sh", "-c", "kill -\(signal) $$"]).end
    #expect(end.outcome == .killed(signal: signal, coreDumped: false))
    #expect(end.exitCode == 128 + signal)
  }

  @Test func `processor time is counted`() throws {
    let usage = try Running.run([
      "sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done",
    ]).end.usage
    #expect(usage.userMicroseconds >= 10_000)
    #expect(usage.userMicroseconds < 60_000_000)
    #expect(usage.systemMicroseconds >= 0)
  }

  @Test func `the largest resident set is counted in bytes, that of a grandchild too`() throws {
    let script = "dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; :"
    let usage = try Running.run(["sh", "-c", script]).end.usage
    // Whatever this process itself has had by now, and the kernel counts for what it starts.
    let known = usage.maxRSSBytes ?? 0
    let limit = try #require(usage.maxRSSBytes ?? usage.maxRSSBelowBytes)
    #expect(limit >= 64 << 20)
    #expect(known == 0 || usage.maxRSSBelowBytes == nil)
  }

  @Test func `this process's own largest resident set is not taken for a child's`() throws {
    let usage = try Running.run(["true"]).end.usage
    #expect(usage.maxRSSBytes == nil)
    try expect(#require(usage.maxRSSBelowBytes)) { $0 >= 1 << 20 }
  }

  @Test func `stops and continuations are seen in order and the end once`() throws {
    let output = try Capture()
    var launch = Running.shell("echo ready; kill -STOP $$; exit 5")
    launch.stdout = output.writer
    var child = try launch.start()
    #expect(output.readLine() == "ready")
    Running.awaitChange(child, WSTOPPED)
    #expect(child.nextChange() == .stopped(signal: SIGSTOP))
    #expect(child.nextChange() == nil)

    #expect(child.signalGroup(SIGCONT) == nil)
    Running.awaitChange(child, WCONTINUED | WEXITED)
    #expect(child.end == nil)
    // It may have ended by now, and then the continuation is no longer told.
    var changes: [ChildChange] = []
    while child.end == nil {
      Running.awaitChange(child, WCONTINUED | WEXITED)
      if let change = child.nextChange() { changes.append(change) }
    }
    guard case .ended(let end) = changes.last else {
      Issue.record("no end in \(changes)")
      return
    }
    #expect(end.outcome == .exited(code: 5))
    #expect(changes.dropLast().allSatisfy { $0 == .continued })
    #expect(child.nextChange() == nil)
    #expect(child.waitUntilEnd() == end)
  }

  @Test func `a continuation is seen while the child goes on`() throws {
    let output = try Capture()
    var child = try stoppedChild(stdout: output.writer)
    child.signalGroup(SIGCONT)
    Running.awaitChange(child, WCONTINUED)
    #expect(child.nextChange() == .continued)
    child.signalGroup(SIGTERM)
    #expect(child.waitUntilEnd().outcome == .killed(signal: SIGTERM, coreDumped: false))
    #expect(output.readAll().isEmpty)
  }

  /// A child that is stopped and, when continued, waits for ever.
  private func stoppedChild(stdout: Int32) throws -> Child {
    var launch = Running.shell("kill -STOP $$; exec sleep 1000")
    launch.stdout = stdout
    var child = try launch.start()
    Running.awaitChange(child, WSTOPPED)
    #expect(child.nextChange() == .stopped(signal: SIGSTOP))
    return child
  }

  /// Looking first and taking then took the stop for the continuation before it: one in some hundred.
  @Test func `a stop that follows a continuation at once is seen`() throws {
    var child = try Running.shell("while :; do kill -STOP $$; done").start()
    for _ in 0..<400 {
      try eventually("it is stopped") {
        while let change = child.nextChange() {
          if case .stopped = change { return true }
        }
        return false
      }
      child.signalGroup(SIGCONT)
    }
    child.signalGroup(SIGKILL)
    _ = child.waitUntilEnd()
  }

  @Test func `a signal reaches the whole group, and none is left is no error`() throws {
    let output = try Capture()
    var launch = Running.shell("sleep 1000 & echo ready; wait")
    launch.stdout = output.writer
    var child = try launch.start()
    #expect(output.readLine() == "ready")
    #expect(child.signalGroup(SIGTERM) == nil)
    // The end of file says that the grandchild, which holds the pipe too, is gone.
    #expect(output.readAll().isEmpty)
    #expect(child.waitUntilEnd().exitCode == 128 + SIGTERM)
    #expect(child.signalGroup(SIGTERM) == nil)
  }
}
