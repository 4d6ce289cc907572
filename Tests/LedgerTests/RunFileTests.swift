internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct RunFileTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private let instance = Sample.newID()

  private func start() throws -> ChildProcess {
    let runner = try LedgerWorker.start("run", directory.path, instance.text, "0", "0")
    try expect(runner.readLine(), is: "live")
    return runner
  }

  private func makeLedger() throws { _ = try LedgerWriter(directory) }

  @Test func `an instance is alive while its runner is and gone when that was killed`() throws {
    try makeLedger()
    let runner = try start()
    #expect(RunFiles.life(of: instance, in: directory) == .alive)
    _ = try runner.kill()
    #expect(RunFiles.life(of: instance, in: directory) == .gone)
    #expect(Files.exists(directory.runFile(instance)))
  }

  @Test func `an instance is gone when its file was removed`() throws {
    try makeLedger()
    let file = try RunFile(instance, in: directory)
    #expect(RunFiles.life(of: instance, in: directory) == .alive)
    file.remove()
    #expect(RunFiles.life(of: instance, in: directory) == .gone)
    #expect(Files.names(in: directory.runDirectory) == [])
  }

  @Test func `looking at a runner does not take its lock`() throws {
    try makeLedger()
    let file = try RunFile(instance, in: directory)
    for _ in 0..<3 { #expect(RunFiles.life(of: instance, in: directory) == .alive) }
    _ = file.fd
  }

  @Test func `an instance has one runner`() throws {
    try makeLedger()
    let file = try RunFile(instance, in: directory)
    let error = #expect(throws: SystemCallError.self) {
      _ = try RunFile(instance, in: directory).fd
    }
    #expect(error?.errno == Errno(EEXIST))
    #expect(RunFiles.life(of: instance, in: directory) == .alive)
    #expect(Files.names(in: directory.runDirectory) == [instance.text])
    _ = file.fd
  }

  @Test func `a ring from another process wakes the runner`() throws {
    try makeLedger()
    let runner = try start()
    for _ in 0..<3 {
      RunFiles.ring(instance, in: directory)
      try expect(runner.readLine(), is: "rung")
    }
    runner.closeInput()
    try expect(runner.wait(), is: .exited(0))
  }

  @Test func `rings are forgotten together`() throws {
    try makeLedger()
    let file = try RunFile(instance, in: directory)
    let fd = file.fd
    #expect(!Poll.wait(fd, for: .readable, milliseconds: 0))
    // More than a pipe holds: a full one has rung.
    for _ in 0..<70_000 { RunFiles.ring(instance, in: directory) }
    #expect(Poll.wait(fd, for: .readable, milliseconds: 0))
    file.clearRings()
    #expect(!Poll.wait(fd, for: .readable, milliseconds: 0))
  }

  @Test func `ringing a runner that is dead or was never there does not wait`() throws {
    try makeLedger()
    RunFiles.ring(instance, in: directory)
    #expect(!Files.exists(directory.runFile(instance)))
    let runner = try start()
    _ = try runner.kill()
    RunFiles.ring(instance, in: directory)
  }

  @Test func `a runner knows whether somebody follows`() throws {
    try makeLedger()
    let file = try RunFile(instance, in: directory)
    var followed = file.isFollowed
    #expect(!followed)
    try follow(twice: true) {
      let isFollowed = file.isFollowed
      #expect(isFollowed)
    }
    followed = file.isFollowed
    #expect(!followed)
    #expect(RunFiles.life(of: instance, in: directory) == .alive)
  }

  private func follow(twice: Bool, _ body: () throws -> Void) throws {
    guard let mark = FollowMark(instance, in: directory) else {
      Issue.record("a live instance cannot be followed")
      return
    }
    try body()
    if twice { try follow(twice: false, body) }
    try body()
    _ = consume mark
  }

  @Test func `only a live instance is followed`() throws {
    try makeLedger()
    #expect(!canFollow())
    let runner = try start()
    #expect(canFollow())
    _ = try runner.kill()
    #expect(!canFollow())
  }

  private func canFollow() -> Bool { FollowMark(instance, in: directory) != nil }
}
