import Events
import TestSupport

@testable import Projections
@testable import Runner

/// Instances and gates for decisions.
enum GateSample {
  /// The instance that is decided about is the tenth that was created.
  static let seq: Seq = 10

  static func record(
    _ seq: Seq, _ job: String = "job", group: String? = nil, _ state: InstanceState = .running
  ) -> LiveInstances.Member {
    var created = Created()
    created.executionGroup = group
    var record = InstanceRecord(
      createdSeq: seq, instance: InstanceID(createdAt: WallTime(seq.number * 1000)), job: job,
      createdAt: WallTime(seq.number),
      createdData: created.json.text)
    record.state = state
    return LiveInstances.Member(record)
  }

  static func decisions(
    group: String? = nil, _ change: (inout Gates) -> Void
  ) -> GateDecisions {
    var gates = Gates()
    change(&gates)
    var decisions = GateDecisions(
      job: "job", instance: InstanceID(createdAt: WallTime(seq.number * 1000)), gates: gates,
      group: group,
      createdMono: 1000)
    decisions.created(at: seq)
    return decisions
  }

  static func moment(
    _ live: [LiveInstances.Member] = [], orphans: [LiveInstances.Member] = [],
    ended: [LiveInstances.Member] = [],
    newestEnded: [String: LiveInstances.Member] = [:], releases: [(Seq, Released)] = [],
    wall: WallTime = 1_000_000, boot: BootTime = 1000
  ) -> GateDecisions.Moment {
    let instances = LiveInstances(live: live, orphans: orphans, ended: ended)
    return GateDecisions.Moment(
      live: instances, orphans: instances.orphans, newestEnded: newestEnded,
      releases: releases.map { (seq: $0.0, released: $0.1) }, wallNow: wall, bootNow: boot)
  }

  static func cause(_ change: (inout WaitCause) -> Void) -> WaitCause {
    var cause = WaitCause()
    change(&cause)
    return cause
  }
}
