internal import Events
import Glibc
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

  @Test(arguments: [
    (SIGTERM, "signal TERM", "TERM"), (SIGINT, "signal INT", "INT"),
    (SIGHUP, "signal HUP", "HUP"), (SIGQUIT, "signal QUIT", "QUIT"),
  ])
  func `a signal that asks for the end is put on record before anything is done`(
    signal: Int32, reason: String, forJob: String
  ) {
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
    arguments: [
      (SIGTSTP, [.signalGroup(SIGTSTP), .stopSelf]), (SIGCONT, [.resumeJob]),
      // From somebody else than the kernel.
      (SIGCHLD, [.signalGroup(SIGCHLD)]),
    ] as [(Int32, [RunDecisions.Action])])
  func `other signals are passed on, or stop and continue job and taro`(
    signal: Int32, expected: [RunDecisions.Action]
  ) {
    #expect(Self.decisions().received(Self.delivery(signal)) == expected)
  }

  @Test func `every signal that can be caught reaches the job and ends nothing by itself`() {
    let others = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGCHLD]
    for signal in 1...Int32(64) where RunDecisions.signals.contains(signal) {
      guard !others.contains(signal) else { continue }
      #expect(Self.decisions().received(Self.delivery(signal)) == [.signalGroup(signal)])
    }
    let left = (1...Int32(64)).filter { !RunDecisions.signals.contains($0) }
    #expect(left == [SIGKILL, SIGSTOP, SIGTTIN, SIGTTOU])
  }

  @Test func `what this process was told to ignore is the job's affair alone`() {
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP] {
      let delivery = SignalQueue.Delivery(signal: signal, senderPID: 77, isIgnored: true)
      #expect(Self.decisions().received(delivery) == [.signalGroup(signal)])
      #expect(!RunDecisions.asksForEnd(delivery))
    }
  }

  @Test func `a child's end and a write of its own that failed concern nobody else`() {
    #expect(Self.decisions().received(Self.delivery(SIGCHLD, pid: 0)) == [])
    for signal in [SIGPIPE, SIGXFSZ, SIGTSTP] {
      #expect(Self.decisions().received(Self.delivery(signal, pid: getpid())) == [])
    }
  }

  @Test(arguments: [
    ("TERM", SIGTERM), ("HUP", SIGHUP), ("SIGUSR1", SIGUSR1), ("nonsense", SIGTERM),
    ("", SIGTERM),
  ])
  func `a recorded request is sent to the job, which goes on to take it`(
    name: String, signal: Int32
  ) {
    let (decisions, request) = (Self.decisions(), Self.request(name))
    #expect(
      decisions.recorded(.stopRequested, request)
        == [.deliver(.stopRequested, request, [signal, SIGCONT])])
  }

  @Test func `a kill is for every process of the job`() {
    let request = Self.request("KILL")
    #expect(
      Self.decisions().recorded(.stopRequested, request)
        == [.deliver(.stopRequested, request, [SIGKILL]), .killAll])
  }

  @Test func `a request that comes after the job's end reaches what is left, and decides nothing`()
  {
    var decisions = Self.decisions()
    let request = Self.request("TERM")
    #expect(
      decisions.recorded(.stopRequested, request, jobHasEnded: true)
        == [.deliver(.stopRequested, request, [SIGTERM, SIGCONT])])
    #expect(
      decisions.delivered(.stopRequested, request, refusal: nil, jobHasEnded: true)
        == [.expectEnd])
    #expect(decisions.asked == nil)
  }

  @Test(arguments: [EventKind.stopRequested, .interruptRequested, .signalRequested])
  func `a request that has not reached the job is told, and decides nothing`(kind: EventKind) {
    var decisions = Self.decisions()
    let request = Self.request("TERM")
    #expect(
      decisions.delivered(kind, request, refusal: Errno(EPERM))
        == [.notifyUndelivered(Undelivered(kind, request, error: "Operation not permitted"))])
    #expect(decisions.asked == nil)
    #expect(decisions.ending(Self.end(.exited(code: 0))).state == .completed)
  }

  @Test(
    arguments: [
      (SIGTSTP, .job, [.stopPipeline(SIGTSTP)]), (SIGTSTP, .own, [.notePause(SIGTSTP)]),
      (SIGTSTP, .others, [.notePause(SIGTSTP)]),
      (SIGTSTP, .nobody, [.notePause(SIGTSTP)]),
      (SIGTTIN, .job, [.resumeJob]), (SIGTTIN, .own, [.resumeJob]),
      (SIGTTIN, .others, [.stopPipeline(SIGTTIN)]), (SIGTTIN, .nobody, [.notePause(SIGTTIN)]),
      (SIGTTOU, .own, [.resumeJob]), (SIGTTOU, .others, [.stopPipeline(SIGTTOU)]),
      (SIGTTOU, .nobody, [.notePause(SIGTTOU)]),
      (SIGSTOP, .job, [.notePause(SIGSTOP)]), (SIGSTOP, .nobody, [.notePause(SIGSTOP)]),
    ] as [(Int32, TerminalHolder, [RunDecisions.Action])])
  func
    `a job that stops for the terminal gets it from who has it, else all stop; SIGSTOP is a pause`(
      signal: Int32, holder: TerminalHolder, expected: [RunDecisions.Action]
    )
  {
    var decisions = Self.decisions()
    #expect(decisions.stopped(bySignal: signal, holder) == expected)
  }

  @Test(
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
    ] as [(ChildEnd.Outcome, Bool, InstanceState, String?)])
  func `a job that nobody asked to end has ended by itself`(
    outcome: ChildEnd.Outcome, hadTerminal: Bool, state: InstanceState, reason: String?
  ) {
    let end = Self.end(outcome)
    let ending = Self.decisions(end, hadTerminal: hadTerminal).ending(end)
    #expect(ending.state == state)
    #expect(ending.reason == reason)
  }

  @Test(
    arguments: [
      .exited(code: 0), .exited(code: 3), .killed(signal: SIGTERM, coreDumped: false),
      .killed(signal: SIGINT, coreDumped: false), .killed(signal: SIGSEGV, coreDumped: true),
    ] as [ChildEnd.Outcome])
  func `a request that reached the job decides the state, whatever the job made of it`(
    outcome: ChildEnd.Outcome
  ) {
    for (kind, state) in [
      (EventKind.stopRequested, InstanceState.stopped), (.interruptRequested, .interrupted),
    ] {
      var decisions = Self.decisions()
      _ = decisions.delivered(kind, Self.request(reason: "why"), refusal: nil)
      let end = Self.end(outcome)
      decisions.ended(end, hadTerminal: true)
      let ending = decisions.ending(end)
      #expect(ending.state == state)
      #expect(ending.reason == "why")
      #expect(decisions.key == nil)
    }
  }

  @Test func `of several requests the first decides, and each reaches the job`() {
    var decisions = Self.decisions()
    for (kind, request) in [
      (EventKind.stopRequested, Self.request("TERM", reason: "first")),
      (.interruptRequested, Self.request("KILL", reason: "second")),
    ] { #expect(decisions.delivered(kind, request, refusal: nil) == [.expectEnd]) }
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
      #expect(
        decisions.recorded(kind, request) == [.deliver(kind, request, [SIGTERM, SIGCONT])])
      #expect(decisions.delivered(kind, request, refusal: nil) == [.expectEnd])
      let end = Self.end(outcome)
      #expect(decisions.ending(end).state == .interrupted)
      #expect(decisions.ending(end).reason == "timeout")
      #expect(decisions.processEnd(end) == ProcessEnd(code: 124))
    }
  }

  @Test func `who was asked to end before its time was over has its own exit code`() throws {
    var decisions = Self.decisions()
    _ = decisions.delivered(.stopRequested, Self.request(reason: "enough"), refusal: nil)
    let (kind, request) = try Self.ownRequest(decisions.timedOut())
    _ = decisions.delivered(kind, request, refusal: nil)
    let end = Self.end(.exited(code: 7))
    #expect(decisions.ending(end).state == .stopped)
    #expect(decisions.processEnd(end) == ProcessEnd(code: 7))
    // A reason is anybody's to give.
    decisions = Self.decisions()
    _ = decisions.delivered(.stopRequested, Self.request(reason: "timeout"), refusal: nil)
    #expect(decisions.processEnd(end) == ProcessEnd(code: 7))
  }

  @Test(arguments: [(5000, "5 s"), (1500, "1500 ms")] as [(Int64, String)])
  func `a job that does not end is killed, which does not change how the run is said to have ended`(
    milliseconds: Int64, text: String
  ) throws {
    var decisions = Self.decisions()
    _ = decisions.delivered(.stopRequested, Self.request(), refusal: nil)
    let (kind, request) = try Self.ownRequest(decisions.outlived(milliseconds))
    #expect(kind == .signalRequested)
    #expect(request.by.via == .runner)
    #expect(request.by.reason?.contains(text) == true)
    #expect(decisions.recorded(kind, request) == [.deliver(kind, request, [SIGKILL]), .killAll])
    #expect(decisions.delivered(kind, request, refusal: nil) == [])
    let end = Self.end(.killed(signal: SIGKILL, coreDumped: false))
    #expect(decisions.ending(end).state == .stopped)
    #expect(decisions.processEnd(end) == ProcessEnd(code: 137, signal: SIGKILL))
  }

  // MARK: Pausing and signals

  @Test func `a job is paused and goes on, and what the kernel says of it is noted`() {
    var decisions = Self.decisions()
    #expect(decisions.continued() == [])
    let (pause, resume) = (Self.request("STOP"), Self.request("CONT"))
    #expect(
      decisions.recorded(.pauseRequested, pause) == [.deliver(.pauseRequested, pause, [SIGSTOP])])
    #expect(decisions.stopped(bySignal: SIGSTOP, .nobody) == [.notePause(SIGSTOP)])
    #expect(
      decisions.recorded(.resumeRequested, resume)
        == [.deliver(.resumeRequested, resume, [SIGCONT])])
    #expect(decisions.continued() == [.noteResumption])
    #expect(decisions.continued() == [])
    #expect(decisions.asked == nil)
  }

  @Test func `what has ended is not paused`() {
    let decisions = Self.decisions()
    #expect(
      decisions.recorded(.pauseRequested, Self.request("STOP"), jobHasEnded: true) == [])
  }

  @Test(
    arguments: [("HUP", SIGHUP), ("RTMIN+3", 37), ("32", 32), ("nonsense", nil)]
      as [(String, Int32?)])
  func `a signal is passed on, and how the run ends is the job's affair`(
    name: String, signal: Int32?
  ) {
    var decisions = Self.decisions()
    let request = Self.request(name)
    let expected = signal.map { RunDecisions.Action.deliver(.signalRequested, request, [$0]) }
    #expect(decisions.recorded(.signalRequested, request) == [expected].compactMap { $0 })
    #expect(decisions.delivered(.signalRequested, request, refusal: nil) == [])
    #expect(decisions.asked == nil)
    #expect(decisions.ending(Self.end(.exited(code: 0))).state == .completed)
  }

  // MARK: Memory

  @Test(
    arguments: [
      (.killed(signal: SIGKILL, coreDumped: false), "oom"), (.exited(code: 137), "oom"),
      (.exited(code: 1), nil), (.killed(signal: SIGTERM, coreDumped: false), "signal TERM"),
    ] as [(ChildEnd.Outcome, String?)])
  func `a kill for lack of memory is named, and only where nobody had asked for an end`(
    outcome: ChildEnd.Outcome, reason: String?
  ) {
    var decisions = Self.decisions()
    let ending = decisions.ending(Self.end(outcome), wasOutOfMemory: { true })
    #expect(ending.state == .failed)
    #expect(ending.reason == reason)
    _ = decisions.delivered(.stopRequested, Self.request(), refusal: nil)
    #expect(decisions.ending(Self.end(outcome), wasOutOfMemory: { true }).state == .stopped)
  }

  @Test(
    arguments: [
      (SIGINT, true, true), (SIGQUIT, true, true), (SIGHUP, true, true), (SIGTERM, true, false),
      (SIGINT, false, false),
    ] as [(Int32, Bool, Bool)])
  func `keys of a terminal are a wish for the end, as requests are`(
    signal: Int32, hadTerminal: Bool, wasAsked: Bool
  ) {
    let end = Self.end(.killed(signal: signal, coreDumped: false))
    let decisions = Self.decisions(end, hadTerminal: hadTerminal)
    #expect(decisions.wasAskedToEnd == wasAsked)
    #expect(
      decisions.processEnd(end) == ProcessEnd(code: 128 + signal, signal: signal, isKey: wasAsked))
    var asked = Self.decisions()
    _ = asked.delivered(.stopRequested, Self.request("TERM"), refusal: nil)
    asked.ended(end, hadTerminal: hadTerminal)
    #expect(asked.wasAskedToEnd)
    #expect(asked.processEnd(end) == ProcessEnd(code: 128 + signal, signal: signal))
  }

  @Test func `a signal that somebody has sent through taro is no key`() {
    var decisions = Self.decisions()
    _ = decisions.delivered(.signalRequested, Self.request("INT"), refusal: nil)
    decisions.ended(Self.end(.killed(signal: SIGINT, coreDumped: false)), hadTerminal: true)
    #expect(decisions.key == nil)
    #expect(!decisions.wasAskedToEnd)
  }
}
