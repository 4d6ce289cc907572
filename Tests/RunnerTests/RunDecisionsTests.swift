import Glibc
import Ledger
import Spawn
import Testing

@testable import Linux
@testable import Runner

@Suite("What is decided about a running job")
struct RunDecisionsTests {
  private static func decisions(hasTerminal: Bool = false) -> RunDecisions {
    RunDecisions(host: "h", hasTerminal: hasTerminal)
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
    #expect(decisions.recorded(.stopRequested, Self.request(name)) == [.signalGroup(signal)])
  }

  @Test func `a request that comes after the job's end reaches what is left, and decides nothing`()
  {
    var decisions = Self.decisions()
    let actions = decisions.recorded(.stopRequested, Self.request("TERM"), jobHasEnded: true)
    #expect(actions == [.signalGroup(SIGTERM)])
    #expect(decisions.asked == nil)
  }

  @Test(
    "a job that was stopped takes taro along only where there is a terminal; SIGSTOP is a pause",
    arguments: [
      (SIGTSTP, true, [.stopPipeline]), (SIGTTIN, true, [.resumeJob]),
      (SIGTTOU, true, [.resumeJob]),
      (SIGSTOP, true, [.note(.paused)]), (SIGTSTP, false, []), (SIGTTIN, false, []),
      (SIGTTOU, false, []),
      (SIGSTOP, false, [.note(.paused)]),
    ] as [(Int32, Bool, [RunDecisions.Action])])
  func stopped(signal: Int32, hasTerminal: Bool, expected: [RunDecisions.Action]) {
    var decisions = Self.decisions(hasTerminal: hasTerminal)
    #expect(decisions.stopped(bySignal: signal) == expected)
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
      (.killed(signal: SIGINT, coreDumped: false), false, .failed, "signal INT"),
    ] as [(ChildEnd.Outcome, Bool, RunState, String?)])
  func ownEnd(outcome: ChildEnd.Outcome, hasTerminal: Bool, state: RunState, reason: String?) {
    let ending = Self.decisions(hasTerminal: hasTerminal).ending(Self.end(outcome))
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
      var decisions = Self.decisions(hasTerminal: true)
      _ = decisions.recorded(kind, Self.request(reason: "why"))
      let ending = decisions.ending(Self.end(outcome))
      #expect(ending.state == state)
      #expect(ending.reason == "why")
    }
  }

  @Test("of several requests the first decides, and each reaches the job")
  func firstRequest() {
    var decisions = Self.decisions()
    #expect(
      decisions.recorded(.stopRequested, Self.request("TERM", reason: "first"))
        == [.signalGroup(SIGTERM)])
    #expect(
      decisions.recorded(.interruptRequested, Self.request("KILL", reason: "second"))
        == [.signalGroup(SIGKILL)])
    let ending = decisions.ending(Self.end(.killed(signal: SIGKILL, coreDumped: false)))
    #expect(ending.state == .stopped)
    #expect(ending.reason == "first")
  }
}
