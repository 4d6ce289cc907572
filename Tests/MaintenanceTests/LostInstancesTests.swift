internal import Events
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct LostInstancesTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private let instance = Sample.newID()

  private func start(child: Int32 = 0, started: Int64 = 0) throws -> ChildProcess {
    let runner = try LedgerWorker.start(
      "run", directory.path, instance.text, "\(child)", "\(started)")
    try expect(runner.readLine(), is: "live")
    return runner
  }

  private func evidence(_ writer: LedgerWriter) throws -> Ending.Evidence? {
    try writer.reader.lastEvent(of: instance).flatMap { Ending($0.json).evidence }
  }

  @Test func `of twenty processes that find a dead runner one closes its run`() throws {
    let runner = try start()
    _ = try runner.kill()
    let closers = try LedgerWorker.race(20, "close-lost", directory.path, instance.text)
    let answers = try closers.map { try $0.readLine() }
    for closer in closers { try expect(closer.wait(), is: .exited(0)) }
    #expect(answers.filter { $0 == "true" }.count == 1)
    #expect(answers.filter { $0 == "false" }.count == 19)
    let reader = try LedgerReader(directory)
    try expect(
      reader.events(of: instance).map(\.kind),
      is: [
        .state(.created), .state(.running), .state(.lost),
      ])
    try expect(Sample.firstMisfit(in: reader)) { $0 == nil }
    #expect(!Files.exists(directory.runFile(instance)))
  }

  @Test func `a run whose runner lives is left alone`() throws {
    let runner = try start()
    let writer = try LedgerWriter(directory)
    try expect(LostInstances.close(instance, with: writer), is: false)
    try expect(writer.reader.head().seq, is: 2)
    #expect(Files.exists(directory.runFile(instance)))
    runner.closeInput()
    try expect(runner.wait(), is: .exited(0))
  }

  @Test func `a child that goes on without its runner is told`() throws {
    let child = try ChildProcess("cat", [])
    let started = try #require(Host.startTime(of: child.pid))
    let runner = try start(child: child.pid, started: started)
    _ = try runner.kill()
    let writer = try LedgerWriter(directory)
    let last = try #require(try writer.reader.lastEvent(of: instance))
    try expect(LostInstances.close(instance, with: writer), is: true)
    try expect(
      evidence(writer),
      is: Ending.Evidence(lastSignOfLife: last.at, childRunning: true, rebooted: false))
    try expect(
      writer.reader.lastEvent(of: instance).map { Ending($0.json).reason }, is: "runner vanished")
  }

  @Test func `a child that has gone too is told, also when its pid lives on in another process`()
    throws
  {
    let stranger = try ChildProcess("cat", [])
    let started = try #require(Host.startTime(of: stranger.pid))
    let runner = try start(child: stranger.pid, started: started - 1)
    _ = try runner.kill()
    let writer = try LedgerWriter(directory)
    try expect(LostInstances.close(instance, with: writer), is: true)
    try expect(evidence(writer)?.childRunning, is: false)
  }

  @Test func `after a reboot no child is taken for running`() throws {
    let child = try ChildProcess("cat", [])
    let writer = try LedgerWriter(directory)
    var created = Created()
    created.bootID = "another boot"
    let running = Running(
      pid: Int64(child.pid), started: Host.startTime(of: child.pid) ?? 0, pgid: Int64(child.pid))
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(Sample.event(instance, .state(.created), created.json))
      try turn.append(Sample.event(instance, .state(.running), running.json, at: 1234))
    }
    try expect(LostInstances.close(instance, with: writer), is: true)
    try expect(
      evidence(writer),
      is: Ending.Evidence(lastSignOfLife: 1234, childRunning: false, rebooted: true))
  }

  @Test func `the file that an ended run left behind is removed`() throws {
    let runner = try start()
    let writer = try LedgerWriter(directory)
    try Sample.append(Sample.event(instance, .state(.completed)), to: writer)
    _ = try runner.kill()
    #expect(Files.exists(directory.runFile(instance)))
    try expect(LostInstances.close(instance, with: writer), is: false)
    #expect(!Files.exists(directory.runFile(instance)))
    try expect(writer.reader.lastEvent(of: instance)?.kind, is: .state(.completed))
  }

  @Test func `a runner that died before its first event leaves nothing`() throws {
    _ = try LedgerWriter(directory)
    try diesAtOnce()
    let writer = try LedgerWriter(directory)
    try expect(LostInstances.close(instance, with: writer), is: false)
    #expect(Files.names(in: directory.runDirectory) == [])
    try expect(writer.reader.head().seq, is: 0)
  }

  /// The file's owner ends without removing it.
  private func diesAtOnce() throws { _ = try RunFile(instance, in: directory).fd }

  // MARK: Killed before it could say that the job runs

  /// A run of whose runner nothing is there but the first event.
  private func begin(_ writer: LedgerWriter, since: Int64) throws {
    var created = Created()
    created.bootID = Host.bootID()
    created.runnerStarted = since
    try Sample.append(Sample.event(instance, .state(.created), created.json), to: writer)
  }

  @Test func `a job of which its runner could not tell any more is found by its environment`()
    throws
  {
    let writer = try LedgerWriter(directory)
    let job = try ChildProcess("setsid", ["env", "TARO_INSTANCE=\(instance)", "cat"])
    try job.send("ready")
    try expect(job.readLine(), is: "ready")
    let started = try #require(Host.startTime(of: job.pid))
    try begin(writer, since: started)
    try expect(LostInstances.close(instance, with: writer), is: true)
    let events = try writer.reader.events(of: instance)
    #expect(events.map(\.kind) == [.state(.created), .state(.running), .state(.lost)])
    try expect(
      Running(events.at(1).json),
      is: Running(pid: Int64(job.pid), started: started, pgid: Int64(job.pid)))
    try expect(evidence(writer)?.childRunning, is: true)
    try expect(LostInstances.close(instance, with: writer), is: false)
  }

  @Test func `the job of another run is none of it, nor one that was there before`() throws {
    let writer = try LedgerWriter(directory)
    let other = try ChildProcess("setsid", ["env", "TARO_INSTANCE=\(Sample.newID())", "cat"])
    let older = try ChildProcess("setsid", ["env", "TARO_INSTANCE=\(instance)", "cat"])
    for process in [other, older] {
      try process.send("ready")
      try expect(process.readLine(), is: "ready")
    }
    try begin(writer, since: try #require(Host.startTime(of: older.pid)) + 1)
    try expect(LostInstances.close(instance, with: writer), is: true)
    try expect(
      writer.reader.events(of: instance).map(\.kind), is: [.state(.created), .state(.lost)])
    try expect(evidence(writer)?.childRunning, is: false)
  }
}
