import Events
import TestSupport
import Testing

@testable import Projections
@testable import Runner

@Suite("What an instance decides that waits for a place")
struct GateLimitTests {
  @Test func `it waits while there are as many ahead as places`() {
    var decisions = GateSample.decisions { $0.limit = 2 }
    let ahead = (1...5).map { GateSample.record(Seq($0)) }
    #expect(
      decisions.decide(GateSample.moment(ahead.reversed()))
        == .wait(
          .waiting,
          GateSample.cause {
            $0.executionGroup = "job"
            $0.limit = 2
            $0.ahead = ahead.map(\.name)
            $0.aheadCount = 5
          },
          // The nearest of them: while both are there, there is no place.
          GateDecisions.Wakers(instances: ahead.suffix(2).map(\.instance))))
    #expect(decisions.decide(GateSample.moment(Array(ahead.prefix(1)))) == .start)
  }

  @Test func `it names ten of a thousand, the nearest`() {
    var decisions = GateSample.decisions { $0.limit = 1 }
    var mine = decisions
    mine.created(at: 5000)
    decisions = mine
    let ahead = (1...1000).map { GateSample.record(Seq($0)) }
    guard case .wait(_, let cause, let wakers) = decisions.decide(GateSample.moment(ahead)) else {
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
    var decisions = GateSample.decisions(group: group) { $0.limit = 1 }
    let other = GateSample.record(3, job, group: theirs)
    #expect((decisions.decide(GateSample.moment([other])) == .start) == !counts)
  }

  @Test func `a run that began once more behind it was there before`() {
    // It was created at a moment of its own, later in this ledger.
    func late(createdAt: WallTime, _ state: InstanceState) -> LiveInstances.Member {
      var created = Created()
      created.executionGroup = "job"
      var record = InstanceRecord(
        createdSeq: GateSample.seq + 5, instance: InstanceID(createdAt: createdAt), job: "job",
        createdAt: createdAt, createdData: created.json.text)
      record.state = state
      return LiveInstances.Member(record)
    }
    for (other, starts) in [
      (late(createdAt: 3000, .running), false),
      // It waits itself, and counts this one.
      (late(createdAt: 3000, .waiting), true),
      // It came later, and did not ask for a place.
      (late(createdAt: 30000, .running), true),
    ] {
      var limited = GateSample.decisions { $0.limit = 1 }
      #expect((limited.decide(GateSample.moment([other])) == .start) == starts, "\(other)")
      var alone = GateSample.decisions { $0.noOverlap = true }
      #expect((alone.decide(GateSample.moment([other])) == .start) == starts, "\(other)")
    }
  }

  @Test func `a command that was left behind keeps its place, and its end is waited for`() {
    var decisions = GateSample.decisions { $0.limit = 1 }
    let (orphan, other) = (GateSample.record(3, "job", .lost), GateSample.record(2))
    guard
      case .wait(_, let cause, let wakers) = decisions.decide(GateSample.moment(orphans: [orphan]))
    else {
      Issue.record("it does not wait")
      return
    }
    #expect(cause.ahead == [orphan.name])
    #expect(wakers == GateDecisions.Wakers(orphans: [orphan.instance]))
    guard
      case .wait(_, _, let both) = decisions.decide(GateSample.moment([other], orphans: [orphan]))
    else {
      Issue.record("it does not wait")
      return
    }
    // The orphan is the nearest.
    #expect(both == GateDecisions.Wakers(orphans: [orphan.instance]))
  }

  @Test func `a place is not taken by who comes later`() {
    var decisions = GateSample.decisions { $0.limit = 1 }
    #expect(
      decisions.decide(GateSample.moment([GateSample.record(11), GateSample.record(12)])) == .start)
  }
}
