internal import Events
internal import Linux
internal import Settings
internal import Spawn

/// The start of the job, and what is recorded when it cannot be started.
extension Supervisor {
  /// Runs the job.
  /// - Parameter whenStarted: called once it runs, for what needs processes or threads besides.
  static func execute(
    _ job: Job, _ instance: InstanceID, _ streams: StreamPlan, signals: consuming SignalQueue,
    _ handles: RunnerHandles?, _ journal: consuming sending RunJournal?, log: RunLog,
    reporter: StderrReporter, whenStarted: () -> Void
  ) -> RunEnd {
    var launch = job.launch(of: instance)
    launch.signalMask = .blockedByCaller
    launch.diesWithParent = job.diesWithTaro
    launch.standsForCaller = true
    let ownTerminal = job.launch.hasOwnTerminal ? openTerminal(reporter) : nil
    launch.ownTerminal = ownTerminal?.path
    let terminal = ForegroundTerminal(isShared: ownTerminal == nil)
    launch.terminal = terminal.atStart
    let outOfMemory = OutOfMemory()
    let started: Started
    do {
      started = try start(launch, job, streams, ownTerminal, handles, reporter)
    } catch let error as SpawnError {
      reporter.report(error.description)
      var result = RunResult(exitCode: error.exitCode, state: .startFailed)
      result.cannotBeStarted = !error.mayPass
      let recorded =
        job.mask.isEmpty ? error : error.naming { MaskedWords.of($0, job.mask) }
      return fail(result, .startFailed, recorded.description, journal, log)
    } catch {
      reporter.report("cannot start the job: \(error)")
      return fail(
        RunResult(exitCode: 126, state: .error), .error, "\(error)", journal, log)
    }
    // After the job, whose place it could take where few processes are allowed (RLIMIT_NPROC).
    let recorder = startRecorder(handles, journal, job, log, reporter)
    log.start()
    whenStarted()
    if let refusal = started.child.nicenessRefusal {
      reporter.report(
        "the job runs with \(reporter.voice.program)'s own niceness: \(refusal.message); only root may lower it"
      )
    }
    let loop = Supervisor(
      job, instance, outOfMemory, signals: signals, handles, recorder, log: log, reporter: reporter,
      started: started, ownTerminal: ownTerminal, terminal: terminal)
    return loop.run()
  }

  struct Started: ~Copyable {
    let child: Child
    let pump: OutputPump?
    /// From before the start: what the job takes includes being loaded.
    let at: WallTime
    let mono: BootTime
  }

  private static func start(
    _ launch: Launch, _ job: Job, _ streams: StreamPlan, _ ownTerminal: RelayedTerminal?,
    _ handles: RunnerHandles?, _ reporter: StderrReporter
  ) throws -> Started {
    let (at, mono) = (WallTime.now, BootTime.now)
    let pipes = try JobPipes(job, streams, ownTerminal, reporter)
    let child = try launch.start(into: pipes)
    let pump = pipes.pump(job, handles, reporter)
    return Started(child: child, pump: pump, at: at, mono: mono)
  }

  /// Returns nil, with a line on stderr, where there is no terminal to have: the job runs all the same.
  private static func openTerminal(_ reporter: StderrReporter) -> RelayedTerminal? {
    do throws(SystemCallError) { return try RelayedTerminal() } catch {
      reporter.report("the job has no terminal: \(error)")
      return nil
    }
  }

  private static func startRecorder(
    _ handles: RunnerHandles?, _ journal: consuming sending RunJournal?, _ job: Job,
    _ log: RunLog, _ reporter: StderrReporter
  ) -> RecorderThread? {
    guard let mailbox = handles?.mailbox, let journal else { return nil }
    return .start(
      journal, mailbox, job.watch, keeping: job.options.keptOutput, log, reporter)
  }

  private static func fail(
    _ result: RunResult, _ state: InstanceState, _ reason: String,
    _ journal: consuming RunJournal?, _ log: RunLog
  ) -> RunEnd {
    var ending = Ending()
    ending.reason = reason
    log.entered(state, ending)
    journal?.end(in: state, ending)
    return RunEnd(result, journal)
  }
}
