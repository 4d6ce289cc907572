internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Maintenance
internal import Projections
internal import Spawn

/// Sees an instance through its gates before its job is started: decides inside one turn of the append queue, and
/// sleeps until something has changed that the decision depends on (``GateSleep``). On the run's first thread, before the
/// recorder has one of its own.
final class GateKeeper {
  enum Outcome {
    case start
    case ended(InstanceState)
    /// By this signal to taro.
    case cancelled(Int32)
  }

  private enum Step {
    case start
    case ended(InstanceState)
    /// Something has come that is to be looked at first.
    case again
    case sleep(GateDecisions.Wakers)
  }

  /// The time for which the ledger may be unreadable before the job is run all the same.
  private static let troubleLimit: Int64 = 60_000_000
  private static let retryInterval: Int64 = 1_000_000
  private static let longestReturn: Int64 = 5_000_000

  private let writer: LedgerWriter
  private var directory: LedgerDirectory { writer.directory }
  private let log: RunLog
  private let reporter: StderrReporter
  /// The projections; nil until the first look, which may fail like any other.
  private var store: ProjectionStore?
  private let enclosing = CreatedFacts.enclosing
  private var live = LiveInstances(live: [])
  private var decisions: GateDecisions
  /// As they were before the first look.
  private let freshDecisions: GateDecisions
  /// Lost instances whose commands have ended since: they are not looked for again.
  private var endedOrphans: Set<InstanceID> = []
  /// The releases of the instance's latch, oldest first, and the position up to which all are known.
  private var releases: [(seq: Seq, released: Released)] = []
  private var releasesKnown = Seq.start
  /// The state and cause that the last `pending` or `waiting` event says.
  private var announced: (state: InstanceState, cause: WaitCause)?
  /// Those that were asked to end, so that this one takes their place.
  private var askedToEnd: Set<InstanceID> = []
  private var troubleSince: BootTime?
  /// The end of an instance that is not to run, from when that was asked until it is on record.
  private var cancellation: Ending?

  private init(
    _ decisions: GateDecisions, createdAt seq: Seq, _ writer: LedgerWriter, _ log: RunLog,
    _ reporter: StderrReporter
  ) {
    self.writer = writer
    self.log = log
    self.reporter = reporter
    self.decisions = decisions
    freshDecisions = decisions
    self.decisions.created(at: seq)
  }

  static func pass(
    _ decisions: GateDecisions, _ handles: RunnerHandles, _ journal: inout sending RunJournal,
    _ log: RunLog, _ reporter: StderrReporter, _ signals: borrowing SignalQueue
  ) -> Outcome {
    guard let writer = journal.writer, !journal.isInTrouble else {
      // Where the ledger could not even be opened, that was said.
      if decisions.gates.needLedger, journal.writer != nil { reporter.report(unasked) }
      return passTime(decisions, signals)
    }
    let keeper = GateKeeper(
      decisions, createdAt: journal.lastSeq, writer, log, reporter)
    let sleep = GateSleep()
    while true {
      if let signal = endingSignal(signals) { return .cancelled(signal) }
      switch keeper.step(&journal) {
      case .start: return .start
      case .ended(let state): return .ended(state)
      case .again: continue
      case .sleep(let wakers):
        let unwatched = sleep.watch(wakers.instances, in: keeper.directory)
        let certainty = keeper.closeLost(unwatched)
        let ended = sleep.sleep(
          wakers, keeper.orphans(among: wakers.orphans), certainty, handles, signals)
        for instance in ended { keeper.closeIfLost(instance) }
      }
    }
  }

  private static let unasked = "the job is run without asking its gates"

  /// Without a ledger only time can be waited for: the job comes first.
  static func passTime(
    _ decisions: GateDecisions, _ signals: borrowing SignalQueue
  ) -> Outcome {
    var timer = BootTimer()
    while true {
      if let signal = endingSignal(signals) { return .cancelled(signal) }
      let left = decisions.timeLeft(
        wallNow: .now, bootNow: .now)
      guard left > 0 else { return .start }
      var poll = Poll()
      poll.add(signals.fd)
      let deadline = BootTime.now + min(left, GateSleep.longest)
      poll.wait(milliseconds: timer.arm(deadline, in: &poll))
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

  private func step(_ journal: inout RunJournal) -> Step {
    let begun = BootTime.now
    do throws(LedgerError) {
      let step = try decide(&journal)
      troubleSince = nil
      return step
    } catch {
      // How long the look itself has waited counts.
      let since = troubleSince ?? begun
      troubleSince = since
      guard BootTime.now - since < Self.troubleLimit else {
        if let cancellation {
          journal.end(in: .cancelled, cancellation)
          return .ended(.cancelled)
        }
        reporter.report("\(Self.unasked): \(reporter.voice.explain(error))")
        return .start
      }
      return .sleep(GateDecisions.Wakers(after: Self.retryInterval))
    }
  }

  private func decide(_ journal: inout RunJournal) throws(LedgerError) -> Step {
    // Decided before, and then the disk would not take it: it stands all the same.
    if let state = journal.state, state.group == .notExecuted { return .ended(state) }
    if let cancellation { return try cancel(cancellation, &journal) }
    if try awaitsOthers() { return .sleep(GateDecisions.Wakers(after: 20_000)) }
    let store = try openStore()
    // Outside of the queue as much as can be: what is left inside are the events of a moment.
    try live.catchUp(store)
    let vanished = live.unordered.filter { decisions.dependsOn($0) }.map(\.instance)
    for instance in vanished { try LostInstances.close(instance, with: writer) }
    forgetEndedOrphans()
    if let enclosing, decisions.ancestors.isEmpty {
      decisions.ancestors = try live.ancestors(from: enclosing, store)
    }
    try readReleases(writer.reader)
    let newestEnded = try newestEnded(store)
    let lastCompleted = try lastCompleted(store)

    var verdict = GateDecisions.Verdict.start
    let isDecided = try journal.decide { (reader) throws(LedgerError) in
      try live.catchUp(reader)
      // Again: a run may have been found lost since, and its place is not free while its command runs.
      forgetEndedOrphans()
      try readReleases(reader)
      let orphans = live.orphans.filter { !endedOrphans.contains($0.instance) }
      if let (state, ending) = try DisabledJobs.refusal(of: decisions.job, reader) {
        verdict = .end(state, reason: ending.reason ?? "")
      } else {
        verdict = decisions.decide(
          GateDecisions.Moment(
            live: live, orphans: orphans, newestEnded: newestEnded, lastCompleted: lastCompleted,
            releases: releases, wallNow: .now, bootNow: .now))
      }
      return events(for: verdict)
    }
    guard isDecided else { return try answerRequests(&journal) }
    switch verdict {
    case .start: return .start
    case .end(let state, let reason):
      // Nobody has asked for that.
      if [GateDecisions.ofAncestor, GateDecisions.neverRun].contains(where: reason.hasSuffix) {
        reporter.report("the job is not run: \(reason)")
      }
      return .ended(state)
    case .wait(let state, let cause, let wakers):
      if state == .pending, announced?.state != .pending {
        decisions.appendedPending(at: journal.lastSeq)
      }
      if announced.map({ $0.state != state || !$0.cause.isSameKind(as: cause) }) ?? true {
        tellPerson(cause)
      }
      announced = (state, cause)
      log.entered(state)
      try askToEnd(wakers.replaced, store)
      return .sleep(wakers)
    }
  }

  /// Whoever sits before it sees why nothing happens.
  private func tellPerson(_ cause: WaitCause) {
    guard Terminal.isTerminal(2) else { return }
    let what: String
    if let latch = cause.latch {
      what = "until latch \(latch) is released"
    } else if let until = cause.until {
      what = "until \(CivilMoment(local: until).text)"
    } else if let first = cause.after.first {
      what =
        "until \(first) has ended"
        + (cause.after.count > 1 ? ", and \(cause.after.count - 1) more" : "")
    } else {
      what =
        "for a place in \(cause.executionGroup ?? decisions.group), behind \(cause.aheadCount ?? 0) of which \(cause.limit ?? 1) may run"
    }
    reporter.report("the job waits \(what); Ctrl-C gives it up")
  }

  /// Asks instances of the same job to end, each once.
  private func askToEnd(
    _ instances: [InstanceID], _ store: ProjectionStore
  ) throws(LedgerError) {
    for instance in instances where !askedToEnd.contains(instance) {
      guard let record = try store.record(of: instance) else { continue }
      var by = Requester.thisProcess(reason: "replaced by \(decisions.job)@\(decisions.instance)")
      by.via = .runner
      let request = ControlRequest(by: by, signal: record.created.options.stopSignal ?? "TERM")
      do throws(LedgerError) {
        _ = try writer.turn(durable: true) { turn throws(LedgerError) in
          try turn.append(NewEvent.now(.stopRequested, request.json, of: instance, record.job))
        }
      } catch {
        guard case .ended = error else { throw error }
      }
      askedToEnd.insert(instance)
      // Who cannot be rung has gone, and is closed when its place is looked at.
      _ = try RunFiles.ring(instance, reading: writer.reader)
    }
  }

  private func lastCompleted(
    _ store: ProjectionStore
  ) throws(LedgerError) -> GateDecisions.LastCompleted? {
    guard decisions.gates.notWithin != nil,
      let record = try store.newest(ofJob: decisions.job, in: [.completed]),
      let at = record.endedAt
    else { return nil }
    return GateDecisions.LastCompleted(name: record.name, at: at)
  }

  /// While a ledger that was begun instead of a damaged one does not know of all runs that live: they have been rung, and
  /// begin once more in it. Their places are not free.
  private func awaitsOthers() throws(LedgerError) -> Bool {
    guard let first = try writer.reader.events(after: .start, limit: 1).first,
      [.sealed, .recovered].contains(first.kind),
      (WallTime.now - first.at).magnitude < Self.longestReturn
    else { return false }
    for name in DirectoryListing.names(in: directory.runDirectory) {
      guard let instance = InstanceID(name), instance != decisions.instance,
        try writer.reader.lastEvent(of: instance) == nil,
        case .alive = RunFiles.life(of: instance, in: directory)
      else { continue }
      return true
    }
    return false
  }

  private func openStore() throws(LedgerError) -> ProjectionStore {
    if let store, store.isOf(writer.reader) { return store }
    if store != nil {
      // Another ledger has taken its place, and the instance was created anew there.
      decisions = freshDecisions
      decisions.created(
        at: try writer.reader.events(of: decisions.instance, limit: 1).first?.seq ?? .start)
      (releases, releasesKnown, announced) = ([], .start, nil)
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
      return [event(state, cause.json)]
    case .end(let state, let reason):
      var ending = Ending()
      ending.reason = reason
      return [event(state, ending.json)]
    }
  }

  private func event(_ state: InstanceState, _ data: JSON) -> NewEvent {
    NewEvent.now(.state(state), data, of: decisions.instance, decisions.job)
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
  ) throws(LedgerError) -> [String: LiveInstances.Member] {
    guard decisions.wantsTargets else { return [:] }
    var newest: [String: LiveInstances.Member] = [:]
    for text in decisions.gates.afterSuccess {
      newest[text] = try store.newestEnded(named: text, createdBefore: decisions.createdSeq)
        .map(LiveInstances.Member.init)
    }
    return newest
  }

  private func forgetEndedOrphans() {
    guard decisions.countsOrphans else { return }
    for orphan in live.orphans where !endedOrphans.contains(orphan.instance) {
      guard let command = orphan.leftBehind, !command.isRunning else { continue }
      endedOrphans.insert(orphan.instance)
    }
  }

  /// Somebody has asked something of the waiting instance: only that it end can be done.
  private func answerRequests(_ journal: inout RunJournal) throws(LedgerError) -> Step {
    for (kind, request) in journal.takeRequests()
    where kind == .stopRequested || kind == .interruptRequested {
      var ending = Ending()
      ending.reason = request.by.reason ?? "stopped by \(request.by.user) before it was started"
      cancellation = ending
      return try cancel(ending, &journal)
    }
    return .again
  }

  private func cancel(
    _ ending: Ending, _ journal: inout RunJournal
  ) throws(LedgerError) -> Step {
    // More may be asked meanwhile; it makes no difference.
    var isDecided = false
    while !isDecided {
      isDecided = try journal.decide { (_) throws(LedgerError) in
        [event(.cancelled, ending.json)]
      }
    }
    return .ended(.cancelled)
  }

  // MARK: Those that are waited for

  /// Those of them that have gone since the decision, or were killed before, and cannot be watched.
  private func closeLost(_ instances: [InstanceID]) -> Certainty {
    var certainty = Certainty.told
    for instance in instances {
      closeIfLost(instance)
      certainty = min(certainty, hasEnded(instance) ? .hasEnded : .unknown)
    }
    return certainty
  }

  /// Closes an instance whose runner was killed. Where that cannot be written now, the next look tries again.
  private func closeIfLost(_ instance: InstanceID) {
    _ = try? LostInstances.close(instance, with: writer)
  }

  private func hasEnded(_ instance: InstanceID) -> Bool {
    let last = try? writer.reader.lastEvent(of: instance)
    return last?.kind.isTerminal ?? false
  }

  private func orphans(among instances: [InstanceID]) -> [LeftBehindCommand] {
    instances.compactMap { instance in
      live.orphans.first { $0.instance == instance }?.leftBehind
    }
  }
}
