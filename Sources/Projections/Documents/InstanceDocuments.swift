package import Documents
package import Events

extension InstanceDocument {
  /// - Parameters:
  ///   - moment: the time of which it tells.
  ///   - live: who is live then, for what a waiting instance waits for; without them, what stood in its last event.
  package init(_ record: InstanceRecord, at moment: Moment, among live: LiveQueues? = nil) {
    self.init(record, bootNow: moment.boot, looksAround: !moment.isPast, among: live)
  }

  /// - Parameters:
  ///   - bootNow: for how long a live instance has been running.
  ///   - looksAround: whether a command that was left behind is looked for; without that it is not known to run.
  ///   - live: who is live, for what a waiting instance waits for; without them, what stood in its last event.
  package init(
    _ record: InstanceRecord, bootNow: BootTime, looksAround: Bool = true,
    among live: LiveQueues? = nil
  ) {
    let (created, running, ending) = (record.created, record.running, record.ending)
    self.init(
      job: record.job, instance: record.instance, state: record.state,
      createdAt: record.createdAt)
    reason = ending?.reason
    let leftBehind =
      looksAround ? LeftBehindCommand(record.state, ending, running) { created } : nil
    isStillRunning = leftBehind?.isRunning ?? (record.state.group == .executing)
    pausedBy = record.pausedBy ?? (isStillRunning && leftBehind?.isStopped == true ? "STOP" : nil)
    waiting = record.waitCause.map { Waiting($0, of: record, bootNow: bootNow, among: live) }
    command = created.command
    cwd = created.cwd
    user = created.user
    uid = created.uid
    host = created.host
    parent = created.parent
    within = created.within
    runnerPID = created.runnerPID
    pid = running?.pid
    startedAt = record.startedAt
    endedAt = record.endedAt
    run = record.runMicroseconds(bootNow: bootNow)
    exitCode = ending?.exitCode
    signal = ending?.signal
    hasDumpedCore = ending?.coreDumped ?? false
    status = record.status(ending)
    progress = record.progress(ending)
    warnings = record.warnings
    params = created.params
    executionGroup = created.executionGroup
    gates = created.gates
    requests = record.requests.map {
      Request(
        kind: $0.kind, at: $0.at, seq: $0.seq, signal: $0.request.signal, by: $0.request.by,
        error: $0.error)
    }
    evidence = ending?.evidence
    rerunOf = created.rerunOf
    retryOf = created.retryOf
    attempt = created.attempt
    launch = Launch(created)
    env = created.env
    usage = ending?.usage
    if !created.bypassesOutput {
      output = Output(
        totals: ending?.output ?? record.foldedOutput,
        isOneStream: created.hasOneStream || created.hasOwnTerminal,
        isLeftOpen: ending?.outputLeftOpen ?? false, removedAt: record.outputRemovedAt)
    }
    transitions = record.transitions.map { Transition(state: $0.state, at: $0.at, seq: $0.seq) }
    version = created.version
  }
}

extension InstanceDocument.Launch {
  init(_ created: Created) {
    self.init()
    umask = created.umask
    nice = created.nice
    timeout = created.timeout
    killAfter = created.killAfter
    diesWithTaro = created.diesWithTaro
    hasOwnTerminal = created.hasOwnTerminal
    isDryRun = created.isDryRun
    isKept = created.isKept
    split = created.split
    uncaptured = created.uncaptured
    envSet = created.envSet
  }
}

extension InstanceDocument.Waiting {
  /// So many of those ahead are named.
  private static let namedAhead = 10

  /// Against who is live now, for what stood in its last event may have ended since.
  init(
    _ cause: WaitCause, of record: InstanceRecord, bootNow: BootTime, among live: LiveQueues?
  ) {
    self.init()
    latch = cause.latch
    until = cause.until
    executionGroup = cause.executionGroup
    limit = cause.limit
    after = live.map { $0.stillLive(cause.after) } ?? cause.after
    guard let group = cause.executionGroup else { return }
    guard let ahead = live?.ahead(of: record.createdSeq, in: group) else {
      aheadCount = cause.aheadCount
      return
    }
    aheadCount = Int64(ahead.count)
    // One of them has to end for each that is ahead beyond the places there are.
    place = max(0, Int64(ahead.count) - (cause.limit ?? 1) + 1)
    self.ahead = ahead.prefix(Self.namedAhead).map {
      InstanceDocument.Ahead(name: $0.name, state: $0.state, run: $0.run(bootNow: bootNow))
    }
  }
}
