internal import Events
import Glibc
import Testing

@testable import Linux
@testable import Runner
@testable import Spawn

@Suite("What is decided about a job with a terminal of its own")
struct OwnTerminalDecisionsTests {
  private static let decisions = RunDecisions(host: "h", hasOwnTerminal: true)

  @Test(
    arguments: [
      (SIGWINCH, [.resizeTerminal]), (SIGTSTP, [.signalGroup(SIGSTOP), .stopSelf]),
      (SIGCONT, [.resumeJob]),
    ] as [(Int32, [RunDecisions.Action])])
  func `its window's size follows, and a stop that it would not feel is one that it feels`(
    signal: Int32, expected: [RunDecisions.Action]
  ) {
    let delivery = SignalQueue.Delivery(signal: signal, senderPID: 0, senderUID: 0)
    #expect(Self.decisions.received(delivery) == expected)
  }

  @Test func `its keys stop nobody but itself`() {
    var decisions = Self.decisions
    for signal in [SIGTSTP, SIGTTIN, SIGTTOU] {
      #expect(decisions.stopped(bySignal: signal, .nobody) == [.notePause(signal)])
    }
  }

  @Test func `Ctrl-C on it is an interrupt`() {
    let usage = ResourceUsage(
      userMicroseconds: 0, systemMicroseconds: 0, maxRSSBytes: 0, blocksIn: 0, blocksOut: 0)
    let end = ChildEnd(outcome: .killed(signal: SIGINT, coreDumped: false), usage: usage)
    #expect(Self.decisions.ending(end).state == .interrupted)
  }
}
