import Glibc
import Ledger
import Spawn
import Testing

@testable import Linux
@testable import Runner

@Suite("What is decided about a running job")
struct RunDecisionsTests {
  private static func decisions() -> RunDecisions { RunDecisions(host: "h") }

  /// As of a job that has ended so.
  private static func decisions(_ end: ChildEnd, hadTerminal: Bool) -> RunDecisions {
    var decisions = decisions()
    decisions.ended(end, hadTerminal: hadTerminal)
    return decisions
  }

  private static func delivery(_ signal: Int32, pid: Int32 = 77) -> SignalQueue.Delivery {
    SignalQueue.Delivery(signal: signal, senderPID: pid, senderUID: 0)
  }

  private static func end(_ outcome: ChildEnd.Outcome) -> ChildEnd {
    ChildEnd(
      outcome: outcome,
      usage: ResourceUsage(
        userMicroseconds: 0, systemMicroseconds: 0, maxRSSBytes: 0, blocksIn: 0, blocksOut: 0))
  }

  private static func request(_ signal: String = "TERM", reason: String? = nil) -> ControlRequest {
    var request = ControlRequest()
    request.signal = signal
    request.by.reason = reason
    return request
  }

  @Test(
    "a signal that asks for the end is put on record before anything is done",
    arguments: [
      (SIGTERM, "signal TERM", "TERM"), (SIGINT, "signal INT", "TERM"),
      (SIGHUP, "signal HUP", "HUP"), (SIGQUIT, "signal QUIT", "QUIT"),
    ])
  func requests(signal: Int32, reason: String, forJob: String) {
    for pid in [0, 77] as [Int32] {
      var expected = ControlRequest()
      expected.by.uid = 0
      expected.by.user = Users.name(of: 0)
      expected.by.pid = Int64(pid)
      expected.by.host = "h"
      expected.by.via = .signal
      expected.by.reason = reason
      expected.signal = forJob
      #expect(
        Self.decisions().received(Self.delivery(signal, pid: pid))
          == [.record(.interruptRequested, expected)])
    }
  }

  @Test(
    "other signals are passed on, or stop and continue job and taro",
    arguments: [
      (SIGUSR1, [.signalGroup(SIGUSR1)]), (SIGUSR2, [.signalGroup(SIGUSR2)]),
      (SIGTSTP, [.signalGroup(SIGTSTP), .stopSelf]), (SIGCONT, [.resumeJob]), (SIGCHLD, []),
    ] as [(Int32, [RunDecisions.Action])])
  func otherSignals(signal: Int32, expected: [RunDecisions.Action]) {
    #expect(Self.decisions().received(Self.delivery(signal)) == expected)
  }

  @Test("every signal that is taken in is decided about")
  func allSignals() {
    for signal in RunDecisions.signals where signal != SIGCHLD {
      #expect(!Self.decisions().received(Self.delivery(signal)).isEmpty, "signal \(signal)")
    }
  }

  @Test(
    "a recorded request reaches the job's whole group",
    arguments: [
      ("TERM", SIGTERM), ("KILL", SIGKILL), ("HUP", SIGHUP), ("SIGUSR1", SIGUSR1),
      ("nonsense", SIGTERM), ("", SIGTERM),
    ])
  func recorded(name: String, signal: Int32) {
    var decisions = Self.decisions()
    #expect(
      decisions.recorded(.stopRequested, Self.request(name)) == [.signalGroup(signal), .expectEnd])
  }

  @Test func `a request that comes after the job's end reaches what is left, and decides nothing`()
  {
    var decisions = Self.decisions()
    let actions = decisions.recorded(.stopRequested, Self.request("TERM"), jobHasEnded: true)
    #expect(actions == [.signalGroup(SIGTERM), .expectEnd])
    #expect(decisions.asked == nil)
  }

  @Test(
    "a job that stops for the terminal gets it from who has it, else all stop; SIGSTOP is a pause",
    arguments: [
      (SIGTSTP, .job, [.stopPipeline(SIGTSTP)]), (SIGTSTP, .own, []), (SIGTSTP, .others, []),
      (SIGTSTP, .nobody, []),
      (SIGTTIN, .job, [.resumeJob]), (SIGTTIN, .own, [.resumeJob]),
      (SIGTTIN, .others, [.stopPipeline(SIGTTIN)]), (SIGTTIN, .nobody, []),
      (SIGTTOU, .own, [.resumeJob]), (SIGTTOU, .others, [.stopPipeline(SIGTTOU)]),
      (SIGTTOU, .nobody, []),
      (SIGSTOP, .job, [.note(.paused)]), (SIGSTOP, .nobody, [.note(.paused)]),
    ] as [(Int32, TerminalHolder, [RunDecisions.Action])])
  func stopped(signal: Int32, holder: TerminalHolder, expected: [RunDecisions.Action]) {
    var decisions = Self.decisions()
    #expect(decisions.stopped(bySignal: signal, holder) == expected)
  }

  @Test(
    "a job that nobody asked to end has ended by itself",
    arguments: [
      (.exited(code: 0), false, .completed, nil), (.exited(code: 1), false, .failed, nil),
      (.exited(code: 143), false, .failed, nil),
      (.killed(signal: SIGSEGV, coreDumped: true), false, .failed, "signal SEGV"),
      (.killed(signal: SIGKILL, coreDumped: false), true, .failed, "signal KILL"),
      (.killed(signal: SIGTERM, coreDumped: false), true, .failed, "signal TERM"),
      // A key on the terminal reaches the job alone.
      (.killed(signal: SIGINT, coreDumped: false), true, .interrupted, "signal INT"),
      (.killed(signal: SIGQUIT, coreDumped: true), true, .interrupted, "signal QUIT"),
      // So does the end of the terminal.
      (.killed(signal: SIGHUP, coreDumped: false), true, .interrupted, "signal HUP"),
      (.killed(signal: SIGHUP, coreDumped: false), false, .failed, "signal HUP"),
      (.killed(signal: SIGINT, coreDumped: false), false, .failed, "signal INT"),
    ] as [(ChildEnd.Outcome, Bool, RunState, String?)])
  func ownEnd(outcome: ChildEnd.Outcome, hadTerminal: Bool, state: RunState, reason: String?) {
    let end = Self.end(outcome)
    let ending = Self.decisions(end, hadTerminal: hadTerminal).ending(end)
    #expect(ending.state == state)
    #expect(ending.reason == reason)
  }

  @Test(
    "a request that reached the job decides the state, whatever the job made of it",
    arguments: [
      .exited(code: 0), .exited(code: 3), .killed(signal: SIGTERM, coreDumped: false),
      .killed(signal: SIGINT, coreDumped: false), .killed(signal: SIGSEGV, coreDumped: true),
    ] as [ChildEnd.Outcome])
  func askedEnd(outcome: ChildEnd.Outcome) {
    for (kind, state) in [
      (EventKind.stopRequested, RunState.stopped), (.interruptRequested, .interrupted),
    ] {
      var decisions = Self.decisions()
      _ = decisions.recorded(kind, Self.request(reason: "why"))
      let end = Self.end(outcome)
      decisions.ended(end, hadTerminal: true)
      let ending = decisions.ending(end)
      #expect(ending.state == state)
      #expect(ending.reason == "why")
      #expect(decisions.key == nil)
    }
  }

  @Test("of several requests the first decides, and each reaches the job")
  func firstRequest() {
    var decisions = Self.decisions()
    #expect(
      decisions.recorded(.stopRequested, Self.request("TERM", reason: "first"))
        == [.signalGroup(SIGTERM), .expectEnd])
    #expect(
      decisions.recorded(.interruptRequested, Self.request("KILL", reason: "second"))
        == [.signalGroup(SIGKILL), .expectEnd])
    let ending = decisions.ending(Self.end(.killed(signal: SIGKILL, coreDumped: false)))
    #expect(ending.state == .stopped)
    #expect(ending.reason == "first")
  }

  // MARK: Time

  /// The request that a deadline makes.
  private static func ownRequest(_ actions: [RunDecisions.Action]) throws -> (
    EventKind, ControlRequest
  ) {
    guard case .record(let kind, let request) = try #require(actions.first), actions.count == 1
    else { throw NoRequest() }
    return (kind, request)
  }

  struct NoRequest: Error {}

  @Test func `a job whose time is over is interrupted, and the exit code is 124`() throws {
    for outcome in [
      .exited(code: 0), .exited(code: 3), .killed(signal: SIGTERM, coreDumped: false),
    ] as [ChildEnd.Outcome] {
      var decisions = Self.decisions()
      let (kind, request) = try Self.ownRequest(decisions.timedOut())
      #expect(kind == .interruptRequested)
      #expect(request.by.via == .runner)
      #expect(request.signal == "TERM")
      #expect(decisions.recorded(kind, request) == [.signalGroup(SIGTERM), .expectEnd])
      let end = Self.end(outcome)
      #expect(decisions.ending(end).state == .interrupted)
      #expect(decisions.ending(end).reason == "timeout")
      #expect(decisions.processEnd(end) == ProcessEnd(code: 124))
    }
  }

  @Test func `who was asked to end before its time was over has its own exit code`() throws {
    var decisions = Self.decisions()
    _ = decisions.recorded(.stopRequested, Self.request(reason: "enough"))
    let (kind, request) = try Self.ownRequest(decisions.timedOut())
    _ = decisions.recorded(kind, request)
    let end = Self.end(.exited(code: 7))
    #expect(decisions.ending(end).state == .stopped)
    #expect(decisions.processEnd(end) == ProcessEnd(code: 7))
    // A reason is anybody's to give.
    decisions = Self.decisions()
    _ = decisions.recorded(.stopRequested, Self.request(reason: "timeout"))
    #expect(decisions.processEnd(end) == ProcessEnd(code: 7))
  }

  @Test(
    "a job that does not end is killed, which does not change how the run is said to have ended",
    arguments: [(5000, "5 s"), (1500, "1500 ms")] as [(Int64, String)])
  func outlived(milliseconds: Int64, text: String) throws {
    var decisions = Self.decisions()
    _ = decisions.recorded(.stopRequested, Self.request())
    let (kind, request) = try Self.ownRequest(decisions.outlived(milliseconds))
    #expect(kind == .signalRequested)
    #expect(request.by.via == .runner)
    #expect(request.by.reason?.contains(text) == true)
    #expect(decisions.recorded(kind, request) == [.signalGroup(SIGKILL)])
    let end = Self.end(.killed(signal: SIGKILL, coreDumped: false))
    #expect(decisions.ending(end).state == .stopped)
    #expect(decisions.processEnd(end) == ProcessEnd(code: 137, signal: SIGKILL))
  }

  // MARK: Pausing and signals

  @Test func `a job is paused and goes on, and what the kernel says of it is noted`() {
    var decisions = Self.decisions()
    #expect(decisions.continued() == [])
    #expect(
      decisions.recorded(.pauseRequested, Self.request("STOP")) == [.signalGroup(SIGSTOP)])
    #expect(decisions.stopped(bySignal: SIGSTOP, .nobody) == [.note(.paused)])
    #expect(
      decisions.recorded(.resumeRequested, Self.request("CONT")) == [.signalGroup(SIGCONT)])
    #expect(decisions.continued() == [.note(.resumed)])
    #expect(decisions.continued() == [])
    #expect(decisions.asked == nil)
  }

  @Test func `a paused job that is to end goes on, so that its signal arrives`() {
    var decisions = Self.decisions()
    _ = decisions.stopped(bySignal: SIGSTOP, .nobody)
    #expect(
      decisions.recorded(.stopRequested, Self.request())
        == [.signalGroup(SIGTERM), .signalGroup(SIGCONT), .expectEnd])
  }

  @Test func `what has ended is not paused`() {
    var decisions = Self.decisions()
    #expect(
      decisions.recorded(.pauseRequested, Self.request("STOP"), jobHasEnded: true) == [])
  }

  @Test(
    "a signal is passed on, and how the run ends is the job's affair",
    arguments: [
      ("HUP", [.signalGroup(SIGHUP)]), ("RTMIN+3", [.signalGroup(37)]),
      ("32", [.signalGroup(32)]), ("nonsense", []),
    ] as [(String, [RunDecisions.Action])])
  func signals(name: String, expected: [RunDecisions.Action]) {
    var decisions = Self.decisions()
    #expect(decisions.recorded(.signalRequested, Self.request(name)) == expected)
    #expect(decisions.asked == nil)
    #expect(decisions.ending(Self.end(.exited(code: 0))).state == .completed)
  }

  // MARK: Memory

  @Test(
    "a kill for lack of memory is named, and only where nobody had asked for an end",
    arguments: [
      (.killed(signal: SIGKILL, coreDumped: false), "oom"), (.exited(code: 137), "oom"),
      (.exited(code: 1), nil), (.killed(signal: SIGTERM, coreDumped: false), "signal TERM"),
    ] as [(ChildEnd.Outcome, String?)])
  func outOfMemory(outcome: ChildEnd.Outcome, reason: String?) {
    var decisions = Self.decisions()
    let ending = decisions.ending(Self.end(outcome), wasOutOfMemory: { true })
    #expect(ending.state == .failed)
    #expect(ending.reason == reason)
    _ = decisions.recorded(.stopRequested, Self.request())
    #expect(decisions.ending(Self.end(outcome), wasOutOfMemory: { true }).state == .stopped)
  }

  @Test(
    "keys of a terminal are a wish for the end, as requests are",
    arguments: [
      (SIGINT, true, true), (SIGQUIT, true, true), (SIGHUP, true, true), (SIGTERM, true, false),
      (SIGINT, false, false),
    ] as [(Int32, Bool, Bool)])
  func keys(signal: Int32, hadTerminal: Bool, wasAsked: Bool) {
    let end = Self.end(.killed(signal: signal, coreDumped: false))
    let decisions = Self.decisions(end, hadTerminal: hadTerminal)
    #expect(decisions.wasAskedToEnd == wasAsked)
    #expect(
      decisions.processEnd(end) == ProcessEnd(code: 128 + signal, signal: signal, isKey: wasAsked))
    var asked = Self.decisions()
    _ = asked.recorded(.stopRequested, Self.request("TERM"))
    asked.ended(end, hadTerminal: hadTerminal)
    #expect(asked.wasAskedToEnd)
    #expect(asked.processEnd(end) == ProcessEnd(code: 128 + signal, signal: signal))
  }

  @Test func `a signal that somebody has sent through taro is no key`() {
    var decisions = Self.decisions()
    _ = decisions.recorded(.signalRequested, Self.request("INT"))
    decisions.ended(Self.end(.killed(signal: SIGINT, coreDumped: false)), hadTerminal: true)
    #expect(decisions.key == nil)
    #expect(!decisions.wasAskedToEnd)
  }
}
