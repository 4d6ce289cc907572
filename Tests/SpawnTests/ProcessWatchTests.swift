import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct ProcessWatchTests {
  private func sleeper() throws -> Child { try Running.launch(["sleep", "1000"]).start() }

  private func isWatchable(_ pid: Int32, _ startTime: Int64) throws -> Bool {
    guard let watch = try ProcessWatch(pid: pid, startTime: startTime) else { return false }
    return !watch.hasEnded
  }

  @Test func `it becomes readable when the process ends`() throws {
    var child = try sleeper()
    guard let watch = try ProcessWatch(pid: child.pid, startTime: child.startTime ?? 0) else {
      Issue.record("a living process is not watched")
      return
    }
    var ended = watch.hasEnded
    #expect(!ended)
    child.signalGroup(SIGKILL)
    ended = Poll.wait(watch.fd, for: .readable, milliseconds: 60_000)
    #expect(ended)
    _ = child.waitUntilEnd()
    ended = watch.hasEnded
    #expect(ended)
  }

  @Test func `a process that has ended is not watched`() throws {
    var child = try sleeper()
    let (pid, start) = (child.pid, child.startTime ?? 0)
    try expect(isWatchable(pid, start), is: true)
    child.signalGroup(SIGKILL)
    Running.awaitChange(child, WEXITED)
    try expect(isWatchable(pid, start), is: false)
    _ = child.waitUntilEnd()
    try expect(isWatchable(pid, start), is: false)
  }

  @Test func `a process that was given the pid of another is not watched`() throws {
    var child = try sleeper()
    let (pid, start) = (child.pid, child.startTime ?? 0)
    try expect(isWatchable(pid, start - 1), is: false)
    child.signalGroup(SIGKILL)
    _ = child.waitUntilEnd()
  }

  @Test(arguments: [0, -1, Int32.max])
  func `what cannot be a pid is no process`(pid: Int32) throws {
    try expect(isWatchable(pid, 0), is: false)
  }
}
