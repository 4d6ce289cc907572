internal import Events
import Glibc
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

/// A host and a container that share a ledger: each calls the other's processes by other pids, or does not see them.
@Suite(.temporaryDirectory, .enabled(if: TestHost.canHavePidNamespaces, "pid namespaces"))
struct ExecNamespaceTests {
  private static let container = ["unshare", "--pid", "--mount-proc", "--fork", "--kill-child"]

  /// A container with a run of the job `a` in it that goes on until the container is told to end.
  /// - Parameter script: what its first process does, a line of input each, while the run is there ($! is its taro).
  private func startContainer(_ taro: TaroProgram, _ script: String = "") throws -> TaroProcess {
    _ = try LedgerWriter(taro.ledger)
    let process = try taro.startShell("\"$TARO\" exec --id a sleep 60 & \(script)\nread end") {
      $0.wrapper = Self.container
      $0.stdin = .pipe
    }
    _ = try taro.waitForEvent("it runs") { $0.job == "a" && $0.kind == .state(.running) }
    return process
  }

  private func end(_ container: TaroProcess) throws {
    container.closeInput()
    _ = try container.finish()
  }

  private func removeRunFiles(_ taro: TaroProgram) throws {
    let names = Files.names(in: taro.ledger.runDirectory)
    try #require(!names.isEmpty)
    for name in names { unlink("\(taro.ledger.runDirectory)/\(name)") }
  }

  @Test func `what a container's killed runner has left is seen from the host, and reached`() throws
  {
    let taro = try TaroProgram()
    let container = try startContainer(taro, "read now; kill -9 $!; wait; echo killed")
    try container.write("\n")
    expect(try container.readLine(), is: "killed")
    try taro.run("ps").expect(code: 0, stderr: "")
    expect(try taro.ending(ofJob: "a")?.ending.evidence?.childRunning, is: true)
    expect(try taro.run("ps").text) { $0.contains("LOST (still running)") }
    try taro.run("exec", "--id", "a", "--no-overlap", "true").expect(code: 0)
    expect(try taro.events(ofJob: "a").last?.kind, is: .state(.skipped))

    let waiting = try taro.start("exec", "--id", "a", "-s", "echo", "mine")
    _ = try taro.waitForEvent("it waits") { $0.kind == .state(.waiting) }
    let lost = try #require(
      try taro.events().first { $0.kind == .state(.lost) }?.instance)
    try taro.run("stop", "--force", lost.text).expect(code: 0)
    try waiting.finish().expect(code: 0, stdout: "mine\n")
    try end(container)
  }

  @Test func `a container's run that has lost its run file is not closed from the host`() throws {
    let taro = try TaroProgram()
    let container = try startContainer(taro)
    try removeRunFiles(taro)
    try taro.run("ps").expect(code: 0, stderr: "")
    expect(try taro.events(ofJob: "a").last?.kind, is: .state(.running))
    // Its runner has heard of it.
    try eventually("its file is there") { Files.names(in: taro.ledger.runDirectory).count == 1 }
    try taro.run("stop", "--force", "a").expect(code: 0, stderr: "")
    _ = try taro.waitForEvent("it ends") { $0.kind == .state(.stopped) }
    try end(container)
  }

  @Test func `a host's run that has lost its run file is not closed from a container`() throws {
    let taro = try TaroProgram()
    _ = try LedgerWriter(taro.ledger)
    let job = try taro.start("exec", "--id", "a", "cat") { $0.stdin = .pipe }
    _ = try taro.waitForEvent("it runs") { $0.kind == .state(.running) }
    try removeRunFiles(taro)
    try taro.run("ps") { $0.wrapper = Self.container }.expect(code: 0, stderr: "")
    // It is not seen from there, and so it is said.
    try taro.run("stop", "--force", "a") { $0.wrapper = Self.container }
      .expect(code: 75).expectOneLine(about: "pid namespace")
    job.closeInput()
    _ = try job.finish()
    expect(try taro.events().contains { $0.kind == .state(.lost) }, is: false)
  }

  @Test func `a host's lost run that a container closes keeps its place on the host`() throws {
    let taro = try TaroProgram()
    _ = try LedgerWriter(taro.ledger)
    let job = try taro.start("exec", "--id", "a", "cat") { $0.stdin = .pipe }
    _ = try taro.waitForEvent("it runs") { $0.kind == .state(.running) }
    job.signal(SIGKILL)
    _ = try job.finish()
    try taro.run("ps") { $0.wrapper = Self.container }.expect(code: 0, stderr: "")
    let evidence = try #require(try taro.ending(ofJob: "a")?.ending.evidence)
    expect(evidence.childUnseen, is: true)
    expect(evidence.childRunning, is: false)
    expect(try taro.run("show", "a").text) { $0.contains("not seen") }
    expect(try taro.run("ps").text) { $0.contains("LOST (still running)") }
    try taro.run("exec", "--id", "a", "--no-overlap", "true").expect(code: 0)
    expect(try taro.events(ofJob: "a").last?.kind, is: .state(.skipped))
    job.closeInput()
    try eventually("it has ended") { try !taro.run("ps").text.contains("LOST") }
  }

  @Test(.enabled(if: PidNamespace.seesAll, "the first pid namespace"))
  func `a container's run without its file is closed once nothing of it is there`() throws {
    let taro = try TaroProgram()
    let container = try startContainer(taro)
    try removeRunFiles(taro)
    try end(container)
    try taro.run("ps").expect(code: 0, stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    expect(state, is: .lost)
    expect(ending.evidence?.childRunning, is: false)
    expect(ending.evidence?.childUnseen, is: false)
  }

  @Test func `a job of which a container's runner could not tell is found by its environment`()
    throws
  {
    let taro = try TaroProgram()
    let writer = try LedgerWriter(taro.ledger)
    let instance = try #require(InstanceID("06h2a1c49pxjhyq5"))
    let job = "TARO_INSTANCE=\(instance) setsid sh -c 'echo $$; read x' <&3 &"
    let container = try taro.startShell("exec 3<&0; \(job) wait") {
      $0.wrapper = Self.container
      $0.stdin = .pipe
    }
    let pid = try #require(Int64(try container.readLine()))
    var created = Created()
    created.bootID = Host.bootID()
    (created.runnerStarted, created.pidNamespace) = (1, 1)
    let event = NewEvent(
      at: .now, mono: .now, job: "a", instance: instance,
      kind: .state(.created), data: created.json)
    try writer.turn(durable: true) { turn throws(LedgerError) in _ = try turn.append(event) }
    expect(try LostInstances.close(instance, with: writer), is: true)
    // By the name that its runner would have given it.
    let states = try taro.events(ofJob: "a").map(\.kind.state)
    expect(states, is: [.created, .running, .lost])
    expect(try Running(taro.events(ofJob: "a").at(1).json).pid, is: pid)
    try end(container)
  }

  @Test func `a run tells in which namespace its pids count`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "here", "true").expect(code: 0)
    try taro.run("exec", "--id", "there", "true") { $0.wrapper = Self.container }.expect(code: 0)
    let here = try #require(try taro.created(ofJob: "here")?.pidNamespace)
    let there = try #require(try taro.created(ofJob: "there")?.pidNamespace)
    expect(here, is: try #require(PidNamespace.own()))
    expect(there, isNot: here)
    // The /proc of another namespace tells nothing of one's own pids.
    try taro.run("exec", "--id", "blind", "true") { $0.wrapper = ["unshare", "--pid", "--fork"] }
      .expect(code: 0)
    let blind = try #require(try taro.created(ofJob: "blind"))
    expect(blind.pidNamespace, is: nil)
    expect(blind.runnerStarted, is: 0)
  }
}
