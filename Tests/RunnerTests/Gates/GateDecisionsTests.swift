internal import Events
import TestSupport
import Testing

@testable import Projections
@testable import Runner

@Suite("What an instance's gates decide")
struct GateDecisionsTests {
  /// The instance that is decided about is the tenth that was created.
  private static let seq: Int64 = 10

  private static func record(
    _ seq: Int64, _ job: String = "job", group: String? = nil, _ state: RunState = .running
  ) -> InstanceRecord {
    var created = Created()
    created.group = group
    var record = InstanceRecord(
      createdSeq: seq, instance: InstanceID(createdAt: seq * 1000), job: job, createdAt: seq,
      createdData: created.json.text)
    record.state = state
    return record
  }

  private static func decisions(
    group: String? = nil, _ change: (inout Gates) -> Void
  ) -> GateDecisions {
    var gates = Gates()
    change(&gates)
    var decisions = GateDecisions(
      job: "job", instance: InstanceID(createdAt: seq * 1000), gates: gates, group: group,
      createdMono: 1000)
    decisions.created(at: seq)
    return decisions
  }

  private static func moment(
    _ live: [InstanceRecord] = [], orphans: [InstanceRecord] = [], ended: [InstanceRecord] = [],
    newestEnded: [String: InstanceRecord] = [:], releases: [(Int64, Released)] = [],
    wall: Int64 = 1_000_000, boot: Int64 = 1000
  ) -> GateDecisions.Moment {
    let instances = LiveInstances(live: live, orphans: orphans, ended: ended)
    return GateDecisions.Moment(
      live: instances, orphans: instances.orphans, newestEnded: newestEnded,
      releases: releases.map { (seq: $0.0, released: $0.1) }, wallNow: wall, bootNow: boot)
  }

  private static func cause(_ change: (inout WaitCause) -> Void) -> WaitCause {
    var cause = WaitCause()
    change(&cause)
    return cause
  }

  @Test func `without gates it starts`() {
    var decisions = Self.decisions { _ in }
    #expect(decisions.decide(Self.moment([Self.record(3)])) == .start)
  }

  // MARK: Time

  @Test func `a delay counts from the creation`() {
    var decisions = Self.decisions { $0.delay = 500 }
    let cause = Self.cause { $0.until = 1_000_300 }
    #expect(
      decisions.decide(Self.moment(boot: 1200))
        == .wait(.waiting, cause, GateDecisions.Wakers(after: 300)))
    #expect(decisions.decide(Self.moment(boot: 1500)) == .start)
  }

  @Test func `a time is one of the wall clock, and the later of two counts`() {
    var decisions = Self.decisions { $0.notBefore = 1_000_700 }
    let cause = Self.cause { $0.until = 1_000_700 }
    #expect(
      decisions.decide(Self.moment(boot: 9_999_999))
        == .wait(.waiting, cause, GateDecisions.Wakers(after: 700)))
    #expect(decisions.decide(Self.moment(wall: 1_000_700)) == .start)
    let both = Self.decisions {
      $0.notBefore = 1_000_700
      $0.delay = 900
    }
    #expect(both.timeLeft(wallNow: 1_000_000, bootNow: 1000) == 900)
    #expect(both.timeLeft(wallNow: 1_000_000, bootNow: 1500) == 700)
    #expect(both.timeLeft(wallNow: 1_000_700, bootNow: 1900) == 0)
  }

  @Test func `times as large as there are do not overflow`() {
    let decisions = Self.decisions {
      $0.delay = 1 << 60
      $0.notBefore = 1 << 60
    }
    #expect(decisions.timeLeft(wallNow: 0, bootNow: 0) > 1 << 59)
  }

  // MARK: Latch

  @Test func `a latch keeps it until it is released after it began to wait`() {
    var decisions = Self.decisions { $0.latch = "l" }
    let before = (Int64(11), Released(latch: "l"))
    let cause = Self.cause { $0.latch = "l" }
    let pending = GateDecisions.Verdict.wait(.pending, cause, GateDecisions.Wakers())
    #expect(decisions.decide(Self.moment(releases: [before])) == pending)
    decisions.appendedPending(at: 12)
    #expect(decisions.decide(Self.moment(releases: [before])) == pending)
    #expect(
      decisions.decide(Self.moment(releases: [before, (13, Released(latch: "l"))])) == .start)
    // Passed is passed.
    #expect(decisions.decide(Self.moment(releases: [])) == .start)
  }

  @Test func `a latch that is held open lets pass at once, until it is closed`() {
    let open = (Int64(2), Released(latch: "l", holdsOpen: true))
    var decisions = Self.decisions { $0.latch = "l" }
    #expect(decisions.decide(Self.moment(releases: [open])) == .start)
    decisions = Self.decisions { $0.latch = "l" }
    let closed = (Int64(3), Released(latch: "l"))
    guard case .wait(.pending, _, _) = decisions.decide(Self.moment(releases: [open, closed]))
    else {
      Issue.record("a closed latch")
      return
    }
  }

  // MARK: After

  @Test func `it waits for what was created before it`() {
    var decisions = Self.decisions { $0.after = ["a", "b*"] }
    let (first, second) = (Self.record(3, "a"), Self.record(4, "bee"))
    let others = [Self.record(5, "c"), Self.record(11, "a"), Self.record(Self.seq, "a", .created)]
    #expect(
      decisions.decide(Self.moment([second, first] + others))
        == .wait(
          .waiting, Self.cause { $0.after = [first.name, second.name] },
          GateDecisions.Wakers(instances: [first.instance, second.instance])))
    var ended = first
    ended.state = .failed
    #expect(
      decisions.decide(Self.moment([second] + others, ended: [ended]))
        == .wait(
          .waiting, Self.cause { $0.after = [second.name] },
          GateDecisions.Wakers(instances: [second.instance])))
    var other = second
    other.state = .lost
    // What has come meanwhile is not waited for.
    let later = Self.record(6, "a")
    #expect(decisions.decide(Self.moment(others + [later], ended: [ended, other])) == .start)
  }

  @Test func `what never ran has ended`() {
    var decisions = Self.decisions { $0.after = ["a"] }
    #expect(decisions.decide(Self.moment()) == .start)
    decisions = Self.decisions { $0.afterSuccess = ["a"] }
    #expect(decisions.decide(Self.moment()) == .start)
  }

  @Test(arguments: RunState.allCases.filter(\.isTerminal))
  func `it is cancelled unless what it waits for completes`(state: RunState) {
    var decisions = Self.decisions { $0.afterSuccess = ["a"] }
    var target = Self.record(3, "a")
    guard case .wait = decisions.decide(Self.moment([target])) else {
      Issue.record("it does not wait")
      return
    }
    target.state = state
    #expect(
      decisions.decide(Self.moment(ended: [target]))
        == (state == .completed ? .start : .end(.cancelled, reason: "after \(target.name)")))
  }

  @Test func `one failure is enough while others still run`() {
    var decisions = Self.decisions { $0.afterSuccess = ["a", "b"] }
    let first = Self.record(3, "a")
    var second = Self.record(4, "b")
    guard case .wait = decisions.decide(Self.moment([first, second])) else {
      Issue.record("it does not wait")
      return
    }
    second.state = .failed
    #expect(
      decisions.decide(Self.moment([first], ended: [second]))
        == .end(.cancelled, reason: "after \(second.name)"))
  }

  @Test func `where nothing is live the newest end counts`() {
    for (state, verdict) in [
      (RunState.completed, GateDecisions.Verdict.start), (.failed, .end(.cancelled, reason: "")),
    ] {
      var decisions = Self.decisions { $0.afterSuccess = ["a"] }
      let ended = Self.record(3, "a", state)
      let found = decisions.decide(Self.moment(newestEnded: ["a": ended]))
      switch (found, verdict) {
      case (.start, .start): break
      case (.end(.cancelled, let reason), .end): #expect(reason == "after \(ended.name)")
      default: Issue.record("\(state): \(found)")
      }
    }
  }

  @Test func `what ended while it waited for something else counts`() {
    var decisions = Self.decisions {
      $0.delay = 500
      $0.afterSuccess = ["a*"]
    }
    var target = Self.record(3, "a")
    guard case .wait = decisions.decide(Self.moment([target])) else {
      Issue.record("it does not wait")
      return
    }
    target.state = .failed
    #expect(
      decisions.decide(Self.moment(ended: [target], boot: 2000))
        == .end(.cancelled, reason: "after \(target.name)"))
  }

  @Test func `what has vanished from the ledger keeps nobody waiting`() {
    for (isStrict, verdict) in [(false, GateDecisions.Verdict.start), (true, nil)] {
      var decisions = Self.decisions { gates in
        if isStrict { gates.afterSuccess = ["a"] } else { gates.after = ["a"] }
      }
      let target = Self.record(3, "a")
      guard case .wait = decisions.decide(Self.moment([target])) else {
        Issue.record("it does not wait")
        return
      }
      #expect(
        decisions.decide(Self.moment())
          == verdict ?? .end(.cancelled, reason: "after \(target.name)"))
    }
  }

  // MARK: Dependency

  @Test func `it runs only while what it depends on is live`() {
    let missing = GateDecisions.Verdict.end(
      .dependencyNotRunning, reason: "no instance of a or b* is running")
    var decisions = Self.decisions { $0.dependsOn = ["a", "b*"] }
    #expect(decisions.decide(Self.moment()) == missing)
    #expect(decisions.decide(Self.moment([Self.record(3, "c")])) == missing)
    #expect(decisions.decide(Self.moment(orphans: [Self.record(3, "a", .lost)])) == missing)
    for (seq, job) in [(3, "a"), (3, "bee"), (12, "a")] as [(Int64, String)] {
      #expect(decisions.decide(Self.moment([Self.record(seq, job)])) == .start)
    }
  }

  @Test func `it is no dependency of its own`() {
    var decisions = Self.decisions { $0.dependsOn = ["job"] }
    let own = InstanceRecord(
      createdSeq: Self.seq, instance: decisions.instance, job: "job", createdAt: 1, createdData: "")
    guard case .end(.dependencyNotRunning, _) = decisions.decide(Self.moment([own])) else {
      Issue.record("it depends on itself")
      return
    }
  }

  // MARK: No overlap

  @Test(arguments: [RunState.created, .pending, .waiting, .running])
  func `it is skipped beside an earlier instance of its job, in whatever state`(state: RunState) {
    var decisions = Self.decisions { $0.noOverlap = true }
    let other = Self.record(3, "job", state)
    #expect(
      decisions.decide(Self.moment([other])) == .end(.skipped, reason: "\(other.name) is live"))
  }

  @Test func `neither later ones nor those of other jobs are in its way`() {
    var decisions = Self.decisions { $0.noOverlap = true }
    let others = [Self.record(11), Self.record(3, "other"), Self.record(4, "other", group: "job")]
    #expect(decisions.decide(Self.moment(others)) == .start)
  }

  @Test func `a command that was left behind is in its way`() {
    var decisions = Self.decisions { $0.noOverlap = true }
    let orphan = Self.record(3, "job", .lost)
    #expect(
      decisions.decide(Self.moment(orphans: [orphan]))
        == .end(.skipped, reason: "\(orphan.name) is lost, and its command still runs"))
  }

  // MARK: Limit

  @Test func `it waits while there are as many ahead as places`() {
    var decisions = Self.decisions { $0.limit = 2 }
    let ahead = (1...5).map { Self.record(Int64($0)) }
    #expect(
      decisions.decide(Self.moment(ahead.reversed()))
        == .wait(
          .waiting,
          Self.cause {
            $0.group = "job"
            $0.limit = 2
            $0.ahead = ahead.map(\.name)
            $0.aheadCount = 5
          },
          // The nearest of them: while both are there, there is no place.
          GateDecisions.Wakers(instances: ahead.suffix(2).map(\.instance))))
    #expect(decisions.decide(Self.moment(Array(ahead.prefix(1)))) == .start)
  }

  @Test func `it names ten of a thousand, the nearest`() {
    var decisions = Self.decisions { $0.limit = 1 }
    var mine = decisions
    mine.created(at: 5000)
    decisions = mine
    let ahead = (1...1000).map { Self.record(Int64($0)) }
    guard case .wait(_, let cause, let wakers) = decisions.decide(Self.moment(ahead)) else {
      Issue.record("it does not wait")
      return
    }
    #expect(cause.ahead == ahead.suffix(10).map(\.name))
    #expect(cause.aheadCount == 1000)
    #expect(wakers.instances == ahead.suffix(1).map(\.instance))
  }

  @Test(
    arguments: [
      (nil, "job", nil, true), (nil, "other", "job", true), (nil, "other", nil, false),
      ("g", "other", "g", true), ("g", "g", nil, true), ("g", "job", nil, false),
      ("g", "other", "h", false), ("g", "g", "h", true),
    ] as [(String?, String, String?, Bool)])
  func `its group is its job's, or the one it was given`(
    group: String?, job: String, theirs: String?, counts: Bool
  ) {
    var decisions = Self.decisions(group: group) { $0.limit = 1 }
    let other = Self.record(3, job, group: theirs)
    #expect((decisions.decide(Self.moment([other])) == .start) == !counts)
  }

  @Test func `a run that began once more behind it was there before`() {
    // Of its own moment of creation, later in this ledger.
    func late(createdAt: Int64, _ state: RunState) -> InstanceRecord {
      var created = Created()
      created.group = "job"
      var record = InstanceRecord(
        createdSeq: Self.seq + 5, instance: InstanceID(createdAt: createdAt), job: "job",
        createdAt: createdAt, createdData: created.json.text)
      record.state = state
      return record
    }
    for (other, starts) in [
      (late(createdAt: 3000, .running), false),
      // It waits itself, and counts this one.
      (late(createdAt: 3000, .waiting), true),
      // It came later, and did not ask for a place.
      (late(createdAt: 30000, .running), true),
    ] {
      var limited = Self.decisions { $0.limit = 1 }
      #expect((limited.decide(Self.moment([other])) == .start) == starts, "\(other)")
      var alone = Self.decisions { $0.noOverlap = true }
      #expect((alone.decide(Self.moment([other])) == .start) == starts, "\(other)")
    }
  }

  @Test func `a command that was left behind keeps its place, and its end is waited for`() {
    var decisions = Self.decisions { $0.limit = 1 }
    let (orphan, other) = (Self.record(3, "job", .lost), Self.record(2))
    guard case .wait(_, let cause, let wakers) = decisions.decide(Self.moment(orphans: [orphan]))
    else {
      Issue.record("it does not wait")
      return
    }
    #expect(cause.ahead == [orphan.name])
    #expect(wakers == GateDecisions.Wakers(orphans: [orphan.instance]))
    guard case .wait(_, _, let both) = decisions.decide(Self.moment([other], orphans: [orphan]))
    else {
      Issue.record("it does not wait")
      return
    }
    // The orphan is the nearest.
    #expect(both == GateDecisions.Wakers(orphans: [orphan.instance]))
  }

  @Test func `a place is not taken by who comes later`() {
    var decisions = Self.decisions { $0.limit = 1 }
    #expect(decisions.decide(Self.moment([Self.record(11), Self.record(12)])) == .start)
  }

  // MARK: All of them

  @Test func `gates are asked in their order`() {
    let all = Self.decisions {
      $0.delay = 500
      $0.latch = "l"
      $0.after = ["a"]
      $0.dependsOn = ["d"]
      $0.noOverlap = true
      $0.limit = 1
    }
    let (after, beside, dependency) = (Self.record(1, "a"), Self.record(2), Self.record(3, "d"))
    var ended = after
    ended.state = .completed
    let open = (Int64(4), Released(latch: "l", holdsOpen: true))
    var decisions = all
    #expect(Self.kind(decisions.decide(Self.moment([after, beside]))) == "until")
    #expect(Self.kind(decisions.decide(Self.moment([after, beside], boot: 2000))) == "latch")
    func later(_ live: [InstanceRecord], ended: [InstanceRecord] = []) -> GateDecisions.Moment {
      Self.moment(live, ended: ended, releases: [open], boot: 2000)
    }
    #expect(Self.kind(decisions.decide(later([after, beside]))) == "after")
    #expect(Self.kind(decisions.decide(later([beside], ended: [ended]))) == "dependency")
    #expect(Self.kind(decisions.decide(later([beside, dependency], ended: [ended]))) == "skipped")
    var gates = all.gates
    gates.noOverlap = false
    decisions = Self.decisions { $0 = gates }
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
