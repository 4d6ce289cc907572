internal import Events
import Glibc
internal import Ledger
import Linux
import Spawn
import TestSupport
import Testing

/// taro dies of the signal that has killed its job, so that whoever waits for it sees what he would have seen.
@Suite(.temporaryDirectory) struct ExecSignalDeathTests {
  @Test(arguments: ["TERM", "KILL", "SEGV", "INT", "HUP", "PIPE", "QUIT", "XCPU"])
  func `the job's signal is taro's, and taro leaves no core`(name: String) throws {
    let taro = try TaroProgram()
    let signal = try #require(Signals.parse(name))
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "ulimit -c 0; kill -\(signal) $$") {
      $0.preparation = "ulimit -c unlimited"
    }
    #expect(result.end.outcome == .killed(signal: signal, coreDumped: false), "\(result)")
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: name)
    #expect(Files.names(in: taro.work).isEmpty)
  }

  @Test func `what the job has said stands before its end, and the record too`() throws {
    let taro = try TaroProgram()
    let result = try taro.run(
      "exec", "--id", "a", "--quiet-on-success", "sh", "-c", "seq 10000; kill -KILL $$")
    #expect(result.end.outcome == .killed(signal: SIGKILL, coreDumped: false))
    #expect(result.lines.count == 10_000)
    try expect(taro.ending(ofJob: "a")?.ending.output?.lines, is: 10_000)
    #expect(Files.names(in: taro.ledger.runDirectory).isEmpty)
  }

  @Test func `a code that looks like a signal is a code`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "sh", "-c", "trap 'exit 130' INT; kill -INT $$")
    #expect(result.end.outcome == .exited(code: 130))
  }

  @Test func `of several tries the last one counts`() throws {
    let taro = try TaroProgram()
    let script = "echo x >> tries; test $(wc -l < tries) -gt 1 || exit 3; kill -KILL $$"
    let result = try taro.run(
      "exec", "--retry", "1", "--retry-delay", "0", "sh", "-c", script)
    #expect(result.end.outcome == .killed(signal: SIGKILL, coreDumped: false))
  }

  @Test func `a job whose time was over is a code`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--timeout", "50ms", "sleep", "60")
    #expect(result.end.outcome == .exited(code: 124))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `so does a run that is cancelled by a signal`(signal: Int32) throws {
    let taro = try TaroProgram()
    try taro.exec("first", "true")
    let process = try taro.start("exec", "--id", "a", "--delay", "1h", "true")
    _ = try taro.waitForEvent("it waits") { $0.kind == .state(.waiting) }
    process.signal(signal)
    let result = try process.finish()
    #expect(result.end.outcome == .killed(signal: signal, coreDumped: false))
    try expect(taro.ending(ofJob: "a")?.state, is: .cancelled)
  }

  /// Nothing kills it from inside (pid_namespaces(7)).
  @Test(arguments: [SIGTERM, SIGKILL, SIGSEGV])
  func `as the first process of a container it ends with the code`(signal: Int32) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "kill -\(signal) $$") {
      $0.preparation = "ulimit -c 0"
      $0.wrapper = ["unshare", "--pid", "--mount-proc", "--fork", "--kill-child"]
    }.expect(code: 128 + signal, stdout: "")
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: Signals.name(signal))
  }

  // MARK: With a terminal

  @Test(arguments: ["bash", "dash"])
  func `Ctrl-C ends a script's loop around taro`(shell: String) throws {
    let taro = try TaroProgram()
    let loop = """
      for i in 1 2 3; do "$TARO" exec --id "a$i" sh -c 'echo ready; read x'; done
      echo after
      """
    // Whoever started the script goes on.
    let script = "trap : INT; \"$0\" -c \"$1\"; echo \"code $?\""
    let session = try TerminalSession(taro, ["bash", "-c", script, shell, loop])
    try session.expect("ready")
    try session.type("\u{3}")
    let shown = try session.expectText(until: "code 130")
    #expect(!shown.contains("ready"))
    #expect(!shown.contains("after"))
    try session.finish()
    try expect(taro.ending(ofJob: "a1")?.state, is: .interrupted)
    try expect(taro.ending(ofJob: "a2")) { $0 == nil }
  }

  /// Nothing between make and taro, that make waits for what sees to the order. (make takes a shell that dies of the key
  /// by itself for a child that it has lost, too, when it gets to run too late.)
  @Test func `Ctrl-C ends make`() throws {
    let taro = try TaroProgram()
    let rule = "all:\n\texec $$TARO exec --id a sh -c 'echo ready; read x'\n\techo af''ter\n"
    try Files.write(Array(rule.utf8), to: "\(taro.work)/Makefile")
    let session = try TerminalSession(
      taro, ["bash", "-c", "trap : INT; make -s; echo \"code $?\""])
    try session.expect("ready")
    try session.type("\u{3}")
    let shown = try session.expectText(until: "code ")
    expect(shown) { $0.contains("Interrupt") && !$0.contains("after") }
    try session.finish()
  }

  @Test func `a job that makes its own of Ctrl-C ends nothing around it`() throws {
    let taro = try TaroProgram()
    let script =
      "\"$TARO\" exec sh -c 'trap \"echo mine; exit 3\" INT; echo ready; read x'; echo $?"
    let session = try TerminalSession(taro, ["bash", "-c", script])
    try session.expect("ready")
    try session.type("\u{3}")
    try session.expect("mine\r\n3")
    try session.finish()
  }
}
