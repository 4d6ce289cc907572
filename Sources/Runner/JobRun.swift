package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Projections
internal import Settings
internal import Spawn

/// The life of one instance, from its `created` event to its terminal one.
///
/// The job comes first: whatever is wrong with the ledger, it is run, and its exit code is returned.
package struct JobRun {
  private let job: Job
  private let version: String
  private let notices: Notices
  private let log: RunLog
  package let instance: InstanceID
  /// The name of whoever started this process: asked for before it can be split.
  private let parent = Host.processName(of: getppid())
  private let createdAt = Clock.wallMicroseconds()
  private let createdMono = Clock.bootMicroseconds()

  package init(_ job: Job, version: String) {
    self.job = job
    self.version = version
    instance = InstanceID(createdAt: createdAt)
    notices = Notices()
    log = RunLog(job.log, job.id, instance, notices)
  }

  /// Runs the job.
  /// - Parameters:
  ///   - directory: nil when there is none to use; `reason` then says why.
  ///   - whenCreated: called once when the instance is on record, or cannot be and is run all the same.
  package func run(
    ledger directory: LedgerDirectory?, reason: String = "", whenCreated: () -> Void = {}
  ) -> RunResult {
    Signals.setDefault(SIGCHLD)
    Orphans.adopt()
    // Before anything is opened, and before a signal can come that would leave a job without a record.
    let signals: SignalQueue
    do throws(SystemCallError) {
      signals = try SignalQueue(RunDecisions.signals)
    } catch {
      notices.say("cannot run anything: \(error)")
      return RunResult(exitCode: 126, state: nil)
    }

    for remark in job.remarks { notices.say(remark) }
    let streams = job.streamPlan()
    let plugins = RunningPlugins(job, instance, directory, log, notices)
    let opening = openRecord(directory, reason, streams, plugins)
    if case .none = opening, job.requiresLedger { return RunResult(exitCode: 125, state: nil) }
    whenCreated()
    log.entered(.created)
    // The job goes first, where it need not wait: processes may be scarce (RLIMIT_NPROC).
    if !job.gates.isEmpty { plugins?.start() }
    let result: RunResult
    switch opening {
    case .ended(let state): result = notRun(state)
    case .open(let record):
      result = pass(record, streams, signals, plugins)
      record.letGo()
      record.takeInSpools(notices)
    case .none: result = pass(nil, streams, signals, plugins)
    }
    plugins?.start()
    // After everything of the run: nobody but this process waits for them.
    plugins?.finish()
    return result
  }

  /// Through the gates, and on to the end.
  private func pass(
    _ record: RunRecord?, _ streams: StreamPlan, _ signals: consuming SignalQueue,
    _ plugins: RunningPlugins?
  ) -> RunResult {
    // These two are decided before any other gate is asked.
    if let state = job.launch.dryRun, state == .disabled || state == .suspended {
      return DryRun.end(in: state, record?.recorder, log)
    }
    if let result = passGates(record, signals) { return result }
    if let state = job.launch.dryRun { return DryRun.end(in: state, record?.recorder, log) }
    return RunLoop.execute(
      job, instance, streams, signals: signals, record: record, log: log, notices: notices
    ) { plugins?.start() }
  }

  private enum Opening {
    case open(RunRecord)
    /// With a line on stderr.
    case none
    /// It may not run.
    case ended(RunState)
  }

  /// A job that asks for gates wants rather to be late than to run beside others: when hundreds come at once, the queue
  /// may be longer than it is for other jobs.
  private static let gatedQueueMilliseconds = 60_000

  /// Takes the run file and appends `created`.
  private func openRecord(
    _ directory: LedgerDirectory?, _ reason: String, _ streams: StreamPlan,
    _ plugins: RunningPlugins?
  ) -> Opening {
    guard let directory else {
      sayUnrecorded(reason)
      return .none
    }
    var writer: LedgerWriter?
    var runFile: RunFile?
    var problem: String?
    do {
      let opened = try LedgerWriter(directory, sealsDamage: true)
      runFile = .some(try RunFile(instance, in: directory))
      writer = opened
    } catch {
      problem = (error is LedgerError ? "" : "ledger \(directory.path): ") + "\(error)"
    }
    if let problem, job.requiresLedger {
      sayUnrecorded(problem)
      return .none
    }
    let spool = Spool(directory, instance, isSafe: writer != nil || directory.isOurs)
    if writer != nil { spool.reserve() }
    do throws(SystemCallError) {
      let recorder = try Recorder(
        writer, directory, InstanceStream(job: job.id, instance: instance), spool, job.watch, log,
        plugins?.host, notices)
      return create(RunRecord(recorder, runFile.take(), directory), streams, problem)
    } catch {
      runFile.take()?.remove()
      sayUnrecorded("ledger \(directory.path): \(error)")
      return .none
    }
  }

  private func create(
    _ record: RunRecord, _ streams: StreamPlan, _ problem: String?
  ) -> Opening {
    let recorder = record.recorder
    let queueMilliseconds = recorder.writer?.queueMilliseconds
    if job.gates.needLedger { recorder.writer?.queueMilliseconds = Self.gatedQueueMilliseconds }
    let end = recorder.create(
      CreatedFacts.collect(job, instance, streams, parent, version), at: createdAt,
      mono: createdMono,
      isRequired: job.requiresLedger, unless: isDisabled)
    if let queueMilliseconds { recorder.writer?.queueMilliseconds = queueMilliseconds }
    if let problem { recorder.isUnopened(problem, leavesGatesUnasked: job.gates.needLedger) }
    if let end { return .ended(end) }
    guard job.requiresLedger, recorder.isInTrouble else { return .open(record) }
    // `created` may be there, or comes there later: it is not to look as if the job had been run.
    var ending = Ending()
    ending.reason = "--require-ledger: the ledger could not be written, and the job was not run"
    log.entered(.error, ending)
    recorder.finish(.error, ending, on: nil)
    return .none
  }

  private func sayUnrecorded(_ reason: String) {
    let consequence =
      job.requiresLedger
      ? Recorder.notRun : job.gates.needLedger ? ", and its gates are not asked" : ""
    notices.once("this run is not recorded\(consequence): \(reason)")
  }

  /// The first gate, asked of every run.
  private func isDisabled(_ reader: LedgerReader) throws(LedgerError) -> (RunState, Ending)? {
    guard let entry = try DisabledJobs(reader: reader).entry(for: job.id, at: createdAt) else {
      return nil
    }
    var ending = Ending()
    ending.reason =
      "disabled by pattern \(entry.pattern)" + (entry.by.reason.map { ": \($0)" } ?? "")
    return (.disabled, ending)
  }

  /// Returns what became of the run when the job is not to be started.
  private func passGates(_ record: RunRecord?, _ signals: borrowing SignalQueue) -> RunResult? {
    let outcome: GateKeeper.Outcome
    if job.gates.isEmpty {
      outcome = GateKeeper.endingSignal(signals).map { .cancelled($0) } ?? .start
    } else {
      let decisions = GateDecisions(
        job: job.id, instance: instance, gates: job.gates, group: job.group,
        createdMono: createdMono)
      outcome = GateKeeper.pass(decisions, record, log, notices, signals)
    }
    switch outcome {
    case .start: return nil
    case .ended(let state): return notRun(state)
    case .cancelled(let signal): return cancel(bySignal: signal, record?.recorder)
    }
  }

  /// A cron line that was told not to run has not failed.
  private func notRun(_ state: RunState) -> RunResult {
    log.entered(state)
    return RunResult(exitCode: state == .cancelled ? 1 : job.skipCode, state: state)
  }

  private func cancel(bySignal signal: Int32, _ recorder: Recorder?) -> RunResult {
    var ending = Ending()
    ending.reason = "signal \(Signals.name(signal))"
    log.entered(.cancelled)
    recorder?.finish(.cancelled, ending, on: nil)
    return RunResult(
      end: ProcessEnd(code: 128 + signal, signal: signal), state: .cancelled, wasAskedToEnd: true)
  }
}

/// What records a run: there as a whole, or not at all.
final class RunRecord {
  let recorder: Recorder
  let directory: LedgerDirectory
  private var runFile: RunFile?

  /// - Parameter runFile: nil where the ledger cannot be opened.
  init(_ recorder: Recorder, _ runFile: consuming RunFile?, _ directory: LedgerDirectory) {
    self.recorder = recorder
    self.directory = directory
    self.runFile = consume runFile
  }

  deinit { letGo() }

  /// Removes the run file, after the terminal event: until then it says that the instance is live. Whoever waits for
  /// its end is woken by this.
  func letGo() { runFile.take()?.remove() }

  var bellFD: Int32? { runFile?.fd }
  var isFollowed: Bool { runFile?.isFollowed ?? false }
  var hasRung: Bool { runFile?.hasRung ?? false }
  /// See ``RunFile/continuesStopped(_:)``.
  func continuesStopped(_ isWanted: Bool) { runFile?.continuesStopped(isWanted) }

  /// Forgets the rings that have arrived. Who has rung may have come past the name of a file that was removed: it is made
  /// anew then, and the old one closed behind that, so that whoever watches it looks again and finds this runner alive.
  func clearRings() {
    runFile?.clearRings()
    guard runFile?.hasLostName ?? false, let anew = try? RunFile(recorder.instance, in: directory)
    else { return }
    runFile = consume anew
  }

  /// Appends what other runs could not: this one can.
  func takeInSpools(_ notices: Notices) {
    guard !recorder.isInTrouble, let writer = recorder.writer, SpoolIntake.isWaiting(directory)
    else { return }
    // Nobody's exit waits long for somebody else's run.
    writer.queueMilliseconds = 500
    guard
      let intake = try? SpoolIntake.run(writer, until: Clock.bootMicroseconds() + 1_000_000)
    else { return }
    for refusal in intake.refused { notices.say("\(refusal)") }
  }

  /// Folds the projections when this run's events crossed a folding point and the backlog is long: see `FoldingPoints`.
  func foldIfDue() {
    if recorder.crossedFoldingPoint { FoldingPoints.foldSome(of: directory) }
  }
}
