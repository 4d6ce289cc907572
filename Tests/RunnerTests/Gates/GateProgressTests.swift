internal import Events
import TestSupport
import Testing

@testable import Projections
@testable import Runner

/// Many instances with gates of all kinds that wait, played through to their end.
@Suite("Instances that wait for each other")
struct GateProgressTests {
  private struct Player {
    var record: LiveInstances.Member
    var decisions: GateDecisions
    /// What it said it wanted to be woken by; nil while it need not be asked.
    var wakers: GateDecisions.Wakers?
    /// In what it is to end; a job that runs is at its end when chance says so.
    var end: InstanceState?
  }

  private static let jobs = ["a", "b", "c", "d"]
  private static let groups = [nil, "g", "a"]

  private static func players(_ random: inout SeededGenerator) -> [Player] {
    (1...30).map({ Seq($0) }).map { seq in
      let job = jobs[random.below(jobs.count)]
      let group = groups[random.below(groups.count)]
      var created = Created()
      created.executionGroup = group
      let record = InstanceRecord(
        createdSeq: seq, instance: InstanceID(createdAt: WallTime(seq.number * 1000)), job: job,
        createdAt: 1,
        createdData: created.json.text)
      var gates = Gates()
      if random.chance(60) { gates.limit = Int64(1 + random.below(3)) }
      if random.chance(40) { gates.after = [["a", "b", "*", "d"][random.below(4)]] }
      if random.chance(20) { gates.afterSuccess = [["a", "c*"][random.below(2)]] }
      var decisions = GateDecisions(
        job: job, instance: record.instance, gates: gates, group: group, createdMono: 0)
      decisions.created(at: seq)
      return Player(
        record: LiveInstances.Member(record), decisions: decisions, wakers: GateDecisions.Wakers())
    }
  }

  /// Whatever waits for whatever: somebody can always go on, and nobody has to look but those who are woken.
  @Test func `all of them come to an end, woken by nothing but what they named`() throws {
    var random = SeededGenerator(for: "gate progress")
    for round in 0..<200 {
      var live = Self.players(&random)
      var ended: [LiveInstances.Member] = []
      var woken = Set(live.map(\.record.instance))
      while !live.isEmpty {
        for index in live.indices where woken.contains(live[index].record.instance) {
          let moment = GateDecisions.Moment(
            live: LiveInstances(live: live.map(\.record), ended: ended), wallNow: 0, bootNow: 0)
          switch live[index].decisions.decide(moment) {
          case .start:
            live[index].record.state = .running
            live[index].wakers = nil
            live[index].end = random.chance(70) ? .completed : .failed
          case .end(let state, _):
            live[index].wakers = nil
            live[index].end = state
          case .wait(let state, _, let wakers):
            live[index].record.state = state
            live[index].wakers = wakers
          }
        }
        // One of those that run, or have been told to end, ends.
        let able = live.indices.filter { live[$0].end != nil }
        guard !able.isEmpty else {
          Issue.record("\(live.count) wait for each other in round \(round)")
          return
        }
        var one = live.remove(at: able[random.below(able.count)])
        one.record.state = try #require(one.end)
        ended.append(one.record)
        let instance = one.record.instance
        woken = Set(
          live.filter { $0.wakers?.instances.contains(instance) ?? false }.map(\.record.instance))
      }
      #expect(ended.count == 30)
    }
  }
}
