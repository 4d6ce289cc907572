internal import Events
import Glibc
import Ledger
import Linux
import Spawn
import TestSupport
import Testing

/// Signals that ask for no end, and what the job gets of the caller's mask and dispositions.
@Suite(.temporaryDirectory) struct ExecSignalPassingTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Says which signals come, after "ready".
  private static let handlers = """
    use POSIX; $| = 1;
    for my $n (1..31, 34..64) { next if $n =~ /^(9|18|19)$/;
      POSIX::sigaction($n, POSIX::SigAction->new(sub { syswrite STDOUT, "$n\\n" })) or die }
    print "ready\\n"; sleep 1 while 1;
    """

  @Test func `every signal that can be caught is passed on, and ends nothing by itself`() throws {
    let process = try taro.start("exec", "--id", "a", "perl", "-e", Self.handlers)
    try expect(process.readLine(), is: "ready")
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    let stopping = [SIGKILL, SIGSTOP, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU]
    for signal in (1...Int32(64)) where signal != 32 && signal != 33 && !stopping.contains(signal) {
      process.signal(signal)
      try expect(process.readLine(), is: "\(signal)")
    }
    try taro.run("stop", "--force", "--kill", "--wait", "30s", "a").expect(code: 0)
    try process.finish().expect(code: 137, stdout: "")
    let requests = try taro.events(ofJob: "a").filter { $0.kind == .interruptRequested }
    #expect(
      requests.map { ControlRequest($0.json).signal } == ["HUP", "INT", "QUIT", "TERM"])
  }

  /// The C library keeps these for itself, and its own functions refuse them.
  @Test(arguments: [32, 33] as [Int32])
  func `so are those that the C library keeps for itself`(signal: Int32) throws {
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "echo ready; exec sleep 100")
    try expect(process.readLine(), is: "ready")
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(signal)
    try process.finish().expect(code: 128 + signal, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.reason, is: "signal \(Signals.name(signal))")
  }

  /// An alarm that fires before the job has begun ends taro, as it would end the job: then a later one is tried.
  @Test func `an alarm that was set before taro ends the job as it would without`() throws {
    for alarm in [1, 8, 60] {
      let result = try taro.run("exec", "--id", "a", "sh", "-c", "sleep 90; touch marker") {
        $0.wrapper = ["perl", "-e", "alarm \(alarm); exec @ARGV"]
      }
      result.expect(code: 142)
      guard Files.exists(taro.ledger.path), let end = try taro.ending(ofJob: "a"),
        end.state != .cancelled
      else { continue }
      #expect(end.state == .failed)
      #expect(end.ending.signal == "ALRM")
      #expect(!Files.exists("\(taro.work)/marker"))
      return
    }
    Issue.record("no alarm came to the job")
  }

  @Test func `a signal that comes before the job is there waits for it`() throws {
    let process = try taro.start(
      "exec", "--id", "a", "--pending", "gate", "sleep", "60")
    _ = try taro.waitForLedger("pending") { $0.kind == .state(.pending) }
    process.signal(SIGALRM)
    // Seen after the first, in order.
    process.signal(SIGURG)
    try taro.run("release", "gate").expect(code: 0)
    try process.finish().expect(code: 142)
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "ALRM")
  }

  /// What a job sees of signals, without taro and under it, started by whoever has changed all it can.
  @Test(arguments: [[], ["--cwd", "/"], ["--pty"]])
  func `the job has the caller's mask and dispositions`(options: [String]) throws {
    let caller = """
      use POSIX; sigprocmask(SIG_SETMASK, POSIX::SigSet->new(SIGUSR1, SIGTERM, SIGCHLD, 34, 61));
      $SIG{$_} = "IGNORE" for qw(HUP CHLD PIPE XFSZ NUM61 ALRM); exec @ARGV
      """
    let look = ["grep", "-E", "^(SigBlk|SigIgn|SigCgt|SigPnd|ShdPnd):", "/proc/self/status"]
    // The program, with which the words would end, is not run.
    let plain = try taro.run {
      $0.wrapper = ["perl", "-e", "pop; \(caller)"] + look
    }
    let words = ["exec", "--id", "a"] + options + ["--"] + look
    let under = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.wrapper = ["perl", "-e", caller]
    }.finish()
    #expect(under.text.replacing("\r\n", with: "\n") == plain.text)
    #expect(plain.lines.count == 5)
    let blocked = try #require(plain.lines.first { $0.hasPrefix("SigBlk:") })
    #expect(blocked.hasSuffix("1000000200014200"))
  }

  @Test func `a fault of the job's own is not taken for one of taro's`() throws {
    try taro.run("exec", "--id", "a", "sh", "-c", "ulimit -c 0; kill -SEGV $$")
      .expect(code: 139)
    try expect(taro.ending(ofJob: "a")?.ending.reason, is: "signal SEGV")
  }
}

extension TaroProgram {
  /// Waits until there is a ledger, and such an event in it.
  fileprivate func waitForLedger(
    _ what: String, _ isWanted: (Event) -> Bool
  ) throws -> Event {
    try eventually("there is a ledger") { (try? LedgerReader(ledger)) != nil }
    return try waitForEvent(what, isWanted)
  }
}
