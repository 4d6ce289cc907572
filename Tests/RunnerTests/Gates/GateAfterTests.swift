import Events
import TestSupport
import Testing

@testable import Projections
@testable import Runner

@Suite("What an instance decides that waits for others to end")
struct GateAfterTests {
  @Test func `it waits for what was created before it`() {
    var decisions = GateSample.decisions { $0.after = ["a", "b*"] }
    let (first, second) = (GateSample.record(3, "a"), GateSample.record(4, "bee"))
    let others = [
      GateSample.record(5, "c"), GateSample.record(11, "a"),
      GateSample.record(GateSample.seq, "a", .created),
    ]
    #expect(
      decisions.decide(GateSample.moment([second, first] + others))
        == .wait(
          .waiting, GateSample.cause { $0.after = [first.name, second.name] },
          GateDecisions.Wakers(instances: [first.instance, second.instance])))
    var ended = first
    ended.state = .failed
    #expect(
      decisions.decide(GateSample.moment([second] + others, ended: [ended]))
        == .wait(
          .waiting, GateSample.cause { $0.after = [second.name] },
          GateDecisions.Wakers(instances: [second.instance])))
    var other = second
    other.state = .lost
    // What has come meanwhile is not waited for.
    let later = GateSample.record(6, "a")
    #expect(decisions.decide(GateSample.moment(others + [later], ended: [ended, other])) == .start)
  }

  @Test func `what never ran has ended`() {
    var decisions = GateSample.decisions { $0.after = ["a"] }
    #expect(decisions.decide(GateSample.moment()) == .start)
    // And has not completed: its name may be mistyped.
    decisions = GateSample.decisions { $0.afterSuccess = ["a"] }
    guard case .end(.cancelled, let reason) = decisions.decide(GateSample.moment()) else {
      Issue.record("it starts")
      return
    }
    #expect(reason.hasPrefix("after a, "))
  }

  @Test(arguments: InstanceState.allCases.filter(\.isTerminal))
  func `it is cancelled unless what it waits for completes`(state: InstanceState) {
    var decisions = GateSample.decisions { $0.afterSuccess = ["a"] }
    var target = GateSample.record(3, "a")
    guard case .wait = decisions.decide(GateSample.moment([target])) else {
      Issue.record("it does not wait")
      return
    }
    target.state = state
    #expect(
      decisions.decide(GateSample.moment(ended: [target]))
        == (state == .completed ? .start : .end(.cancelled, reason: "after \(target.name)")))
  }

  @Test func `one failure is enough while others still run`() {
    var decisions = GateSample.decisions { $0.afterSuccess = ["a", "b"] }
    let first = GateSample.record(3, "a")
    var second = GateSample.record(4, "b")
    guard case .wait = decisions.decide(GateSample.moment([first, second])) else {
      Issue.record("it does not wait")
      return
    }
    second.state = .failed
    #expect(
      decisions.decide(GateSample.moment([first], ended: [second]))
        == .end(.cancelled, reason: "after \(second.name)"))
  }

  @Test func `where nothing is live the newest end counts`() {
    for (state, verdict) in [
      (InstanceState.completed, GateDecisions.Verdict.start),
      (.failed, .end(.cancelled, reason: "")),
    ] {
      var decisions = GateSample.decisions { $0.afterSuccess = ["a"] }
      let ended = GateSample.record(3, "a", state)
      let found = decisions.decide(GateSample.moment(newestEnded: ["a": ended]))
      switch (found, verdict) {
      case (.start, .start): break
      case (.end(.cancelled, let reason), .end): #expect(reason == "after \(ended.name)")
      default: Issue.record("\(state): \(found)")
      }
    }
  }

  @Test func `what ended while it waited for something else counts`() {
    var decisions = GateSample.decisions {
      $0.delay = 500
      $0.afterSuccess = ["a*"]
    }
    var target = GateSample.record(3, "a")
    guard case .wait = decisions.decide(GateSample.moment([target])) else {
      Issue.record("it does not wait")
      return
    }
    target.state = .failed
    #expect(
      decisions.decide(GateSample.moment(ended: [target], boot: 2000))
        == .end(.cancelled, reason: "after \(target.name)"))
  }

  @Test func `what has vanished from the ledger keeps nobody waiting`() {
    for (isStrict, verdict) in [(false, GateDecisions.Verdict.start), (true, nil)] {
      var decisions = GateSample.decisions { gates in
        if isStrict { gates.afterSuccess = ["a"] } else { gates.after = ["a"] }
      }
      let target = GateSample.record(3, "a")
      guard case .wait = decisions.decide(GateSample.moment([target])) else {
        Issue.record("it does not wait")
        return
      }
      #expect(
        decisions.decide(GateSample.moment())
          == verdict ?? .end(.cancelled, reason: "after \(target.name)"))
    }
  }
}
