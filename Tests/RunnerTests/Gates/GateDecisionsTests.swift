internal import Events
import TestSupport
import Testing

@testable import Projections
@testable import Runner

@Suite("What an instance's gates decide")
struct GateDecisionsTests {
  @Test func `without gates it starts`() {
    var decisions = GateSample.decisions { _ in }
    #expect(decisions.decide(GateSample.moment([GateSample.record(3)])) == .start)
  }

  // MARK: Time

  @Test func `a delay counts from the creation`() {
    var decisions = GateSample.decisions { $0.delay = 500 }
    let cause = GateSample.cause { $0.until = 1_000_300 }
    #expect(
      decisions.decide(GateSample.moment(boot: 1200))
        == .wait(.waiting, cause, GateDecisions.Wakers(after: 300)))
    #expect(decisions.decide(GateSample.moment(boot: 1500)) == .start)
  }

  @Test func `a time is one of the wall clock, and the later of two counts`() {
    var decisions = GateSample.decisions { $0.notBefore = 1_000_700 }
    let cause = GateSample.cause { $0.until = 1_000_700 }
    #expect(
      decisions.decide(GateSample.moment(boot: 9_999_999))
        == .wait(.waiting, cause, GateDecisions.Wakers(after: 700)))
    #expect(decisions.decide(GateSample.moment(wall: 1_000_700)) == .start)
    let both = GateSample.decisions {
      $0.notBefore = 1_000_700
      $0.delay = 900
    }
    #expect(both.timeLeft(wallNow: 1_000_000, bootNow: 1000) == 900)
    #expect(both.timeLeft(wallNow: 1_000_000, bootNow: 1500) == 700)
    #expect(both.timeLeft(wallNow: 1_000_700, bootNow: 1900) == 0)
  }

  @Test func `times as large as there are do not overflow`() {
    let decisions = GateSample.decisions {
      $0.delay = 1 << 60
      $0.notBefore = WallTime(1 << 60)
    }
    #expect(decisions.timeLeft(wallNow: 0, bootNow: 0) > 1 << 59)
  }

  // MARK: Latch

  @Test func `a latch keeps it until it is released after it began to wait`() {
    var decisions = GateSample.decisions { $0.latch = "l" }
    let before = (Seq(11), Released(latch: "l"))
    let cause = GateSample.cause { $0.latch = "l" }
    let pending = GateDecisions.Verdict.wait(.pending, cause, GateDecisions.Wakers())
    #expect(decisions.decide(GateSample.moment(releases: [before])) == pending)
    decisions.appendedPending(at: 12)
    #expect(decisions.decide(GateSample.moment(releases: [before])) == pending)
    #expect(
      decisions.decide(GateSample.moment(releases: [before, (13, Released(latch: "l"))])) == .start)
    // Passed is passed.
    #expect(decisions.decide(GateSample.moment(releases: [])) == .start)
  }

  @Test func `a latch that is held open lets pass at once, until it is closed`() {
    let open = (Seq(2), Released(latch: "l", holdsOpen: true))
    var decisions = GateSample.decisions { $0.latch = "l" }
    #expect(decisions.decide(GateSample.moment(releases: [open])) == .start)
    decisions = GateSample.decisions { $0.latch = "l" }
    let closed = (Seq(3), Released(latch: "l"))
    guard
      case .wait(.pending, _, _) = decisions.decide(GateSample.moment(releases: [open, closed]))
    else {
      Issue.record("a closed latch")
      return
    }
  }

  // MARK: Dependency

  @Test func `it runs only while what it depends on is live`() {
    let missing = GateDecisions.Verdict.end(
      .dependencyNotRunning, reason: "no instance of a or b* is running")
    var decisions = GateSample.decisions { $0.dependsOn = ["a", "b*"] }
    #expect(decisions.decide(GateSample.moment()) == missing)
    #expect(decisions.decide(GateSample.moment([GateSample.record(3, "c")])) == missing)
    #expect(
      decisions.decide(GateSample.moment(orphans: [GateSample.record(3, "a", .lost)])) == missing)
    for (seq, job) in [(3, "a"), (3, "bee"), (12, "a")] as [(Seq, String)] {
      #expect(decisions.decide(GateSample.moment([GateSample.record(seq, job)])) == .start)
    }
  }

  @Test func `it is no dependency of its own`() {
    var decisions = GateSample.decisions { $0.dependsOn = ["job"] }
    let own = LiveInstances.Member(
      InstanceRecord(
        createdSeq: GateSample.seq, instance: decisions.instance, job: "job", createdAt: 1,
        createdData: ""))
    guard case .end(.dependencyNotRunning, _) = decisions.decide(GateSample.moment([own])) else {
      Issue.record("it depends on itself")
      return
    }
  }

  // MARK: No overlap

  @Test(arguments: [InstanceState.created, .pending, .waiting, .running])
  func `it is skipped beside an earlier instance of its job, in whatever state`(
    state: InstanceState
  ) {
    var decisions = GateSample.decisions { $0.noOverlap = true }
    let other = GateSample.record(3, "job", state)
    #expect(
      decisions.decide(GateSample.moment([other]))
        == .end(.skipped, reason: "\(other.name) is live"))
  }

  @Test func `neither later ones nor those of other jobs are in its way`() {
    var decisions = GateSample.decisions { $0.noOverlap = true }
    let others = [
      GateSample.record(11), GateSample.record(3, "other"),
      GateSample.record(4, "other", group: "job"),
    ]
    #expect(decisions.decide(GateSample.moment(others)) == .start)
  }

  @Test func `a command that was left behind is in its way`() {
    var decisions = GateSample.decisions { $0.noOverlap = true }
    let orphan = GateSample.record(3, "job", .lost)
    #expect(
      decisions.decide(GateSample.moment(orphans: [orphan]))
        == .end(.skipped, reason: "\(orphan.name) is lost, and its command still runs"))
  }

  // MARK: All of them

  @Test func `gates are asked in their order`() {
    let all = GateSample.decisions {
      $0.delay = 500
      $0.latch = "l"
      $0.after = ["a"]
      $0.dependsOn = ["d"]
      $0.noOverlap = true
      $0.limit = 1
    }
    let (after, beside, dependency) = (
      GateSample.record(1, "a"), GateSample.record(2), GateSample.record(3, "d")
    )
    var ended = after
    ended.state = .completed
    let open = (Seq(4), Released(latch: "l", holdsOpen: true))
    var decisions = all
    #expect(Self.kind(decisions.decide(GateSample.moment([after, beside]))) == "until")
    #expect(Self.kind(decisions.decide(GateSample.moment([after, beside], boot: 2000))) == "latch")
    func later(_ live: [LiveInstances.Member], ended: [LiveInstances.Member] = [])
      -> GateDecisions.Moment
    {
      GateSample.moment(live, ended: ended, releases: [open], boot: 2000)
    }
    #expect(Self.kind(decisions.decide(later([after, beside]))) == "after")
    #expect(Self.kind(decisions.decide(later([beside], ended: [ended]))) == "dependency")
    #expect(Self.kind(decisions.decide(later([beside, dependency], ended: [ended]))) == "skipped")
    var gates = all.gates
    gates.noOverlap = false
    decisions = GateSample.decisions { $0 = gates }
    #expect(Self.kind(decisions.decide(later([beside, dependency], ended: [ended]))) == "group")
    #expect(decisions.decide(later([dependency], ended: [ended])) == .start)
  }

  private static func kind(_ verdict: GateDecisions.Verdict) -> String {
    switch verdict {
    case .start: "start"
    case .end(.skipped, _): "skipped"
    case .end(.dependencyNotRunning, _): "dependency"
    case .end: "end"
    case .wait(_, let cause, _):
      cause.latch != nil
        ? "latch" : cause.until != nil ? "until" : cause.after.isEmpty ? "group" : "after"
    }
  }
}
