package import Events

/// Decides which changes of one job are to be told: a fold of values, which knows no clock and no ledger.
///
/// Trouble of a job and what follows is one thread. It is told at once when it begins, of each sort of trouble; that it goes
/// on, an hour after the thread was opened, six hours after that, and then once a day; and that the job is well again.
/// The thread goes on where it fails again soon after that: that is told once, and that it is well only when it has been so
/// for long.
package struct ChangeJudge {
  /// Something that was not well, as an event tells it.
  package struct Trouble: Equatable, Sendable {
    package var kind: JobChange.Kind
    package var seq: Seq
    /// The time at which it was so.
    package var at: WallTime
    package var instance: InstanceID?
    /// The event is that of a breach.
    package var isBreach = false
    package var count: Int64 = 0

    package init(_ kind: JobChange.Kind, seq: Seq, at time: WallTime, instance: InstanceID? = nil) {
      (self.kind, self.seq, at, self.instance) = (kind, seq, time, instance)
    }
  }

  private static let hour: Int64 = 3_600_000_000
  private static let day = 24 * hour
  /// So long it has to be well that the next trouble is another thread; microseconds.
  package static let settling = 6 * hour
  /// Trouble that passed by itself is forgotten when it has not come again for so long.
  private static let forgetting = day + hour
  /// A job of which nothing was heard for so long is one that nobody runs any more.
  private static let abandoned = 31 * day

  /// The newest change of the job; nil where there is none.
  private let last: JobChange?
  private let standing: JobStanding
  private let now: Notice

  package init(last: JobChange?, standing: JobStanding, now: Notice) {
    self.last = last
    self.standing = standing
    self.now = now
  }

  /// The thread goes on: what comes next belongs to it.
  package static func isOpen(_ change: JobChange, at now: WallTime) -> Bool {
    let ago = now - change.noticed.at
    if change.kind == .recovered { return ago < settling }
    return ago < (change.lasts ? abandoned : forgetting)
  }

  /// - Parameter troubles: since the look before, in any order.
  package func changes(_ troubles: [Trouble]) -> [JobChange] {
    var found: [JobChange] = []
    var current = last.flatMap { Self.isOpen($0, at: now.at) ? $0 : nil }
    for trouble in troubles.sorted(by: { $0.seq < $1.seq }) {
      if let change = change(trouble, in: current) {
        found.append(change)
        current = change
      } else {
        current?.bad = trouble.seq
      }
    }
    if let current, let change = recovery(of: current) ?? reminder(of: current) {
      found.append(change)
    }
    return found
  }

  private func next(_ kind: JobChange.Kind, in thread: JobChange) -> JobChange {
    var change = thread
    change.kind = kind
    change.noticed = now
    (change.instance, change.breach) = (nil, nil)
    return change.counted(standing, of: kind)
  }

  /// The change that trouble is; nil where it was told.
  private func change(_ trouble: Trouble, in thread: JobChange?) -> JobChange? {
    guard let thread else {
      var change = JobChange(
        trouble.kind, thread: trouble.seq, since: trouble.at, bad: trouble.seq, noticed: now)
      if !trouble.isBreach, let streak = standing.failing {
        // It has been failing before anybody looked.
        change.since = min(trouble.at, streak.since)
      }
      return change.counted(standing, of: trouble.kind).about(trouble, at: now.at)
    }
    let told = thread.told.first { $0.kind == trouble.kind }
    let wasWell = thread.kind == .recovered
    if wasWell, trouble.kind.lasts {
      var change = next(.failingAgain, in: thread)
      change.relapses += 1
      return change.about(trouble, at: now.at)
    }
    if let told {
      // Of trouble that lasts it is told that it goes on.
      guard !trouble.kind.lasts, now.at >= told.at + Self.pause(after: told.times) else {
        return nil
      }
    }
    return next(trouble.kind, in: thread).about(trouble, at: now.at)
  }

  /// The time until something is told once more that was told so often.
  private static func pause(after times: Int64) -> Int64 {
    switch times {
    case ...1: hour
    case 2: 5 * hour
    default: day
    }
  }

  private func recovery(of thread: JobChange) -> JobChange? {
    guard thread.kind != .recovered, thread.lasts, standing.isWell, let good = standing.lastGood,
      good.seq > thread.bad
    else { return nil }
    if thread.relapses > 0 {
      let bad = standing.lastFailure ?? thread.noticed.at
      guard now.at - bad >= Self.settling else { return nil }
    }
    var change = next(.recovered, in: thread)
    change.instance = good.instance
    return change
  }

  private func reminder(of thread: JobChange) -> JobChange? {
    guard thread.kind != .recovered, thread.lasts, !standing.isWell, thread.noticed != now else {
      return nil
    }
    // Nobody is reminded of what was run once, and failed.
    let hasFailedAgain = standing.failing.map { $0.seq > thread.noticed.seq } ?? false
    guard standing.isExpected || hasFailedAgain else { return nil }
    let (first, second) = (thread.opened + Self.hour, thread.opened + 6 * Self.hour)
    let due =
      switch thread.reminders {
      case ...0: first
      case 1: second
      default: thread.noticed.at + Self.day
      }
    guard now.at >= due else { return nil }
    var change = next(.stillFailing, in: thread)
    // Whoever looks late says it once.
    change.reminders = max(thread.reminders + 1, now.at >= second ? 2 : 1)
    change.instance = standing.failing?.newest
    return change
  }
}

extension JobChange {
  fileprivate func counted(_ standing: JobStanding, of kind: Kind) -> JobChange {
    var change = self
    change.lastGood = standing.lastGood?.instance
    change.lastGoodAt = standing.lastGood?.endedAt
    change.count =
      kind == .recovered ? 0 : standing.failing?.count ?? standing.missed
    return change
  }

  fileprivate func about(_ trouble: ChangeJudge.Trouble, at now: WallTime) -> JobChange {
    var change = self
    change.bad = trouble.seq
    change.instance = trouble.instance
    change.breach = trouble.isBreach ? trouble.seq : nil
    if trouble.kind == .missed { change.count = max(trouble.count, 1) }
    if let index = change.told.firstIndex(where: { $0.kind == trouble.kind }) {
      change.told[index].at = now
      change.told[index].times += 1
    } else {
      change.told.append(Told(trouble.kind, at: now))
    }
    return change
  }
}
