internal import Events

/// The live instances in order, for what waiting instances tell of those ahead: made once for many documents.
package struct LiveQueues {
  private typealias Member = LiveInstances.Member

  private let names: Set<String>
  /// By group, and by job; oldest first. Commands that lost runs have left behind have places too.
  private let members: [String: [Member]]

  package init(_ live: LiveInstances) {
    names = Set(live.unordered.map(\.name))
    var members: [String: [Member]] = [:]
    let leftBehind = live.orphans.filter { $0.leftBehind?.isRunning ?? false }
    for member in leftBehind + live.unordered {
      members[member.job, default: []].append(member)
      if let group = member.executionGroup, group != member.job {
        members[group, default: []].append(member)
      }
    }
    self.members = members.mapValues { members in
      members.sorted { $0.createdSeq < $1.createdSeq }
    }
  }

  /// Those of the instances, as job@instance, that have not ended.
  func stillLive(_ names: [String]) -> [String] { names.filter(self.names.contains) }

  /// Those that have or want a place in the group and were created before that position, oldest first.
  func ahead(of createdSeq: Seq, in group: String) -> ArraySlice<LiveInstances.Member> {
    let members = members[group] ?? []
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if members[middle].createdSeq < createdSeq { low = middle + 1 } else { high = middle }
    }
    return members[..<low]
  }
}
