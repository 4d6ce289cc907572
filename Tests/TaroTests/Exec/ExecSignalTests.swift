internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecSignalTests {
  /// Says which signal came and exits with 7; waits until then.
  private static let traps = """
    for s in TERM HUP QUIT INT; do trap "echo got $s; exit 7" $s; done
    echo ready; read x
    """

  /// Starts a job that says when it is ready, and waits until it is.
  private func start(
    _ taro: TaroProgram, _ script: String, preparation: String = "ulimit -c 0"
  ) throws -> TaroProcess {
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) {
      $0.stdin = .pipe
      $0.preparation = preparation
    }
    try expect(process.readLine(), is: "ready")
    return process
  }

  @Test(arguments: [(SIGTERM, "TERM"), (SIGINT, "INT"), (SIGHUP, "HUP"), (SIGQUIT, "QUIT")])
  func `a signal that asks taro to end asks the job`(signal: Int32, atJob: String) throws {
    let taro = try TaroProgram()
    let process = try start(taro, Self.traps)
    process.signal(signal)
    try process.finish().expect(code: 7, stdout: "got \(atJob)\n", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.exitCode == 7)
    #expect(ending.reason == "signal \(Signals.name(signal))")
    let event = try taro.events(ofJob: "a").first { $0.kind == .interruptRequested }
    let request = ControlRequest(try #require(event).json)
    #expect(request.by.pid == Int64(getpid()))
    #expect(request.by.uid == Int64(getuid()))
    #expect(request.by.via == .signal)
    #expect(request.signal == atJob)
  }

  @Test(
    arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129), (SIGQUIT, 131)] as [(Int32, Int32)])
  func `a job that dies of it is told by its signal`(signal: Int32, code: Int32) throws {
    let taro = try TaroProgram()
    let process = try start(taro, "echo ready; read x")
    process.signal(signal)
    try process.finish().expect(code: code, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.exitCode == nil)
    #expect(ending.signal == Signals.name(code - 128))
  }

  @Test func `a job that ignores it goes on, and taro waits`() throws {
    let taro = try TaroProgram()
    let process = try start(
      taro, "trap 'echo got it' TERM; echo ready; until read x; do :; done; echo $x; exit 5")
    process.signal(SIGTERM)
    // On record is not enough: it counts when it reached the job.
    try expect(process.readLine(), is: "got it")
    try process.write("done\n")
    try process.finish().expect(code: 5, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .interrupted)
  }

  @Test func `a second signal is passed on as well`() throws {
    let taro = try TaroProgram()
    let script = "trap 'echo term' TERM; trap 'echo hup; exit 4' HUP; echo ready; "
    let process = try start(taro, script + "until read x; do :; done")
    for _ in 1...2 {
      process.signal(SIGTERM)
      try expect(process.readLine(), is: "term")
    }
    process.signal(SIGHUP)
    try process.finish().expect(code: 4, stdout: "hup\n", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.reason == "signal TERM")
    try expect(taro.events().count { $0.kind == .interruptRequested }, is: 3)
  }

  @Test(arguments: [(SIGUSR1, "USR1"), (SIGUSR2, "USR2")])
  func `a signal of the user's own is passed on and asks for no end`(
    signal: Int32, name: String
  ) throws {
    let taro = try TaroProgram()
    let process = try start(taro, "trap 'echo got \(name); exit 9' \(name); echo ready; read x")
    process.signal(signal)
    try process.finish().expect(code: 9, stdout: "got \(name)\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `the whole process group is asked`() throws {
    let taro = try TaroProgram()
    let process = try start(taro, "sleep 1000 & echo ready; echo $!; wait")
    let grandchild = try #require(Int32(try process.readLine()))
    process.signal(SIGTERM)
    // No line about output that is held open: the grandchild held it, and is gone.
    try process.finish().expect(code: 143, stdout: "", stderr: "")
    try eventually("it is gone") { Host.startTime(of: grandchild) == nil }
  }

  @Test func `a signal that taro was told to ignore is ignored by both`() throws {
    let taro = try TaroProgram()
    let process = try start(taro, "echo ready; read x; echo $x", preparation: "trap '' HUP")
    process.signal(SIGHUP)
    for job in process.children { kill(job, SIGHUP) }
    try process.write("done\n")
    try process.finish().expect(code: 0, stdout: "done\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
    try expect(taro.events().contains { $0.kind == .interruptRequested }, is: false)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func `a signal before the job was started cancels the run`(signal: Int32) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let queue = try taro.holdQueue()
    let process = try taro.start("exec", "--id", "a", "touch", "ran")
    // Signals are taken in before the run file is made, and the job waits for its `created` event.
    try eventually("the run file is there") { !Files.names(in: taro.ledger.runDirectory).isEmpty }
    process.signal(signal)
    queue.release()
    try process.finish().expect(code: 128 + signal, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .cancelled)
    #expect(ending.reason == "signal \(Signals.name(signal))")
    #expect(!Files.exists("\(taro.work)/ran"))
    #expect(Files.names(in: taro.ledger.runDirectory).isEmpty)
  }

  @Test func `a ledger that hangs keeps no signal from the job`() throws {
    let taro = try TaroProgram()
    let process = try start(taro, Self.traps)
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    let queue = try taro.holdQueue()
    process.signal(SIGTERM)
    try expect(process.readLine(), is: "got TERM")
    queue.release()
    try process.finish().expect(code: 7, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .interrupted)
  }

  @Test func `a stop from outside stops the job and taro alone, and both go on`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "echo $$; read x; echo $x") {
      $0.stdin = .pipe
      // A shell that waits for taro, in the same process group.
      $0.wrapper = ["sh", "-c", "\"$@\"; exit $?", "sh"]
    }
    let job = try #require(Int32(try process.readLine()))
    let runner = try #require(process.children.first)
    kill(runner, SIGTSTP)
    try eventually("both are stopped") {
      Self.state(of: runner) == "T" && Self.state(of: job) == "T"
    }
    #expect(Self.state(of: process.pid) != "T")
    try process.write("done\n")
    kill(runner, SIGCONT)
    try process.finish().expect(code: 0, stdout: "done\n", stderr: "")
  }

  /// The process's state as proc(5) has it: S sleeps, T is stopped.
  private static func state(of pid: Int32) -> Character? {
    let stat = String(decoding: RawIO.contents(of: "/proc/\(pid)/stat") ?? [], as: UTF8.self)
    return stat.split(separator: ")").last?.first { $0 != " " }
  }
}
