internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Who has the terminal, and who waits for it, as in a shell without taro. The jobs are files, so that what an
/// interactive shell echoes is not taken for what they say.
@Suite(.temporaryDirectory) struct ExecJobControlTests {
  static let shells = [["bash", "--norc", "-i"], ["dash", "-i"]]

  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("first", "true")
  }

  private func write(_ name: String, _ script: String) throws {
    try Files.write(Array("\(script)\n".utf8), to: "\(taro.work)/\(name)")
  }

  private func session(_ shell: [String]) throws -> TerminalSession {
    try TerminalSession(taro, shell)
  }

  /// - Parameter runner: one that has recorded its end, and may still be about to end.
  private func end(_ session: TerminalSession, after runner: Int32? = nil) throws {
    if let runner { try eventually("it has ended") { ProcessState.hasEnded(runner) } }
    // It learns of what has ended, and warns of nothing.
    try session.type("jobs; exit 0\n")
    try session.finish()
  }

  /// What a job does that asks for a password: getpass(3), ssh, sudo.
  private static let asks = """
    exec 3<>/dev/tty; stty -echo <&3; printf 'password? ' >&3; read x <&3; stty echo <&3
    echo "got $x"
    """

  @Test(
    arguments: ["</dev/null", "<job", "<&-", ": |", "</dev/null >out", "| cat"],
    shells)
  func `a password is asked for on the terminal, whatever stdin is`(
    input: String, shell: [String]
  ) throws {
    try write("job", Self.asks)
    let session = try session(shell)
    let words = "\"$TARO\" exec --id a sh job"
    let line = input.hasSuffix("|") ? "\(input) \(words)" : "\(words) \(input)"
    try session.type("\(line); cat out 2>/dev/null\n")
    try session.expect("password? ")
    try session.type("secret\n")
    let shown = try session.expectText(until: "got secret")
    #expect(!shown.contains("secret"))
    try end(session)
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test(arguments: shells)
  func `in the background a job that asks stops taro, and fg gives it the terminal`(
    shell: [String]
  ) throws {
    try write("job", "read x; echo \"got $x\"; exit 3")
    let session = try session(shell)
    try session.type("\"$TARO\" exec --id a sh job &\n")
    let runner = try runner()
    try eventually("taro is stopped") { ProcessState.isStopped(runner) }
    try session.type("\n")
    try session.expect("Stopped")
    try session.type("fg\n")
    try eventually("it goes on") { !ProcessState.isStopped(runner) }
    try session.type("typed\n")
    try session.expect("got typed")
    try session.type("echo \"code $?\"\n")
    try session.expect("code 3")
    try end(session)
  }

  @Test(arguments: shells)
  func `bg lets a stopped job go on until it asks again`(shell: [String]) throws {
    // Without a child: a shell that waits in vfork(2) for one that was stopped before its execve is not stopped itself.
    #expect(mkfifo("\(taro.work)/go", 0o600) == 0)
    try write("job", "echo ready; read x <go; echo woke; read x; echo \"got $x\"")
    let session = try session(shell)
    try session.type("\"$TARO\" exec --id a sh job\n")
    try session.expect("ready")
    let runner = try runner()
    try session.type("\u{1a}")
    try session.expect("Stopped")
    try session.type("bg\n")
    try eventually("it goes on") { !ProcessState.isStopped(runner) }
    try Files.write([], to: "\(taro.work)/go")
    // Not kept back by the stop that follows.
    try session.expect("woke")
    try eventually("it is stopped again") { ProcessState.isStopped(runner) }
    try session.type("\nfg\n")
    try eventually("it goes on again") { !ProcessState.isStopped(runner) }
    try session.type("typed\n")
    try session.expect("got typed")
    try end(session)
  }

  @Test(arguments: shells)
  func `a terminal without echo is the job's alone, over Ctrl-Z and fg`(shell: [String]) throws {
    try write("job", "stty -echo; echo ready; read x; stty echo; echo \"got $x\"")
    let session = try session(shell)
    try session.type("\"$TARO\" exec --id a sh job\n")
    try session.expect("ready")
    let runner = try runner()
    try session.type("\u{1a}")
    try session.expect("Stopped")
    try session.type("stty -a >modes\n")
    try eventually("the shell's modes are known") { Files.size("\(taro.work)/modes") > 0 }
    try expect(Files.text("\(taro.work)/modes")) { $0.contains(" echo ") }
    try session.type("fg\n")
    try eventually("it goes on") { !ProcessState.isStopped(runner) && !session.echoes }
    try session.type("typed\n")
    let shown = try session.expectText(until: "got typed")
    #expect(!shown.contains("typed"))
    try end(session)
  }

  @Test(arguments: shells)
  func `of two in one pipeline the one has it that asks`(shell: [String]) throws {
    try write(
      "first",
      "read x </dev/tty; echo \"first $x\" >/dev/tty; echo now; read x </dev/tty; echo \"$x\"")
    try write("second", "read now; read x </dev/tty; echo \"second $x\" >/dev/tty; cat")
    let session = try session(shell)
    try session.type("\"$TARO\" exec --id a sh first | \"$TARO\" exec --id b sh second\n")
    let (first, second) = (try job("a"), try job("b"))
    try eventually("the first has asked") { session.foreground == first }
    try session.type("one\n")
    try session.expect("first one")
    // Both ask now, and each gets the terminal when it does.
    try eventually("one of them has it") { [first, second].contains(session.foreground) }
    try session.type("two\nthree\n")
    for job in ["a", "b"] {
      _ = try taro.waitForEvent("\(job) ends") { $0.job == job && $0.kind.isTerminal }
    }
    try end(session)
  }

  @Test(arguments: shells)
  func `a pager in the same pipeline keeps the terminal`(shell: [String]) throws {
    try write("pager", "cat >/dev/null; echo key?; read x </dev/tty; echo \"key $x\"")
    let session = try session(shell)
    try session.type("\"$TARO\" exec --id a echo page | sh pager\n")
    try session.expect("key?")
    try session.type("q\n")
    try session.expect("key q")
    try end(session)
  }

  @Test(arguments: shells)
  func `a taro in a taro stops, goes on and has the terminal`(shell: [String]) throws {
    try write("job", "echo ready; read x </dev/tty; echo \"got $x\"")
    let session = try session(shell)
    for (input, id) in [("", "a"), (" </dev/null", "b")] {
      try session.type("\"$TARO\" exec --id o \"$TARO\" exec --id \(id) sh job\(input)\n")
      try session.expect("ready")
      try session.type("\u{1a}")
      try session.expect("Stopped")
      try session.type("fg\n")
      let job = try job(id)
      try eventually("it has the terminal") { session.foreground == job }
      try session.type("typed\n")
      try session.expect("got typed")
    }
    try end(session)
  }

  @Test(arguments: shells)
  func `in the background a job that writes stops where the terminal says so`(shell: [String])
    throws
  {
    try write("job", "echo written >/dev/tty; exit 3")
    let session = try session(shell)
    try session.type("stty tostop; \"$TARO\" exec --id a sh job &\n")
    let runner = try runner()
    try eventually("taro is stopped") { ProcessState.isStopped(runner) }
    try session.type("fg\n")
    try session.expect("written")
    try end(session)
  }

  @Test(arguments: shells)
  func `what a job in the foreground writes comes out, whatever is asked of the background`(
    shell: [String]
  ) throws {
    try write("job", "echo first; sleep 0.1; echo second; exit 3")
    let session = try session(shell)
    try session.type("stty tostop; \"$TARO\" exec --id a sh job; echo \"code $?\"\n")
    try session.expect("first")
    try session.expect("second")
    try session.expect("code 3")
    try end(session)
    // Without a shell that could continue it.
    let alone = try self.session(["sh", "-c", "stty tostop; \"$TARO\" exec --id b sh job; true"])
    try alone.expect("first")
    try alone.expect("second")
    try alone.finish()
    try expect(taro.ending(ofJob: "b")?.ending.exitCode, is: 3)
  }

  // MARK: A stopped taro hears what matters

  @Test func `the time of a job that waits for the terminal ends all the same`() throws {
    let session = try session(["dash", "-i"])
    try session.type("\"$TARO\" exec --id a --timeout 300ms cat &\n")
    let end = try taro.waitForEvent("it ends") { $0.job == "a" && $0.kind.isTerminal }
    #expect(end.kind == .state(.interrupted))
    try self.end(session, after: runner())
  }

  @Test(arguments: [false, true])
  func `a stop reaches a job that waits for the terminal`(isStoppedByKey: Bool) throws {
    let session = try session(["dash", "-i"])
    // Without a child, see above.
    try write("job", "echo ready; read x")
    try session.type("\"$TARO\" exec --id a sh job \(isStoppedByKey ? "" : "&")\n")
    try session.expect("ready")
    let runner = try runner()
    if isStoppedByKey { try session.type("\u{1a}") }
    try eventually("taro is stopped") { ProcessState.isStopped(runner) }
    try taro.run("stop", "--force", "a").expect(code: 0)
    let end = try taro.waitForEvent("it ends") { $0.job == "a" && $0.kind.isTerminal }
    #expect(end.kind == .state(.stopped))
    try self.end(session, after: runner)
  }

  @Test func `a request that asks for no end leaves it stopped`() throws {
    let session = try session(["dash", "-i"])
    try session.type("\"$TARO\" exec --id a cat &\n")
    let runner = try runner()
    try eventually("taro is stopped") { ProcessState.isStopped(runner) }
    try taro.run("signal", "a", "WINCH").expect(code: 0)
    try eventually("taro is stopped again") { ProcessState.isStopped(runner) }
    try session.type("\nfg\n")
    try eventually("it goes on") { !ProcessState.isStopped(runner) }
    try session.type("\u{4}")
    _ = try taro.waitForEvent("it ends") {
      $0.job == "a" && $0.kind == .state(.completed)
    }
    try end(session, after: runner)
  }

  // MARK: Nobody who could continue it

  @Test func `as the leader of its session it is not stopped by Ctrl-Z`() throws {
    try write("job", "echo ready; read x; echo \"got $x\"")
    let session = try session([taro.path, "exec", "--id", "a", "sh", "job"])
    try session.expect("ready")
    try session.type("\u{1a}")
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
  }

  @Test func `in an orphaned group a job that asks is hung up`() throws {
    let session = try session(["dash", "-i"])
    // Its parent has ended: no shell knows of it.
    try session.type("(setsid -w true; \"$TARO\" exec --id a cat </dev/tty &)\n")
    let end = try taro.waitForEvent("it ends") { $0.job == "a" && $0.kind.isTerminal }
    #expect(Ending(end.json).signal == "HUP")
    try self.end(session, after: runner())
  }

  private func job(_ id: String) throws -> Int32 {
    let running = try taro.waitForEvent("\(id) runs") {
      $0.job == id && $0.kind == .state(.running)
    }
    return Int32(Running(running.json).pid)
  }

  private func runner() throws -> Int32 {
    _ = try taro.waitForEvent("it runs") { $0.job == "a" && $0.kind == .state(.running) }
    return Int32(try #require(try taro.created(ofJob: "a")).runnerPID)
  }
}
