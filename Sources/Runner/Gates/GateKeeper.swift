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
  /// The wall clock may be set while somebody waits for a time of day.
  private static let longestSleep: Int64 = 30_000_000
  /// Descriptors for those that are waited for; beyond that a look every second has to do.
  private static let watchLimit = 256

  private let recorder: Recorder
  private let runFile: RunRecord
  private let directory: LedgerDirectory
  private let log: RunLog
  private let notices: Notices
  private let store: ProjectionStore
  private var live: LiveInstances
  private var decisions: GateDecisions
  private var watches: [InstanceID: RunWatch] = [:]
  /// What the last `pending` or `waiting` event says.
  private var announced: (state: RunState, cause: WaitCause)?
  private var troubleSince: Int64?

  private init(
    _ decisions: GateDecisions, _ record: RunRecord, _ log: RunLog, _ notices: Notices
  ) throws(LedgerError) {
    recorder = record.recorder
    runFile = record
    directory = record.directory
    self.log = log
    self.notices = notices
    self.decisions = decisions
    self.decisions.created(at: record.recorder.lastSeq)
    store = try ProjectionStore(recorder.writer.reader)
    live = try LiveInstances(store)
  }

  /// Without a ledger only time can be waited for: the job comes first.
  static func pass(
    _ decisions: GateDecisions, _ record: RunRecord?, _ log: RunLog, _ notices: Notices,
    _ signals: borrowing SignalQueue
  ) -> Outcome {
    do throws(LedgerError) {
      if let record, !record.recorder.isInTrouble {
        return try GateKeeper(decisions, record, log, notices).pass(signals)
      }
    } catch {
      notices.say("the job's gates cannot be asked: \(error)")
    }
    if decisions.gates.needLedger {
      notices.say("the job is run without asking its gates, which needs the ledger")
    }
    return passTime(decisions, signals)
  }

  private static func passTime(
    _ decisions: GateDecisions, _ signals: borrowing SignalQueue
  ) -> Outcome {
    while true {
      if let signal = endingSignal(signals) { return .cancelled(signal) }
      let left = decisions.timeLeft(
        wallNow: Clock.wallMicroseconds(), bootNow: Clock.bootMicroseconds())
      guard left > 0 else { return .start }
      _ = Poll.wait(
        signals.fd, for: .readable,
        milliseconds: Int32(clamping: (min(left, longestSleep) + 999) / 1000))
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

  /// A signal that asks for the end. Ctrl-Z stops this process, which has no job yet to stop.
  static func endingSignal(_ signals: borrowing SignalQueue) -> Int32? {
    while let delivery = signals.next() {
      if RunDecisions.signalForJob(delivery.signal) != nil { return delivery.signal }
      if delivery.signal == SIGTSTP { raise(SIGSTOP) }
    }
    return nil
  }

  // MARK: Looking

  private func step() -> Step {
    do throws(LedgerError) {
      let step = try look()
      troubleSince = nil
      return step
    } catch {
      let now = Clock.bootMicroseconds()
      let since = troubleSince ?? now
      troubleSince = since
      guard now - since < Self.troubleLimit else {
        notices.say("the job is run although its gates cannot be asked: \(error)")
        return .start
      }
      return .sleep(GateDecisions.Wakers(after: Self.retryInterval))
    }
  }

  private func look() throws(LedgerError) -> Step {
    // Outside of the queue as much as can be: what is left inside are the events of a moment.
    try live.catchUp(store)
    let vanished = live.all.filter { decisions.dependsOn($0) }.map(\.record.instance)
    for instance in vanished { try LostRuns.close(instance, with: recorder.writer) }
    let orphans = live.orphans.filter { Self.isRunning($0.record) }
    let newestEnded = try newestEnded()

    var verdict = GateDecisions.Verdict.start
    let isDecided = try recorder.decide { (reader) throws(LedgerError) in
      try live.catchUp(reader)
      let releases = try releases(reader)
      verdict = decisions.decide(
        GateDecisions.Moment(
          live: live, orphans: orphans, newestEnded: newestEnded, releases: releases,
          wallNow: Clock.wallMicroseconds(), bootNow: Clock.bootMicroseconds()))
      return events(for: verdict)
    }
    guard isDecided else { return try answerRequests() }
    switch verdict {
    case .start: return .start
    case .end(let state, _): return .ended(state)
    case .wait(let state, let cause, let wakers):
      if state == .pending, announced?.state != .pending {
        decisions.appendedPending(at: recorder.lastSeq)
      }
      announced = (state, cause)
      log.entered(state)
      return .sleep(wakers)
    }
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

  private func releases(
    _ reader: LedgerReader
  ) throws(LedgerError) -> [(seq: Int64, released: Released)] {
    guard let latch = decisions.gates.latch else { return [] }
    return try reader.hostEvents([.released]).map { ($0.seq, Released($0.json)) }
      .filter { $0.released.latch == latch }
  }

  /// Once: afterwards everything that counts is followed.
  private func newestEnded() throws(LedgerError) -> [String: InstanceRecord] {
    guard announced == nil else { return [:] }
    var newest: [String: InstanceRecord] = [:]
    for text in decisions.gates.afterSuccess where !Pattern(text).isGlob {
      if let record = try store.newest(named: text), record.state.isTerminal {
        newest[text] = record
      }
    }
    return newest
  }

  private static func isRunning(_ record: InstanceRecord) -> Bool {
    guard let orphan = record.orphan else { return false }
    return record.created.bootID == Host.bootID()
      && Host.startTime(of: Int32(truncatingIfNeeded: orphan.pid)) == orphan.started
  }

  /// Somebody has asked something of the waiting instance: only that it end can be done.
  private func answerRequests() throws(LedgerError) -> Step {
    for case .request(let kind, let request) in recorder.takeResults()
    where kind == .stopRequested || kind == .interruptRequested {
      var ending = Ending()
      ending.reason = request.by.reason ?? "stopped by \(request.by.user) before it was started"
      try recorder.decide { (_) throws(LedgerError) in
        [recorder.newEvent(.state(.cancelled), ending.json)]
      }
      return .ended(.cancelled)
    }
    return .look
  }

  // MARK: Sleeping

  private func sleep(_ wakers: GateDecisions.Wakers, _ signals: borrowing SignalQueue) {
    var until = wakers.after.map { min($0, Self.longestSleep) }
    let children = orphanWatches(wakers.orphans)
    if !watch(wakers.instances) || children.count < wakers.orphans.count {
      until = min(until ?? .max, Self.retryInterval)
    }
    var poll = Poll()
    poll.add(signals.fd)
    if let fd = runFile.bellFD { poll.add(fd) }
    for watch in watches.values { poll.add(watch.fd, .hangup) }
    for child in children { poll.add(child.fd) }
    // Rounded up: to wake a moment too early would spin.
    poll.wait(milliseconds: until.map { Int32(clamping: ($0 + 999) / 1000) } ?? -1)
    if let fd = runFile.bellFD, poll.isReady(fd) { runFile.clearRings() }
    for (instance, watch) in watches where poll.isReady(watch.fd) {
      watches[instance] = nil
      // Where it was killed, this is its end; where that cannot be written now, the next look tries again.
      _ = try? LostRuns.close(instance, with: recorder.writer)
    }
  }

  /// Watches these and no others. False when the end of one of them may go unnoticed, and one has to look.
  private func watch(_ instances: [InstanceID]) -> Bool {
    var wanted: [InstanceID: RunWatch] = [:]
    var isComplete = instances.count <= Self.watchLimit
    for instance in instances.prefix(Self.watchLimit) {
      if let watch = watches[instance] ?? RunWatch(instance, in: directory) {
        wanted[instance] = watch
      } else {
        // It has gone since the decision, or was killed before.
        _ = try? LostRuns.close(instance, with: recorder.writer)
        isComplete = false
      }
    }
    watches = wanted
    return isComplete
  }

  private func orphanWatches(_ instances: [InstanceID]) -> [OrphanWatch] {
    let orphans = live.orphans.filter { instances.contains($0.record.instance) }
    return orphans.compactMap { $0.record.orphan.flatMap { OrphanWatch($0) } }
  }
}

/// A process watch that can be kept in a list.
private final class OrphanWatch {
  private let watch: ProcessWatch
  var fd: Int32 { watch.fd }

  init?(_ running: Running) {
    guard
      let watch = try? ProcessWatch(
        pid: Int32(truncatingIfNeeded: running.pid), startTime: running.started)
    else { return nil }
    self.watch = watch
  }
}
