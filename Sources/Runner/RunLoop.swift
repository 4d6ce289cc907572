internal import Glibc
internal import Ledger
internal import Linux
internal import Settings
internal import Spawn

/// Starts the job and stays with it until its end is on record: one thread, one poll loop, no timers but the flush
/// interval and the deadlines below.
struct RunLoop: ~Copyable {
  /// How long an interrupt waits for its record: a ledger in trouble keeps nobody from stopping a job.
  private static let recordLimit: Int64 = 1_000_000

  /// sysexits.h, EX_IOERR: of a job that has ended with 0 although not all it printed could be written.
  private static let refusedExitCode: Int32 = 74

  private let signals: SignalQueue
  /// `job@instance`.
  private let name: String
  private let record: RunRecord?
  private let log: RunLog
  private let notices: Notices
  private var child: Child
  private var terminal: ForegroundTerminal
  /// The job's, while somebody has it open.
  private var ownTerminal: RelayedTerminal?
  private let pump: OutputPump?
  private let startedAt: Int64
  private let startedMono: Int64
  private var decisions: RunDecisions
  private var watchTimers: WatchTimers
  private var end: ChildEnd?
  private let drainLimit: Int64
  private var drainUntil: Int64?
  private var unrecorded: [(kind: EventKind, request: ControlRequest, until: Int64)] = []
  private var outputLeftOpen = false
  /// This process was stopped with its job, and is to be again unless the job goes on.
  private var stopAgain: (signal: Int32, group: Bool)?
  private var looksAtRequests = false
  private var wasHungUp = false
  private let outOfMemory: OutOfMemory
  private var timeoutAt: Int64?
  private var lastStep: LastStep
  private let processes: JobProcesses

  /// Runs the job.
  /// - Parameter whenStarted: called once it runs, for what needs processes or threads besides.
  static func execute(
    _ job: Job, _ instance: InstanceID, _ streams: StreamPlan, signals: consuming SignalQueue,
    record: RunRecord?, log: RunLog, notices: Notices, whenStarted: () -> Void
  ) -> RunResult {
    var launch = job.launch(of: instance)
    launch.signalMask = .blockedByCaller
    launch.diesWithParent = job.diesWithTaro
    launch.standsForCaller = true
    let ownTerminal = job.launch.hasOwnTerminal ? openTerminal(notices) : nil
    launch.ownTerminal = ownTerminal?.path
    let terminal = ForegroundTerminal(isShared: ownTerminal == nil)
    launch.terminal = terminal.atStart
    let outOfMemory = OutOfMemory()
    let started: Started
    do {
      started = try start(launch, job, streams, ownTerminal, record, notices)
    } catch let error as SpawnError {
      notices.say(error.description)
      var result = fail(.startFailed, error.description, error.exitCode, record, log)
      result.cannotBeStarted = !error.mayPass
      return result
    } catch {
      notices.say("cannot start the job: \(error)")
      return fail(.error, "\(error)", 126, record, log)
    }
    // After the job, whose place it could take where few processes are allowed (RLIMIT_NPROC).
    let thread = startRecorder(record)
    whenStarted()
    if let refusal = started.child.nicenessRefusal {
      notices.say(
        "the job runs with taro's own niceness: \(refusal.message); only root may lower it")
    }
    let loop = RunLoop(
      job, instance, outOfMemory, signals: signals, record: record, log: log, notices: notices,
      started: started, ownTerminal: ownTerminal, terminal: terminal)
    return loop.run(thread)
  }

  private struct Started: ~Copyable {
    let child: Child
    let pump: OutputPump?
    /// From before the start: what the job takes includes being loaded.
    let at: Int64
    let mono: Int64
  }

  private static func start(
    _ launch: Launch, _ job: Job, _ streams: StreamPlan, _ ownTerminal: RelayedTerminal?,
    _ record: RunRecord?, _ notices: Notices
  ) throws -> Started {
    let (at, mono) = (Clock.wallMicroseconds(), Clock.bootMicroseconds())
    let pipes = try JobPipes(job, streams, ownTerminal, notices)
    let child = try launch.start(into: pipes)
    let pump = pipes.pump(job, record, notices)
    return Started(child: child, pump: pump, at: at, mono: mono)
  }

  /// Nil, with a line on stderr, where there is none to have: the job runs all the same.
  private static func openTerminal(_ notices: Notices) -> RelayedTerminal? {
    do throws(SystemCallError) { return try RelayedTerminal() } catch {
      notices.say("the job has no terminal: \(error)")
      return nil
    }
  }

  /// Nil where no thread can be had: the run loop records in between then.
  private static func startRecorder(_ record: RunRecord?) -> WorkerThread? {
    guard let recorder = record?.recorder else { return nil }
    do throws(SystemCallError) { return try recorder.start() } catch { return nil }
  }

  private static func fail(
    _ state: RunState, _ reason: String, _ code: Int32, _ record: RunRecord?,
    _ log: RunLog
  ) -> RunResult {
    var ending = Ending()
    ending.reason = reason
    log.entered(state, ending)
    record?.recorder.finish(state, ending, on: nil)
    return RunResult(exitCode: code, state: state)
  }

  private init(
    _ job: Job, _ instance: InstanceID, _ outOfMemory: OutOfMemory,
    signals: consuming SignalQueue, record: RunRecord?, log: RunLog, notices: Notices,
    started: consuming Started, ownTerminal: RelayedTerminal?,
    terminal: consuming ForegroundTerminal
  ) {
    self.signals = signals
    name = "\(job.id)@\(instance)"
    self.record = record
    self.log = log
    self.notices = notices
    drainLimit = job.output.drain
    startedAt = started.at
    startedMono = started.mono
    self.outOfMemory = outOfMemory
    timeoutAt = job.timeout.map { [startedMono] in startedMono &+ $0 }
    lastStep = LastStep(killAfter: job.killAfter)
    pump = started.pump
    processes = JobProcesses(
      started.child, with: "\(LostRuns.variable)=\(instance)", without: LostRuns.pluginVariable)
    child = started.child
    self.ownTerminal = ownTerminal
    self.terminal = terminal
    decisions = RunDecisions(host: Host.name(), hasOwnTerminal: ownTerminal != nil)
    watchTimers = WatchTimers(job.watch, startedAt: startedMono)
  }

  // MARK: The loop

  private consuming func run(_ thread: consuming WorkerThread?) -> RunResult {
    record?.recorder.hand(
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
      if let fd = record?.bellFD { poll.add(fd) }
      if let fd = record?.recorder.wake.fd { poll.add(fd) }
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
      // If it was the reader who has gone, the job is to feel it.
      if pump?.isAtEnd ?? true {
        ownTerminal?.hangUp()
        ownTerminal = nil
      }
      tick()
      if let recorder = record?.recorder, !recorder.hasThread { recorder.workNow() }
    }
    return finish(thread)
  }

  /// The job has ended, all it has written has been read, and nothing of it is left that is to be killed.
  private var isOver: Bool {
    guard end != nil, !lastStep.isDue else { return false }
    return pump?.isAtEnd ?? true
  }

  private var deadline: Int64? {
    let deadlines = [
      pump?.deadline, drainUntil, unrecorded.first?.until, timeoutAt, lastStep.deadline,
      watchTimers.deadline,
    ].compactMap { $0 }
    // Without a thread the recorder has to be looked after.
    let recorderDue: Int64? =
      record?.recorder.hasThread ?? true ? nil : Clock.bootMicroseconds() + 500_000
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
    drainUntil = Clock.bootMicroseconds() + drainLimit
  }

  private mutating func takeRings(_ poll: borrowing Poll) {
    guard let record, let fd = record.bellFD, poll.isReady(fd) else { return }
    look(record)
    if record.isFollowed { pump?.followerArrived() }
  }

  private mutating func look(_ record: RunRecord) {
    record.clearRings()
    record.recorder.hand(.look)
    looksAtRequests = true
  }

  private mutating func takeResults(_ poll: borrowing Poll) {
    guard let recorder = record?.recorder, poll.isReady(recorder.wake.fd) else { return }
    recorder.wake.clear()
    pump?.buffersReturned()
    for result in recorder.takeResults() {
      switch result {
      case .request(let kind, let request):
        perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
      case .recorded(let kind, let request):
        guard let index = unrecorded.firstIndex(where: { $0.kind == kind && $0.request == request })
        else { continue }
        unrecorded.remove(at: index)
        perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
      case .looked: looksAtRequests = false
      }
    }
  }

  private mutating func tick() {
    pump?.tick()
    if let stop = stopAgain, !looksAtRequests, unrecorded.isEmpty {
      stopAgain = nil
      if end == nil { stopSelf(by: stop.signal, group: stop.group) }
    }
    let now = Clock.bootMicroseconds()
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
    case .sweep: lastStep.swept(processes.kill(), Clock.bootMicroseconds())
    }
    let warnings = watchTimers.due(
      now, bytesRead: pump?.bytesRead ?? 0,
      isHeldUp: decisions.isPaused || pump?.isHeldUp ?? false)
    for warning in warnings {
      record?.recorder.hand(.warning(warning, at: Clock.wallMicroseconds(), mono: now))
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
      notices.say(
        "a process that the job left behind keeps its output open; "
          + "what it writes from now on is passed on, but not recorded")
    }
  }

  // MARK: Acting

  private mutating func perform(_ actions: [RunDecisions.Action]) {
    for action in actions {
      switch action {
      case .record(let kind, let request): note(kind, request)
      case .notePause(let signal): note(.paused, Paused(signal: Signals.name(signal)).json)
      case .noteResumption: note(.resumed, .object([]))
      case .deliver(let kind, let request, let signals):
        let refusal = signals.reduce(nil) { $0 ?? child.deliver($1) }
        if signals.contains(where: { [SIGCONT, SIGKILL].contains($0) }) { stopAgain = nil }
        perform(
          decisions.delivered(kind, request, refusal: refusal, jobHasEnded: end != nil))
      case .tellUndelivered(let undelivered):
        note(.undelivered, undelivered.json)
        if let words = Self.telling(undelivered) { notices.say(words) }
      case .expectEnd: if end == nil { lastStep.expectEnd(Clock.bootMicroseconds()) }
      case .killAll: lastStep.begin(Clock.bootMicroseconds())
      case .signalGroup(let signal):
        if let refusal = child.deliver(signal) {
          notices.say("SIG\(Signals.name(signal)) has not reached the job: \(refusal.message)")
        }
        if signal == SIGCONT || signal == SIGKILL { stopAgain = nil }
      case .stopSelf: stopSelf(by: SIGTSTP)
      case .stopPipeline(let signal): stopSelf(by: signal, group: true)
      case .resumeJob: resumeJob()
      case .resizeTerminal: ownTerminal?.resize()
      }
    }
  }

  private func note(_ kind: EventKind, _ data: JSON) {
    record?.recorder.hand(
      .event(kind, data, at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds()))
  }

  /// Who asked this process is told here; nil for the others, who read it in the ledger.
  private static func telling(_ undelivered: Undelivered) -> String? {
    let (by, signal) = (undelivered.request.by, undelivered.request.signal)
    switch by.via {
    case .signal: return "SIG\(signal) has not reached the job: \(undelivered.error)"
    case .runner:
      return "the job was not ended (\(by.reason ?? "")): SIG\(signal): \(undelivered.error)"
    case .cli, .rest, .ssh: return nil
    }
  }

  private mutating func note(_ kind: EventKind, _ request: ControlRequest) {
    guard let recorder = record?.recorder else {
      return perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
    }
    let now = Clock.bootMicroseconds()
    unrecorded.append((kind, request, now + Self.recordLimit))
    recorder.hand(.request(kind, request, at: Clock.wallMicroseconds(), mono: now))
  }

  /// Stops this process, as the job was stopped; goes on when the shell continues it, or for a moment when something
  /// is to be done about the job.
  private mutating func stopSelf(by signal: Int32, group: Bool = false) {
    pump?.passOnNow()
    terminal.takeBack(from: child.pid, restoringModes: true)
    ownTerminal?.detach()
    while let delivery = signals.next() {
      if delivery.signal != SIGTSTP { perform(decisions.received(delivery)) }
    }
    record?.continuesStopped(true)
    // What has come before that continues nobody.
    guard !looksAtRequests, unrecorded.isEmpty, record?.hasRung != true else {
      record?.continuesStopped(false)
      stopAgain = (signal, group)
      return
    }
    stop(by: signal, group: group)
    let wake = SelfStop.Wake(signals)
    for delivery in wake.others { perform(decisions.received(delivery)) }
    switch wake.reason {
    case .continued: resumeJob()
    case .own:
      stopAgain = (signal, false)
      if let record { look(record) }
    case .notStopped: goOnOrphaned(signal)
    }
  }

  /// Not in the middle of a turn: the whole host would wait for us.
  private func stop(by signal: Int32, group: Bool) {
    let deadline = [timeoutAt, lastStep.deadline].compactMap { $0 }.min()
    let stop = { SelfStop.stop(by: signal, group: group, until: deadline) }
    guard let record else { return stop() }
    record.recorder.stopBetweenTurns(stop)
    record.continuesStopped(false)
  }

  /// Nobody is there who could continue this process, as a shell does. A key stops nothing then; and a job that wants
  /// the terminal in vain is hung up, as the kernel does with who is left stopped (exit(3p)).
  private mutating func goOnOrphaned(_ signal: Int32) {
    guard signal != SIGTSTP, terminal.holder(job: child.pid) == .others else { return resumeJob() }
    guard !wasHungUp else { return }
    wasHungUp = true
    notices.say("the job wants the terminal, and nobody can give it: it is hung up")
    for signal in [SIGHUP, SIGCONT] { _ = child.signalGroup(signal) }
  }

  private mutating func resumeJob() {
    guard end == nil else { return }
    stopAgain = nil
    ownTerminal?.attach()
    // In the background it goes on too, until it wants the terminal.
    if terminal.isWanted { _ = terminal.handOver(to: child.pid) }
    _ = child.signalGroup(SIGCONT)
  }

  // MARK: The end

  private consuming func finish(_ thread: consuming WorkerThread?) -> RunResult {
    guard let end else { return RunResult(exitCode: 126, state: .error) }
    // Until now its pid, and its group's number, could be nobody else's.
    child.reap()
    pump?.flush()
    if !outputLeftOpen { pump?.finish() }
    let (state, ending) = ending(end)
    if let recorder = record?.recorder {
      recorder.hand(
        .finish(state, ending, at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds()))
      if let thread { thread.join() } else { recorder.work() }
    }
    // Nobody who waits for this run's place has to wait for a slow reader of its output.
    record?.letGo()
    // After the recorder, which may have a last warning to tell.
    log.entered(state, ending)
    if state != .completed { pump?.release() }
    pump?.deliverRest(signals, notices, name: name)
    record?.foldIfDue()
    var processEnd = decisions.processEnd(end)
    if processEnd.code == 0, state == .completed || state == .failed, pump?.refusal != nil {
      processEnd = ProcessEnd(code: Self.refusedExitCode)
    }
    return RunResult(
      end: processEnd, state: state, wasAskedToEnd: decisions.wasAskedToEnd)
  }

  private func ending(_ end: ChildEnd) -> (RunState, Ending) {
    var (state, reason) = decisions.ending(end) { outOfMemory.hasKilledSince }
    // What looks good and is not: somebody may need all of it.
    if state == .completed, let refusal = pump?.refusal { (state, reason) = (.failed, refusal) }
    var ending = Ending()
    ending.reason = reason
    switch end.outcome {
    case .exited(let code): ending.exitCode = Int64(code)
    case .killed(let signal, let coreDumped):
      ending.signal = Signals.name(signal)
      ending.coreDumped = coreDumped
    }
    ending.usage = Ending.Usage(
      userMicroseconds: end.usage.userMicroseconds,
      systemMicroseconds: end.usage.systemMicroseconds, maxRSSBytes: end.usage.maxRSSBytes,
      maxRSSBelowBytes: end.usage.maxRSSBelowBytes, blocksIn: end.usage.blocksIn,
      blocksOut: end.usage.blocksOut)
    ending.output = pump == nil ? nil : OutputTotals()
    ending.outputLeftOpen = outputLeftOpen
    return (state, ending)
  }
}
