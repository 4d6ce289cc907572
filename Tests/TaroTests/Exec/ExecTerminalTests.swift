internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// taro in a session of its own with a terminal, as when somebody has logged in.
@Suite(.temporaryDirectory) struct ExecTerminalTests {
  @Test func `Ctrl-C interrupts the job, and a shell that goes on has the terminal`() throws {
    let taro = try TaroProgram()
    let script = """
      trap : INT
      "$TARO" exec --id a sh -c 'echo ready; read x'; echo "code $?"
      read x; echo "got $x"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("ready")
    try session.type("\u{3}")
    try session.expect("code 130")
    // The shell can read: taro has given the terminal back.
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.signal == "INT")
  }

  @Test func `a job has the terminal that it would have without taro`() throws {
    let taro = try TaroProgram()
    let script = """
      "$TARO" exec --id a sh -c 'test -t 0 && read x && echo "got $x" >/dev/tty'; echo "code $?"
      "$TARO" exec -b --id b sh -c 'test -t 0 && test -t 1 && test -t 2'; echo "bypassed $?"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.type("typed\n")
    try session.expect("got typed")
    try session.expect("code 0")
    try session.expect("bypassed 0")
    try session.finish()
  }

  @Test func `a command that cannot be executed leaves the terminal where it was`() throws {
    let taro = try TaroProgram()
    let script = "\"$TARO\" exec /no/such/command; read x; echo \"got $x\""
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("no such file")
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
  }

  @Test func `Ctrl-Z stops job and taro, and fg continues both`() throws {
    let taro = try TaroProgram()
    // In a file, so that what the terminal echoes is not taken for what the job says.
    let job = "echo ready; read x; echo got $x; exit 3\n"
    try Files.write(Array(job.utf8), to: "\(taro.work)/job")
    let session = try TerminalSession(taro, ["sh", "-i"])
    try session.type("\"$TARO\" exec --id a sh job\n")
    try session.expect("ready")
    let running = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    let pid = Int32(Running(running.json).pid)
    let runner = Int32(try #require(try taro.created(ofJob: "a")).runnerPID)
    try session.type("\u{1a}")
    try session.expect("Stopped")
    #expect(ProcessState.isStopped(pid))
    #expect(ProcessState.isStopped(runner))
    try session.type("echo still $((40 + 2))\n")
    try session.expect("still 42")
    try session.type("fg\n")
    try eventually("both go on") { !ProcessState.isStopped(pid) && !ProcessState.isStopped(runner) }
    try session.type("typed\n")
    try session.expect("got typed")
    try session.type("echo code $?; exit\n")
    try session.expect("code 3")
    try session.finish()
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }
}
