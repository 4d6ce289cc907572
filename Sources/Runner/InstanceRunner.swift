package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Maintenance
internal import Projections
internal import Settings
internal import Spawn

/// The life of one instance, from its `created` event to its terminal one.
///
/// The job comes first: whatever is wrong with the ledger, it is run, and its exit code is returned.
package struct InstanceRunner: Sendable {
  private let job: Job
  private let version: String
  private let reporter: StderrReporter
  private let log: RunLog
  package let instance: InstanceID
  /// The name of whoever started this process: asked for before it can be split.
  private let parent = Host.processName(of: getppid())
  private let created = EventTime.now

  package init(_ job: Job, _ voice: RunnerVoice) {
    self.job = job
    version = voice.version
    instance = InstanceID(createdAt: created.at)
    reporter = StderrReporter(voice)
    log = RunLog(job.log, job.id, instance, reporter)
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
      reporter.report("cannot run anything: \(error)")
      return RunResult(exitCode: 126, state: nil)
    }

    for remark in job.remarks { reporter.report(remark) }
    let streams = job.streamPlan()
    let plugins = RunningPlugins(job, instance, directory, log, reporter)
    let opening = open(directory, reason, streams, plugins?.host)
    if opening.isNone, job.requiresLedger { return RunResult(exitCode: 125, state: nil) }
    whenCreated()
    log.entered(.created)
    // The job goes first, where it need not wait: processes may be scarce (RLIMIT_NPROC).
    if !job.gates.isEmpty { plugins?.start() }
    let result: RunResult
    switch consume opening {
    case .ended(let state): result = notRun(state)
    case .open(let journal, let mailbox, let runFile):
      let handles = RunnerHandles(instance, mailbox, runFile, journal.directory)
      result = pass(handles, journal, streams, signals, plugins).settle(handles, reporter)
    case .none: result = pass(nil, nil, streams, signals, plugins).result
    }
    plugins?.start()
    // After everything of the run: nobody but this process waits for them.
    plugins?.finish()
    log.finish()
    return result
  }

  /// Through the gates, and on to the end.
  private func pass(
    _ handles: RunnerHandles?, _ journal: consuming sending RunJournal?, _ streams: StreamPlan,
    _ signals: consuming SignalQueue, _ plugins: RunningPlugins?
  ) -> RunEnd {
    // These two are decided before any other gate is asked.
    if let state = job.launch.dryRun, state == .disabled || state == .suspended {
      return DryRun.end(in: state, journal, log)
    }
    if let result = passGates(handles, &journal, signals) { return RunEnd(result, journal) }
    if let state = job.launch.dryRun { return DryRun.end(in: state, journal, log) }
    return Supervisor.execute(
      job, instance, streams, signals: signals, handles, journal, log: log, reporter: reporter
    ) { plugins?.start() }
  }

  private enum Opening: ~Copyable {
    case open(RunJournal, RecorderMailbox, RunFile?)
    /// With a line on stderr.
    case none
    /// It may not run.
    case ended(InstanceState)

    var isNone: Bool {
      switch self {
      case .none: true
      default: false
      }
    }
  }

  /// A job that asks for gates wants rather to be late than to run beside others: when hundreds come at once, the queue
  /// may be longer than it is for other jobs.
  private static let gatedQueueMilliseconds = 60_000

  /// The time that `created` waits for its turn. Opening the ledger has waited out of the same ten seconds.
  private var queueMilliseconds: Int {
    guard !job.gates.needLedger else { return Self.gatedQueueMilliseconds }
    let waited = Int((BootTime.now - created.mono) / 1000)
    return min(max(10_000 - waited, 1000), 10_000)
  }

  /// Takes the run file and appends `created`.
  private func open(
    _ directory: LedgerDirectory?, _ reason: String, _ streams: StreamPlan,
    _ plugins: PluginHost?
  ) -> sending Opening {
    guard let directory else {
      sayUnrecorded(reason)
      return .none
    }
    var writer: LedgerWriter?
    var runFile: RunFile?
    var problem: String?
    do {
      let opened = try LedgerWriter(sealingDamage: directory, by: .thisProcess())
      runFile = .some(try RunFile(instance, in: directory))
      writer = opened
    } catch {
      problem =
        (error is LedgerError ? "" : "ledger \(directory.path): ") + reporter.voice.explain(error)
    }
    if let problem, job.requiresLedger {
      sayUnrecorded(problem)
      return .none
    }
    let spool = Spool(directory, instance, isSafe: writer != nil || directory.isOurs)
    if writer != nil { spool.reserve() }
    let mailbox: RecorderMailbox
    do throws(SystemCallError) { mailbox = try RecorderMailbox() } catch {
      runFile.take()?.remove()
      sayUnrecorded("ledger \(directory.path): \(error)")
      return .none
    }
    var journal = RunJournal(
      writer, directory, InstanceStream(job: job.id, instance: instance), spool, mailbox.turns,
      plugins.map { PluginFeed($0) }, reporter)
    let end = journal.create(
      CreatedFacts.collect(job, instance, streams, parent, version), created,
      isRequired: job.requiresLedger,
      queueMilliseconds: queueMilliseconds,
      unless: isDisabled)
    if let problem { journal.isUnopened(problem, leavesGatesUnasked: job.gates.needLedger) }
    if let end {
      runFile.take()?.remove()
      return .ended(end)
    }
    guard job.requiresLedger, journal.isInTrouble else { return .open(journal, mailbox, runFile) }
    // `created` may be there, or comes there later: it is not to look as if the job had been run.
    var ending = Ending()
    ending.reason = "--require-ledger: the ledger could not be written, and the job was not run"
    log.entered(.error, ending)
    journal.end(in: .error, ending)
    runFile.take()?.remove()
    return .none
  }

  private func sayUnrecorded(_ reason: String) {
    let consequence =
      job.requiresLedger
      ? JournalReport.notRun : job.gates.needLedger ? ", and its gates are not asked" : ""
    reporter.reportOnce("this run is not recorded\(consequence): \(reason)")
  }

  /// The first gate, asked of every run.
  private func isDisabled(_ reader: LedgerReader) throws(LedgerError) -> (InstanceState, Ending)? {
    try DisabledJobs.refusal(of: job.id, reader, at: created.at)
  }

  /// Returns what became of the run when the job is not to be started.
  private func passGates(
    _ handles: RunnerHandles?, _ journal: inout sending RunJournal?,
    _ signals: borrowing SignalQueue
  ) -> RunResult? {
    let outcome: GateKeeper.Outcome
    if job.gates.isEmpty {
      outcome = GateKeeper.endingSignal(signals).map { .cancelled($0) } ?? .start
    } else {
      let decisions = GateDecisions(
        job: job.id, instance: instance, gates: job.gates, group: job.group,
        createdMono: created.mono)
      if let handles, var open = journal.take() {
        outcome = GateKeeper.pass(decisions, handles, &open, log, reporter, signals)
        journal = .some(open)
      } else {
        outcome = GateKeeper.passTime(decisions, signals)
      }
    }
    switch outcome {
    case .start: return nil
    case .ended(let state): return notRun(state)
    case .cancelled(let signal): return cancel(bySignal: signal, &journal)
    }
  }

  /// A cron line that was told not to run has not failed.
  private func notRun(_ state: InstanceState) -> RunResult {
    log.entered(state)
    return RunResult(exitCode: state == .cancelled ? 1 : job.skipCode, state: state)
  }

  private func cancel(bySignal signal: Int32, _ journal: inout RunJournal?) -> RunResult {
    var ending = Ending()
    ending.reason = "signal \(Signals.name(signal))"
    log.entered(.cancelled)
    journal?.end(in: .cancelled, ending)
    return RunResult(
      end: ProcessEnd(code: 128 + signal, signal: signal), state: .cancelled, wasAskedToEnd: true)
  }
}
