internal import Events
internal import Projections

/// Asks an instance's gates in their order: delay, latch, after, not within, dependency, replace, no-overlap, limit. A value that decides
/// over what it is shown and does nothing itself. (Whether the job is disabled is asked of every instance, gates or
/// not, in the turn that creates it, and by who waits at each look.)
struct GateDecisions {
  /// The facts that are known at the moment of a decision.
  struct Moment {
    var live: LiveInstances
    /// Orphans whose command still runs: they keep their places.
    var orphans: [LiveInstances.Member] = []
    /// For patterns of `after_success`: the newest that had ended when the targets were looked for.
    var newestEnded: [String: LiveInstances.Member] = [:]
    /// The newest instance of the job that completed.
    var lastCompleted: LastCompleted?
    /// Releases of the instance's latch, oldest first, with their positions in the ledger.
    var releases: [(seq: Seq, released: Released)] = []
    var wallNow: WallTime
    var bootNow: BootTime

    /// Returns nil while the instance is live.
    func end(of instance: InstanceID) -> InstanceState? {
      if let ended = live.ended[instance] { return ended.state }
      // There is no record any more of what is neither live nor known to have ended.
      return live[instance] == nil ? .lost : nil
    }
  }

  enum Verdict: Equatable {
    case start
    case wait(InstanceState, WaitCause, Wakers)
    case end(InstanceState, reason: String)
  }

  /// The things that let a waiting instance look again, besides a ring at its own bell.
  struct Wakers: Equatable {
    /// The end of one of these.
    var instances: [InstanceID] = []
    /// The end of the command that one of these has left behind.
    var orphans: [InstanceID] = []
    /// Microseconds from now.
    var after: Int64?
    /// Those of `instances` that are to be asked to end.
    var replaced: [InstanceID] = []
  }

  struct LastCompleted: Equatable {
    let name: String
    let at: WallTime
  }

  /// An instance that has to end first.
  private struct Target {
    let instance: InstanceID
    let name: String
    let mustComplete: Bool
    var end: InstanceState?

    init(_ record: LiveInstances.Member, mustComplete: Bool, end: InstanceState? = nil) {
      instance = record.instance
      name = record.name
      self.mustComplete = mustComplete
      self.end = end
    }
  }

  let job: String
  let instance: InstanceID
  let gates: Gates
  /// The group whose limit counts.
  let group: String
  /// The live instances that this one is part of, the nearest first: it was started by their jobs. They cannot end
  /// before it, and it has their places.
  var ancestors: [InstanceID] = []
  private let createdMono: BootTime
  private(set) var createdSeq = Seq.start
  /// The position of the instance's `pending` event.
  private var pendingSeq: Seq?
  private var hasPassedLatch = false
  private var targets: [Target]?
  /// The time since which others or a latch are waited for.
  private var waitsSince: BootTime?

  init(job: String, instance: InstanceID, gates: Gates, group: String?, createdMono: BootTime) {
    self.job = job
    self.instance = instance
    self.gates = gates
    self.group = group ?? job
    self.createdMono = createdMono
  }

  mutating func created(at seq: Seq) { createdSeq = seq }
  mutating func appendedPending(at seq: Seq) { pendingSeq = seq }

  /// Names in `WaitCause.ahead`; with a thousand waiting, all of them would be much.
  private static let aheadLimit = 10

  mutating func decide(_ moment: Moment) -> Verdict {
    if let verdict = delay(moment) { return verdict }
    let verdict = askOthers(moment)
    guard let patience = gates.patience, case .wait(let state, let cause, var wakers) = verdict
    else { return verdict }
    let since = waitsSince ?? moment.bootNow
    waitsSince = since
    let left = patience - (moment.bootNow - since)
    guard left > 0 else {
      return .end(.skipped, reason: "\(Self.inVain(cause)), for \(Span.text(patience))")
    }
    wakers.after = min(wakers.after ?? .max, left)
    return .wait(state, cause, wakers)
  }

  private static func inVain(_ cause: WaitCause) -> String {
    if let latch = cause.latch { return "it has waited in vain for latch \(latch)" }
    if let first = cause.after.first { return "it has waited in vain for \(first)" }
    return "it has waited in vain for a place in \(cause.executionGroup ?? "its group")"
  }

  private mutating func askOthers(_ moment: Moment) -> Verdict {
    if let verdict = latch(moment) { return verdict }
    if let verdict = after(moment) { return verdict }
    if let verdict = notWithin(moment) { return verdict }
    if !gates.dependsOn.isEmpty, !isDependencyLive(moment) {
      let names = gates.dependsOn.joined(separator: " or ")
      return .end(.dependencyNotRunning, reason: "no instance of \(names) is running")
    }
    if let verdict = replace(moment) { return verdict }
    if gates.noOverlap, let other = earlier(moment, where: { $0.job == job }).last {
      return .end(.skipped, reason: "\(other.name) is \(Self.condition(other))")
    }
    return limit(moment) ?? .start
  }

  static let ofAncestor = "which it is part of, and which would wait for it in turn"

  static let neverRun = "of which nothing is known to have run"

  private static func condition(_ member: LiveInstances.Member) -> String {
    member.state.isTerminal ? "lost, and its command still runs" : "live"
  }

  // MARK: The gates

  private func delay(_ moment: Moment) -> Verdict? {
    let left = timeLeft(wallNow: moment.wallNow, bootNow: moment.bootNow)
    guard left > 0 else { return nil }
    var cause = WaitCause()
    cause.until = moment.wallNow + left
    return .wait(.waiting, cause, Wakers(after: left))
  }

  /// Microseconds until the time has come, 0 when it has. The one gate that needs no ledger.
  func timeLeft(wallNow: WallTime, bootNow: BootTime) -> Int64 {
    let delay = gates.delay.map { createdMono + $0 - bootNow } ?? 0
    let time = gates.notBefore.map { $0 - wallNow } ?? 0
    return max(delay, time, 0)
  }

  private mutating func latch(_ moment: Moment) -> Verdict? {
    guard let latch = gates.latch, !hasPassedLatch else { return nil }
    let isOpen = moment.releases.last?.released.holdsOpen ?? false
    let wasReleased = pendingSeq.map { seq in moment.releases.contains { $0.seq > seq } } ?? false
    guard !isOpen, !wasReleased else {
      hasPassedLatch = true
      return nil
    }
    var cause = WaitCause()
    cause.latch = latch
    // Whoever releases it rings.
    return .wait(.pending, cause, Wakers())
  }

  private mutating func after(_ moment: Moment) -> Verdict? {
    let patterns = gates.after + gates.afterSuccess
    guard !patterns.isEmpty else { return nil }
    if targets == nil {
      if let unknown = gates.afterSuccess.first(where: { isUnknown($0, moment) }) {
        return .end(.cancelled, reason: "after \(unknown), \(Self.neverRun)")
      }
      targets = firstTargets(moment)
    }
    for index in (targets ?? []).indices {
      guard let target = targets?[index], target.end == nil else { continue }
      targets?[index].end = moment.end(of: target.instance)
    }
    let failed = (targets ?? []).first {
      $0.mustComplete && $0.end.map { $0 != .completed } ?? false
    }
    if let failed { return .end(.cancelled, reason: "after \(failed.name)") }
    let left = (targets ?? []).filter { $0.end == nil }
    if let target = left.first(where: { ancestors.contains($0.instance) }) {
      return .end(.cancelled, reason: "after \(target.name), \(Self.ofAncestor)")
    }
    guard !left.isEmpty else { return nil }
    var cause = WaitCause()
    cause.after = left.prefix(Self.aheadLimit).map(\.name)
    return .wait(.waiting, cause, Wakers(instances: left.map(\.instance)))
  }

  /// A name that was mistyped opens no gate. A job that goes on from its own last success has a first run.
  private func isUnknown(_ text: String, _ moment: Moment) -> Bool {
    moment.newestEnded[text] == nil && !Pattern(text).matches(job: job)
      && liveTargets(Pattern(text), mustComplete: true, moment).isEmpty
  }

  private func notWithin(_ moment: Moment) -> Verdict? {
    guard let span = gates.notWithin, let last = moment.lastCompleted else { return nil }
    let ago = moment.wallNow - last.at
    // A clock that was set back says nothing of how long ago that is.
    guard ago < span, ago > -span else { return nil }
    return .end(
      .skipped,
      reason: "\(last.name) has completed \(Span.text(max(0, ago))) ago, within \(Span.text(span))")
  }

  private func replace(_ moment: Moment) -> Verdict? {
    guard gates.replaces else { return nil }
    let others = earlier(moment) { $0.job == job }
    guard !others.isEmpty else { return nil }
    var cause = WaitCause()
    cause.after = others.prefix(Self.aheadLimit).map(\.name)
    let live = others.filter { !$0.state.isTerminal }.map(\.instance)
    return .wait(
      .waiting, cause,
      Wakers(
        instances: live, orphans: others.filter(\.state.isTerminal).map(\.instance),
        replaced: live))
  }

  /// Instances created before this one, so that two that wait for each other cannot both wait: those that are live, or
  /// were when this one was created. Where there are none, how the newest has ended counts.
  private func firstTargets(_ moment: Moment) -> [Target] {
    let successes = gates.afterSuccess.flatMap { text -> [Target] in
      let live = liveTargets(Pattern(text), mustComplete: true, moment)
      guard live.isEmpty, let ended = moment.newestEnded[text] else { return live }
      return [Target(ended, mustComplete: true, end: ended.state)]
    }
    return successes
      + gates.after.flatMap { liveTargets(Pattern($0), mustComplete: false, moment) }
  }

  private func liveTargets(
    _ pattern: Pattern, mustComplete: Bool, _ moment: Moment
  ) -> [Target] {
    func isMeant(_ member: LiveInstances.Member) -> Bool {
      isEarlier(member) && !(mustComplete && member.isRehearsal)
        && pattern.matches(job: member.job, instance: member.instance)
    }
    let known = moment.live.ended.values.filter(isMeant) + moment.live.unordered.filter(isMeant)
    return known.sorted { $0.createdSeq < $1.createdSeq }
      .map { Target($0, mustComplete: mustComplete) }
  }

  /// True until it has been looked for whom to wait for.
  var wantsTargets: Bool { targets == nil && !(gates.after.isEmpty && gates.afterSuccess.isEmpty) }

  /// True where commands count that lost instances have left behind.
  var countsOrphans: Bool { gates.noOverlap || gates.replaces || gates.limit != nil }

  private func isDependencyLive(_ moment: Moment) -> Bool {
    let patterns = gates.dependsOn.map { Pattern($0) }
    return moment.live.unordered.contains {
      $0.instance != instance && patterns.matches(job: $0.job, instance: $0.instance)
    }
  }

  private func limit(_ moment: Moment) -> Verdict? {
    guard let limit = gates.limit, limit > 0 else { return nil }
    let ahead = earlier(moment) { $0.isOf(group: group) }
    guard ahead.count >= limit else { return nil }
    var cause = WaitCause()
    cause.executionGroup = group
    cause.limit = limit
    cause.ahead = ahead.suffix(Self.aheadLimit).map(\.name)
    cause.aheadCount = Int64(ahead.count)
    // As long as so many of those ahead are there, there is no place; the nearest go last, so they wake seldom.
    let nearest = ahead.suffix(Int(clamping: limit))
    return .wait(
      .waiting, cause,
      Wakers(
        instances: nearest.filter { !$0.state.isTerminal }.map(\.instance),
        orphans: nearest.filter(\.state.isTerminal).map(\.instance)))
  }

  /// Those created before this one that are live, and orphans; oldest first.
  private func earlier(
    _ moment: Moment, where isMeant: (LiveInstances.Member) -> Bool
  ) -> [LiveInstances.Member] {
    let members = moment.orphans.filter(isMeant) + moment.live.unordered.filter(isMeant)
    // The outermost that counts.
    let host = ancestors.last { instance in members.contains { $0.instance == instance } }
    let place = host.flatMap { moment.live[$0] }
    return members.filter { isAhead($0, of: place, moment.live) }
      .sorted { $0.createdSeq < $1.createdSeq }
  }

  /// - Parameter place: the ancestor in whose place this one is: who came after that waits for it, and must not be waited
  ///   for. Among those that are part of it each has its own.
  private func isAhead(
    _ member: LiveInstances.Member, of place: LiveInstances.Member?, _ live: LiveInstances
  ) -> Bool {
    guard !ancestors.contains(member.instance) else { return false }
    guard let place, !live.isPart(member.instance, of: place.instance) else {
      return isEarlier(member)
    }
    return member.createdSeq < place.createdSeq
  }

  /// A run that began once more in the ledger after a damaged one comes behind this instance in its order, but was
  /// there before: its place is taken. Who executes waits for nobody, so that no two can wait for each other.
  private func isEarlier(_ member: LiveInstances.Member) -> Bool {
    member.createdSeq < createdSeq
      || (member.instance < instance && member.state.group == .executing)
  }

  /// Live instances whose being live the decision depends on, apart from those it would wait for.
  func dependsOn(_ member: LiveInstances.Member) -> Bool {
    if gates.noOverlap || gates.replaces, member.job == job, member.instance != instance {
      return true
    }
    guard !gates.dependsOn.isEmpty else { return false }
    return gates.dependsOn.map { Pattern($0) }.matches(job: member.job, instance: member.instance)
  }
}
