internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Without a terminal of taro's own, as in cron.
@Suite(.temporaryDirectory) struct ExecPtyTests {
  @Test func `the job leads a session with a terminal of its own`() throws {
    let taro = try TaroProgram()
    let script = """
      test -t 0 && test -t 1 && test -t 2 && stty size && tty
      ps -o pid=,pgid=,sid=,tpgid= -p $$ | xargs -n 1 | sort -u | wc -l
      exec 3</dev/tty && echo its own
      exit 3
      """
    let result = try taro.run("exec", "--id", "a", "--pty", "sh", "-c", script)
    result.expect(code: 3, stderr: "")
    let lines = result.text.split(separator: "\r\n").map(String.init)
    #expect(lines.count == 4, "\(result)")
    #expect(lines.first == "24 80")
    #expect(lines.dropFirst().first?.hasPrefix("/dev/pts/") == true)
    #expect(lines.suffix(2) == ["1", "its own"])
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.output?.stdoutBytes == Int64(result.stdout.count))
    let recorded = try taro.run("output", "a").expect(code: 0, stderr: "")
    #expect(recorded.stdout == result.stdout)
  }

  @Test(arguments: ["one\ntwo\n", "one\ntwo", ""])
  func `stdin is typed without echo, and its end is the end of the job's`(input: String) throws {
    let taro = try TaroProgram()
    try Files.write(Array(input.utf8), to: "\(taro.work)/input")
    let result = try taro.run("exec", "--pty", "sh", "-c", "cat; echo end") {
      $0.stdin = .file("\(taro.work)/input")
    }
    let shown = input.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\r\n")
    result.expect(code: 0, stdout: shown + "end\r\n", stderr: "")
  }

  @Test func `much goes in and out whole`() throws {
    let taro = try TaroProgram()
    try taro.shell("seq 100000 >input").expect(code: 0)
    let input = try Files.text("\(taro.work)/input")
    let result = try taro.run("exec", "--pty", "cat") { $0.stdin = .file("\(taro.work)/input") }
    result.expect(code: 0, stderr: "")
    let lines = input.split(separator: "\n")
    result.expectStdout(Array((lines.joined(separator: "\r\n") + "\r\n").utf8))
  }

  /// As those of coreutils do before they end. A hang-up then would kill it.
  @Test func `a job that closes its terminal goes on`() throws {
    let taro = try TaroProgram()
    let script = "echo out; exec <&- >&- 2>&-; sleep 0.3; exit 3"
    try taro.run("exec", "--id", "a", "--pty", "sh", "-c", script)
      .expect(code: 3, stdout: "out\r\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.exitCode, is: 3)
  }

  @Test func `a byte that is a key acts as one`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "--pty", "sh", "-c", "echo ready; exec cat") {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready\r")
    try process.write("\u{3}")
    try process.finish().expect(code: 128 + SIGINT)
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.signal == "INT")
  }

  @Test func `a stop reaches the job`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "--pty", "sh", "-c", "echo ready; exec cat") {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready\r")
    try taro.run("stop", "--force", "a").expect(code: 0)
    try process.finish().expect(code: 128 + SIGTERM)
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `when the reader of its output goes away it is hung up`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "--id", "a", "--pty", "yes") { $0.stdin = .pipe }
    try expect(process.readLine(), is: "y\r")
    process.closeReader(.stdout)
    try process.finish().expect(code: 128 + SIGHUP)
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "HUP")
  }

  @Test func `where there is no terminal to have the job runs without`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--pty", "sh", "-c", "test -t 1 || echo none") {
      $0.wrapper = [
        "strace", "-qq", "-f", "-o", "trace", "-P", "/dev/ptmx", "-e",
        "inject=openat:error=ENOSPC",
      ]
    }.expect(code: 0, stdout: "none\n").expectOneLine(about: "terminal", "No space left on device")
  }

  @Test func `it can be had with other ways of starting`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--pty", "--quiet-on-success", "--umask", "27", "--cwd", "/", "sh", "-c",
      "pwd; umask; exit 1"
    ).expect(code: 1, stdout: "/\r\n0027\r\n", stderr: "")
  }

  @Test func `a run that is repeated has a terminal again`() throws {
    let taro = try TaroProgram()
    for words in [["exec", "--id", "a", "--pty", "stty", "size"], ["rerun", "a"]] {
      try taro.start(bytes: words.map { Array($0.utf8) }).finish()
        .expect(code: 0, stdout: "24 80\r\n", stderr: "")
      try expect(taro.created(ofJob: "a")?.hasOwnTerminal, is: true)
    }
  }

  @Test func `it cannot be had with -b`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "-b", "--pty", "true").expect(code: 64, stdout: "")
    #expect(result.stderr.contains("--pty"), "\(result)")
  }
}

/// With taro on a terminal.
@Suite(.temporaryDirectory) struct ExecPtyOnTerminalTests {
  private static let comparesModes = "test \"$(stty -g)\" = \"$before\" && echo 'the same modes'"

  @Test func `what is typed reaches the job, and the terminal has its modes back`() throws {
    let taro = try TaroProgram()
    let script = """
      before=$(stty -g)
      "$TARO" exec --id a --pty sh -c 'echo ready; read x; echo "got $x"; exit 3'; echo "code $?"
      \(Self.comparesModes)
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("ready")
    try session.type("typed\r")
    try session.expect("got typed")
    try session.expect("code 3")
    try session.expect("the same modes")
    try session.finish()
  }

  @Test func `Ctrl-C reaches the job through its own terminal`() throws {
    let taro = try TaroProgram()
    let script = """
      "$TARO" exec --id a --pty sh -c 'echo ready; read x'; echo "code $?"
      read x; echo "got $x"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("ready")
    try session.type("\u{3}")
    try session.expect("code 130")
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
    try expect(taro.ending(ofJob: "a")?.state, is: .interrupted)
  }

  @Test func `the window's size is the job's, and follows`() throws {
    let taro = try TaroProgram()
    let job = "trap 'stty size' WINCH; stty size; while :; do sleep 1000 & wait; done"
    try Files.write(Array(job.utf8), to: "\(taro.work)/job")
    let session = try TerminalSession(taro, ["sh", "-c", "\"$TARO\" exec --pty sh job; :"])
    // Whichever comes first, the start or the size.
    session.resize(rows: 33, columns: 99)
    try session.expect("33 99")
    session.resize(rows: 44, columns: 111)
    try session.expect("44 111")
    try session.type("\u{3}")
    try session.finish()
  }

  /// SIGTERM interrupts the job; SIGALRM kills taro on the spot.
  @Test(arguments: [SIGTERM, SIGALRM])
  func `a signal that ends taro leaves no transparent terminal`(signal: Int32) throws {
    let taro = try TaroProgram()
    let script = """
      before=$(stty -g)
      "$TARO" exec --id a --pty sh -c 'echo ready; read x'; echo "code $?"
      \(Self.comparesModes)
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("ready")
    let runner = Int32(try #require(try taro.created(ofJob: "a")).runnerPID)
    kill(runner, signal)
    try session.expect("code \(128 + signal)")
    try session.expect("the same modes")
    try session.finish()
  }

  @Test func `a stopped taro stops its job, and leaves the terminal to the shell`() throws {
    let taro = try TaroProgram()
    try Files.write(Array("echo ready; read x; echo got $x\n".utf8), to: "\(taro.work)/job")
    let session = try TerminalSession(taro, ["sh", "-i"])
    try session.type("before=$(stty -g); \"$TARO\" exec --id a --pty sh job\n")
    try session.expect("ready")
    let running = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    let pid = Int32(Running(running.json).pid)
    kill(Int32(try #require(try taro.created(ofJob: "a")).runnerPID), SIGTSTP)
    try session.expect("Stopped")
    try eventually("the job is stopped, too") { ProcessState.isStopped(pid) }
    try session.type("\(Self.comparesModes)\n")
    try session.expect("the same modes")
    try session.type("fg\n")
    try eventually("it goes on") { !ProcessState.isStopped(pid) }
    try session.type("typed\r")
    try session.expect("got typed")
    // Before that, what is typed would be the job's.
    try session.expect("prompt ")
    try session.type("exit\n")
    try session.finish()
  }

  @Test func `in the background it runs, and touches the terminal not`() throws {
    let taro = try TaroProgram()
    let script = """
      set -m
      "$TARO" exec --pty sh -c 'stty size; exit 3' & wait $!; echo "code $?"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("code 3")
    try session.finish()
  }
}
