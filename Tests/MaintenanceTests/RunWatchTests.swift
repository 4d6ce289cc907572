internal import Events
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct RunWatchTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private let instance = Sample.newID()

  private func start() throws -> ChildProcess {
    _ = try LedgerWriter(directory)
    let runner = try LedgerWorker.start("run", directory.path, instance.text, "0", "0")
    try expect(runner.readLine(), is: "live")
    return runner
  }

  private func watch() throws -> RunWatch { try #require(RunWatch(instance, in: directory)) }

  private func tells(_ watch: RunWatch, milliseconds: Int32 = 30_000) -> Bool {
    Poll.wait(watch.fd, for: .hangup, milliseconds: milliseconds)
  }

  @Test func `the end of a runner is told`() throws {
    let runner = try start()
    let watches = [try watch(), try watch()]
    #expect(watches.allSatisfy { !tells($0, milliseconds: 0) })
    runner.closeInput()
    #expect(watches.allSatisfy { tells($0) })
    try expect(runner.wait(), is: .exited(0))
    #expect(RunWatch(instance, in: directory) == nil)
  }

  @Test func `so is its death, and the run can be closed at once`() throws {
    let runner = try start()
    let watch = try watch()
    runner.signal(9)
    #expect(tells(watch))
    // The lock goes before the hang-up is told: nobody has to look twice.
    try expect(LostInstances.close(instance, with: LedgerWriter(directory)), is: true)
    #expect(RunWatch(instance, in: directory) == nil)
  }

  @Test func `rings and followers are not`() throws {
    let runner = try start()
    let watch = try watch()
    for _ in 0..<5 {
      RunFiles.ring(instance, in: directory)
      try expect(runner.readLine(), is: "rung")
      follow()
      _ = RunFiles.life(of: instance, in: directory)
      #expect(RunWatch(instance, in: directory) != nil)
      #expect(!tells(watch, milliseconds: 0))
    }
    runner.signal(9)
    #expect(tells(watch))
  }

  private func follow() {
    let mark = FollowMark(instance, in: directory)
    let isFollowed = if case .some = mark { true } else { false }
    #expect(isFollowed)
  }

  @Test func `who rings when a runner dies delays what is told, and does not undo it`() throws {
    let runner = try start()
    let watch = try watch()
    let ringer = try Descriptor.open(directory.runFile(instance), 2)
    _ = try runner.kill()
    #expect(!tells(watch, milliseconds: 0))
    _ = consume ringer
    #expect(tells(watch))
  }

  @Test func `there is nothing to watch of what is not there`() throws {
    _ = try LedgerWriter(directory)
    #expect(RunWatch(instance, in: directory) == nil)
    let runner = try start()
    _ = try runner.kill()
    #expect(Files.exists(directory.runFile(instance)))
    #expect(RunWatch(instance, in: directory) == nil)
  }
}
