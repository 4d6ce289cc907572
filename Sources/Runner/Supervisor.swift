internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Settings
internal import Spawn

/// Starts the job and stays with it until its end is on record: one thread, one poll loop, no timers but the flush
/// interval and the deadlines below.
struct Supervisor: ~Copyable {
  let signals: SignalQueue
  /// `job@instance`.
  let name: String
  /// A run that is recorded has these, and a recorder.
  let handles: RunnerHandles?
  var recorder: RecorderThread?
  let log: RunLog
  let reporter: StderrReporter
  var child: Child
  var terminal: ForegroundTerminal
  /// The job's, while somebody has it open.
  var ownTerminal: RelayedTerminal?
  let pump: OutputPump?
  private let startedAt: WallTime
  private let startedMono: BootTime
  var decisions: RunDecisions
  private var watchTimers: WatchTimers
  var end: ChildEnd?
  private let drainLimit: Int64
  private var drainUntil: BootTime?
  var unrecorded: [(kind: EventKind, request: ControlRequest, until: BootTime)] = []
  var outputLeftOpen = false
  /// This process was stopped with its job, and is to be again unless the job goes on.
  var stopAgain: (signal: Int32, group: Bool)?
  /// The recorder reads what others have appended.
  var readsLedger = false
  var wasHungUp = false
  let outOfMemory: OutOfMemory
  /// Output that was held back is passed on, even if the job completed, where it has said something on stderr.
  let isLoudOnStderr: Bool
  var timeoutAt: BootTime?
  var lastStep: LastStep
  private let processes: JobProcesses

  init(
    _ job: Job, _ instance: InstanceID, _ outOfMemory: OutOfMemory,
    signals: consuming SignalQueue, _ handles: RunnerHandles?,
    _ recorder: consuming RecorderThread?, log: RunLog, reporter: StderrReporter,
    started: consuming Started, ownTerminal: RelayedTerminal?,
    terminal: consuming ForegroundTerminal
  ) {
    self.signals = signals
    name = "\(job.id)@\(instance)"
    self.handles = handles
    self.recorder = consume recorder
    self.log = log
    self.reporter = reporter
    drainLimit = job.output.drain
    startedAt = started.at
    startedMono = started.mono
    self.outOfMemory = outOfMemory
    isLoudOnStderr = job.options.isLoudOnStderr
    timeoutAt = job.timeout.map { [startedMono] in startedMono + $0 }
    lastStep = LastStep(killAfter: job.killAfter)
    pump = started.pump
    processes = JobProcesses(
      started.child, with: "\(EnvironmentVariable.instance.name)=\(instance)",
      without: EnvironmentVariable.pluginConfiguration.name)
    child = started.child
    self.ownTerminal = ownTerminal
    self.terminal = terminal
    decisions = RunDecisions(
      host: Host.name(), hasOwnTerminal: ownTerminal != nil, options: job.options)
    watchTimers = WatchTimers(job.watch, startedAt: startedMono)
  }

  consuming func run() -> RunEnd {
    handles?.mailbox.hand(
      .event(
        .state(.running),
        Running(
          pid: Int64(child.pid), started: child.startTime ?? 0, pgid: Int64(child.pid)
        ).json, at: startedAt, mono: startedMono))
    log.entered(.running)
    ownTerminal?.attach()
    // Those that came before there was a job, as what is blocked comes when it is let in.
    for delivery in signals.takeKept() { perform(decisions.received(delivery)) }
    var poll = Poll()
    var timer = BootTimer()
    while !isOver {
      poll.removeAll()
      poll.add(signals.fd)
      if let fd = handles?.bellFD { poll.add(fd) }
      if let fd = handles?.mailbox.wake.fd { poll.add(fd) }
      pump?.addInterest(to: &poll)
      ownTerminal?.addInterest(to: &poll)
      poll.wait(milliseconds: timer.arm(deadline, in: &poll))
      if poll.isReady(signals.fd) {
        takeSignals()
        takeChildChanges()
      }
      takeRings(poll)
      takeResults(poll)
      pump?.pump(poll)
      ownTerminal?.pump(poll)
      // If it was the reader who has gone, the job is to feel it. A job that has closed its terminal, as cat does before it
      // ends, would be killed.
      if pump?.isAtEnd ?? true, end != nil || pump?.hasLostReader ?? true {
        ownTerminal?.hangUp()
        ownTerminal = nil
      }
      tick()
      recorder?.workInBetween()
    }
    return finish()
  }

  /// The job has ended, all it has written has been read, and nothing of it is left that is to be killed.
  private var isOver: Bool {
    guard end != nil, !lastStep.isDue else { return false }
    return pump?.isAtEnd ?? true
  }

  private var deadline: BootTime? {
    let deadlines = [
      pump?.deadline, drainUntil, unrecorded.first?.until, timeoutAt, lastStep.deadline,
      watchTimers.deadline,
    ].compactMap { $0 }
    // Without a thread the recorder has to be looked after.
    let recorderDue: BootTime? = recorder.worksInBetween ? .now + 500_000 : nil
    return (deadlines + [recorderDue].compactMap { $0 }).min()
  }

  private mutating func takeSignals() {
    while let delivery = signals.next() { perform(decisions.received(delivery)) }
  }

  private mutating func takeChildChanges() {
    let hadEnded = end != nil
    while let change = child.nextChange() {
      switch change {
      case .ended(let end): ended(end)
      case .stopped(let signal):
        let holder = terminal.holder(of: child.pid, stoppedBy: signal)
        perform(decisions.stopped(bySignal: signal, holder))
      case .continued: perform(decisions.continued())
      }
    }
    Orphans.reap(all: hadEnded)
    if hadEnded { lookForRest() }
  }

  private mutating func lookForRest() {
    lastStep.jobEnded { [processes] in !processes.living().isEmpty }
  }

  private mutating func ended(_ end: ChildEnd) {
    self.end = end
    watchTimers.stop()
    decisions.ended(end, hadTerminal: terminal.wasHeld(by: child.pid))
    let wasKilled = if case .killed = end.outcome { true } else { false }
    terminal.takeBack(from: child.pid, restoringModes: wasKilled)
    ownTerminal?.endInput()
    pump?.jobHasEnded = true
    timeoutAt = nil
    lookForRest()
    drainUntil = .now + drainLimit
  }

  private mutating func takeRings(_ poll: borrowing Poll) {
    guard let handles, let fd = handles.bellFD, poll.isReady(fd) else { return }
    readLedger(handles)
    if handles.isFollowed { pump?.followerArrived() }
  }

  mutating func readLedger(_ handles: RunnerHandles) {
    handles.clearRings()
    handles.mailbox.hand(.readLedger)
    readsLedger = true
  }

  private mutating func takeResults(_ poll: borrowing Poll) {
    guard let mailbox = handles?.mailbox, poll.isReady(mailbox.wake.fd) else { return }
    mailbox.wake.clear()
    pump?.buffersReturned()
    for result in mailbox.takeResults() {
      switch result {
      case .request(let kind, let request):
        perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
      case .recorded(let kind, let request):
        guard let index = unrecorded.firstIndex(where: { $0.kind == kind && $0.request == request })
        else { continue }
        unrecorded.remove(at: index)
        perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
      case .hasReadLedger: readsLedger = false
      }
    }
  }

  private mutating func tick() {
    pump?.tick()
    if let stop = stopAgain, !readsLedger, unrecorded.isEmpty {
      stopAgain = nil
      if end == nil { stopSelf(by: stop.signal, group: stop.group) }
    }
    let now = BootTime.now
    while let first = unrecorded.first, now >= first.until {
      unrecorded.removeFirst()
      perform(decisions.recorded(first.kind, first.request, jobHasEnded: end != nil))
    }
    if let at = timeoutAt, now >= at {
      timeoutAt = nil
      perform(decisions.timedOut())
    }
    switch lastStep.next(now) {
    case .nothing: break
    case .outlived(let milliseconds): perform(decisions.outlived(milliseconds))
    case .sweep: lastStep.swept(processes.kill(), .now)
    }
    let warnings = watchTimers.due(
      now, bytesRead: pump?.bytesRead ?? 0,
      isHeldUp: decisions.isPaused || pump?.isHeldUp ?? false)
    for warning in warnings {
      handles?.mailbox.hand(.warning(warning, at: .now, mono: now))
    }
    if let until = drainUntil, now >= until, let pump, !pump.isAtEnd {
      // Not the job's doing, nor of what it left behind: its bytes are waited for.
      guard !pump.isHeldUp else {
        drainUntil = now + drainLimit
        return
      }
      outputLeftOpen = true
      // A terminal of its own is closed at the end, as a window is.
      if ownTerminal == nil { pump.leave() } else { pump.closeLeft() }
      reporter.report(
        "a process that the job left behind keeps its output open; "
          + "what it writes from now on is passed on, but not recorded")
    }
  }
}
