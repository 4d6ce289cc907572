internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Projections
internal import Spawn

/// Sees an instance through its gates before its job is started: decides inside one turn of the append queue, and
/// sleeps until something has changed that the decision depends on. On the run's first thread, before the recorder has
/// one of its own.
///
/// Who waits for a place is woken by the end of as many of those ahead as there are places, the nearest ones: a queue
/// of a thousand wakes one waiter for each place that becomes free.
final class GateKeeper {
  enum Outcome {
    case start
    case ended(RunState)
    /// By this signal to taro.
    case cancelled(Int32)
  }

  private enum Step {
    case start
    case ended(RunState)
    case look
    case sleep(GateDecisions.Wakers)
  }

  /// How long the ledger may be unreadable before the job is run all the same.
  private static let troubleLimit: Int64 = 60_000_000
  private static let retryInterval: Int64 = 1_000_000
  private static let longestReturn: Int64 = 5_000_000
  /// The wall clock may be set while somebody waits for a time of day.
  private static let longestSleep: Int64 = 30_000_000
  /// Descriptors for those that are waited for; beyond that a look every second has to do.
  private static let watchLimit = 256

  private let recorder: Recorder
  private let writer: LedgerWriter
  private let runFile: RunRecord
  private var directory: LedgerDirectory { writer.directory }
  private let log: RunLog
  private let notices: Notices
  /// Nil until the first look, which may fail like any other.
  private var store: ProjectionStore?
  private let enclosing = CreatedFacts.enclosing
  private var live = LiveInstances(live: [])
  private var decisions: GateDecisions
  /// As they were before the first look.
  private let freshDecisions: GateDecisions
  private var watches: [InstanceID: RunWatch] = [:]
  private var timer = BootTimer()
  /// What lost runs had left behind and has ended since: not looked for again.
  private var endedOrphans: Set<InstanceID> = []
  /// Of the instance's latch, oldest first, and the position up to which all are known.
  private var releases: [(seq: Int64, released: Released)] = []
  private var releasesKnown: Int64 = 0
  /// What the last `pending` or `waiting` event says.
  private var announced: (state: RunState, cause: WaitCause)?
  private var troubleSince: Int64?
  /// Why it is not to run, from when that was asked until it is on record.
  private var cancellation: Ending?

  private init(
    _ decisions: GateDecisions, _ record: RunRecord, _ writer: LedgerWriter, _ log: RunLog,
    _ notices: Notices
  ) {
    recorder = record.recorder
    self.writer = writer
    runFile = record
    self.log = log
    self.notices = notices
    self.decisions = decisions
    freshDecisions = decisions
    self.decisions.created(at: record.recorder.lastSeq)
  }

  /// Without a ledger only time can be waited for: the job comes first.
  static func pass(
    _ decisions: GateDecisions, _ record: RunRecord?, _ log: RunLog, _ notices: Notices,
    _ signals: borrowing SignalQueue
  ) -> Outcome {
    guard let record else { return passTime(decisions, signals) }
    if let writer = record.recorder.writer, !record.recorder.isInTrouble {
      return GateKeeper(decisions, record, writer, log, notices).pass(signals)
    }
    // Where the ledger could not even be opened, that was said.
    if decisions.gates.needLedger, record.recorder.writer != nil { notices.say(unasked) }
    return passTime(decisions, signals)
  }

  private static let unasked = "the job is run without asking its gates"

  private static func passTime(
    _ decisions: GateDecisions, _ signals: borrowing SignalQueue
  ) -> Outcome {
    var timer = BootTimer()
    while true {
      if let signal = endingSignal(signals) { return .cancelled(signal) }
      let left = decisions.timeLeft(
        wallNow: Clock.wallMicroseconds(), bootNow: Clock.bootMicroseconds())
      guard left > 0 else { return .start }
      var poll = Poll()
      poll.add(signals.fd)
      let deadline = Clock.bootMicroseconds() + min(left, longestSleep)
      poll.wait(milliseconds: timer.arm(deadline, in: &poll))
    }
  }

  private func pass(_ signals: borrowing SignalQueue) -> Outcome {
    while true {
      if let signal = Self.endingSignal(signals) { return .cancelled(signal) }
      switch step() {
      case .start: return .start
      case .ended(let state): return .ended(state)
      case .look: continue
      case .sleep(let wakers): sleep(wakers, signals)
      }
    }
  }

  /// A signal that asks for the end. Ctrl-Z stops this process, which has no job yet to stop; other signals are kept for
  /// it.
  static func endingSignal(_ signals: borrowing SignalQueue) -> Int32? {
    while let delivery = signals.next() {
      if RunDecisions.asksForEnd(delivery) { return delivery.signal }
      switch delivery.signal {
      case SIGTSTP where !delivery.isIgnored: SelfStop.stop(by: SIGTSTP, group: false)
      case SIGCHLD, SIGCONT, SIGWINCH: break
      default: signals.keep(delivery)
      }
    }
    return nil
  }

  // MARK: Looking

  private func step() -> Step {
    let begun = Clock.bootMicroseconds()
    do throws(LedgerError) {
      let step = try look()
      troubleSince = nil
      return step
    } catch {
      // How long the look itself has waited counts.
      let since = troubleSince ?? begun
      troubleSince = since
      guard Clock.bootMicroseconds() - since < Self.troubleLimit else {
        if let cancellation {
          recorder.finish(.cancelled, cancellation, on: nil)
          return .ended(.cancelled)
        }
        notices.say("\(Self.unasked): \(error)")
        return .start
      }
      return .sleep(GateDecisions.Wakers(after: Self.retryInterval))
    }
  }

  private func look() throws(LedgerError) -> Step {
    // Decided before, and then the disk would not take it: it stands all the same.
    if let state = recorder.state, state.group == .notExecuted { return .ended(state) }
    if let cancellation { return try cancel(cancellation) }
    if try awaitsOthers() { return .sleep(GateDecisions.Wakers(after: 20_000)) }
    let store = try openStore()
    // Outside of the queue as much as can be: what is left inside are the events of a moment.
    try live.catchUp(store)
    let vanished = live.all.filter { decisions.dependsOn($0) }.map(\.record.instance)
    for instance in vanished { try LostRuns.close(instance, with: writer) }
    forgetEndedOrphans()
    if let enclosing, decisions.ancestors.isEmpty {
      decisions.ancestors = try ancestors(from: enclosing, store)
    }
    try readReleases(writer.reader)
    let newestEnded = try newestEnded(store)

    var verdict = GateDecisions.Verdict.start
    let isDecided = try recorder.decide { (reader) throws(LedgerError) in
      try live.catchUp(reader)
      // Again: a run may have been found lost since, and its place is not free while its command runs.
      forgetEndedOrphans()
      try readReleases(reader)
      let orphans = live.orphans.filter { !endedOrphans.contains($0.record.instance) }
      verdict = decisions.decide(
        GateDecisions.Moment(
          live: live, orphans: orphans, newestEnded: newestEnded, releases: releases,
          wallNow: Clock.wallMicroseconds(), bootNow: Clock.bootMicroseconds()))
      return events(for: verdict)
    }
    guard isDecided else { return try answerRequests() }
    switch verdict {
    case .start: return .start
    case .end(let state, let reason):
      // Nobody has asked for that.
      if reason.hasSuffix(GateDecisions.ofAncestor) { notices.say("the job is not run: \(reason)") }
      return .ended(state)
    case .wait(let state, let cause, let wakers):
      if state == .pending, announced?.state != .pending {
        decisions.appendedPending(at: recorder.lastSeq)
      }
      announced = (state, cause)
      log.entered(state)
      return .sleep(wakers)
    }
  }

  /// While a ledger that was begun instead of a damaged one does not know of all runs that live: they have been rung, and
  /// begin once more in it. Their places are not free.
  private func awaitsOthers() throws(LedgerError) -> Bool {
    guard let first = try writer.reader.events(after: 0, limit: 1).first,
      [.sealed, .recovered].contains(first.kind),
      abs(Clock.wallMicroseconds() &- first.at) < Self.longestReturn
    else { return false }
    for name in DirectoryListing.names(in: directory.runDirectory) {
      guard let instance = InstanceID(name), instance != recorder.instance,
        try writer.reader.lastEvent(of: instance) == nil,
        case .alive = RunFiles.life(of: instance, in: directory)
      else { continue }
      return true
    }
    return false
  }

  /// The instances that this one is part of, the nearest first, as far as this ledger knows them and they have not ended:
  /// what stands in an environment may be of another ledger, or long gone. A lost one counts while its job runs.
  private func ancestors(
    from enclosing: InstanceID, _ store: ProjectionStore
  ) throws(LedgerError) -> [InstanceID] {
    var found: [InstanceID] = []
    var next: InstanceID? = enclosing
    for _ in 0..<LiveInstances.deepest {
      guard let instance = next else { break }
      var known = live[instance]
      if known == nil { known = try store.record(of: instance) }
      guard let record = known else { break }
      if !record.state.isTerminal || record.orphan != nil { found.append(instance) }
      next = record.created.within
    }
    return found
  }

  private func openStore() throws(LedgerError) -> ProjectionStore {
    if let store, store.isOf(writer.reader) { return store }
    if store != nil {
      // Another ledger has taken its place, and the instance was created anew there.
      decisions = freshDecisions
      decisions.created(
        at: try writer.reader.events(of: recorder.instance, limit: 1).first?.seq ?? 0)
      (releases, releasesKnown, announced) = ([], 0, nil)
    }
    let opened = try ProjectionStore(writer.reader)
    live = try LiveInstances(opened)
    store = opened
    return opened
  }

  private func events(for verdict: GateDecisions.Verdict) -> [NewEvent] {
    switch verdict {
    case .start: return []
    case .wait(let state, let cause, _):
      if let announced, announced.state == state, announced.cause.isSameKind(as: cause) {
        return []
      }
      return [recorder.newEvent(.state(state), cause.json)]
    case .end(let state, let reason):
      var ending = Ending()
      ending.reason = reason
      return [recorder.newEvent(.state(state), ending.json)]
    }
  }

  private func readReleases(_ reader: LedgerReader) throws(LedgerError) {
    guard let latch = decisions.gates.latch else { return }
    for event in try reader.hostEvents([.released], after: releasesKnown) {
      releasesKnown = event.seq
      let released = Released(event.json)
      if released.latch == latch { releases.append((event.seq, released)) }
    }
  }

  /// Until the targets are known; afterwards everything that counts is followed.
  private func newestEnded(
    _ store: ProjectionStore
  ) throws(LedgerError) -> [String: InstanceRecord] {
    guard decisions.wantsTargets else { return [:] }
    var newest: [String: InstanceRecord] = [:]
    for text in decisions.gates.afterSuccess {
      newest[text] = try store.newestEnded(named: text, createdBefore: decisions.createdSeq)
    }
    return newest
  }

  private func forgetEndedOrphans() {
    guard decisions.countsOrphans else { return }
    for orphan in live.orphans.map(\.record)
    where !endedOrphans.contains(orphan.instance) && !orphan.isOrphanRunning {
      endedOrphans.insert(orphan.instance)
    }
  }

  /// Somebody has asked something of the waiting instance: only that it end can be done.
  private func answerRequests() throws(LedgerError) -> Step {
    for case .request(let kind, let request) in recorder.takeResults()
    where kind == .stopRequested || kind == .interruptRequested {
      var ending = Ending()
      ending.reason = request.by.reason ?? "stopped by \(request.by.user) before it was started"
      cancellation = ending
      return try cancel(ending)
    }
    return .look
  }

  private func cancel(_ ending: Ending) throws(LedgerError) -> Step {
    // More may be asked meanwhile; it makes no difference.
    var isDecided = false
    while !isDecided {
      isDecided = try recorder.decide { (_) throws(LedgerError) in
        [recorder.newEvent(.state(.cancelled), ending.json)]
      }
    }
    return .ended(.cancelled)
  }

  // MARK: Sleeping

  private func sleep(_ wakers: GateDecisions.Wakers, _ signals: borrowing SignalQueue) {
    let children = wakers.orphans.compactMap(orphanWatch)
    var until = wakers.after.map { min($0, Self.longestSleep) }
    switch min(watch(wakers.instances), children.map(\.certainty).min() ?? .told) {
    case .hasEnded: return
    case .unknown: until = min(until ?? .max, Self.retryInterval)
    case .told: break
    }
    var poll = Poll()
    poll.add(signals.fd)
    if let fd = runFile.bellFD { poll.add(fd) }
    for watch in watches.values { poll.add(watch.fd, .hangup) }
    for child in children { if let fd = child.fd { poll.add(fd) } }
    let deadline = until.map { Clock.bootMicroseconds() + $0 }
    poll.wait(milliseconds: timer.arm(deadline, in: &poll))
    if let fd = runFile.bellFD, poll.isReady(fd) { runFile.clearRings() }
    for (instance, watch) in watches where poll.isReady(watch.fd) {
      watches[instance] = nil
      closeIfLost(instance)
    }
  }

  /// Watches these and no others.
  private func watch(_ instances: [InstanceID]) -> Certainty {
    var wanted: [InstanceID: RunWatch] = [:]
    var certainty = instances.count <= Self.watchLimit ? Certainty.told : .unknown
    for instance in instances.prefix(Self.watchLimit) {
      if let watch = watches[instance] ?? RunWatch(instance, in: directory) {
        wanted[instance] = watch
      } else {
        // It has gone since the decision, or was killed before.
        closeIfLost(instance)
        certainty = min(certainty, hasEnded(instance) ? .hasEnded : .unknown)
      }
    }
    watches = wanted
    return certainty
  }

  /// Where it was killed, this is its end; where that cannot be written now, the next look tries again.
  private func closeIfLost(_ instance: InstanceID) {
    _ = try? LostRuns.close(instance, with: writer)
  }

  private func hasEnded(_ instance: InstanceID) -> Bool {
    let last = try? writer.reader.lastEvent(of: instance)
    return last?.kind.isTerminal ?? false
  }

  private func orphanWatch(_ instance: InstanceID) -> OrphanWatch? {
    live.orphans.first { $0.record.instance == instance }.map { OrphanWatch($0.record) }
  }
}

/// Whether the end of what is waited for will be noticed.
private enum Certainty: Comparable {
  /// It has happened already: look at once.
  case hasEnded
  /// One has to look now and then.
  case unknown
  case told
}

/// The watch of a command that was left behind, kept in a list.
private final class OrphanWatch {
  private let watch: ProcessWatch?
  let certainty: Certainty

  init(_ record: InstanceRecord) {
    // Its pid here may be another than its runner's.
    guard let running = record.orphan, let pid = record.orphanSight.pid else {
      watch = nil
      certainty = .hasEnded
      return
    }
    do throws(SystemCallError) {
      watch = try ProcessWatch(pid: pid, startTime: running.started)
      certainty = Self.isThere(watch) ? .told : .hasEnded
    } catch {
      certainty = .unknown
      watch = nil
    }
  }

  private static func isThere(_ watch: borrowing ProcessWatch?) -> Bool {
    switch watch {
    case .some: true
    case .none: false
    }
  }

  var fd: Int32? {
    switch watch {
    case .some(let watch): watch.fd
    case .none: nil
    }
  }
}
