internal import Glibc
package import Ledger
internal import Linux
internal import Projections
internal import Spawn

/// What to run, and how.
package struct Job: Sendable {
  package var id: String
  /// argv as raw bytes.
  package var command: [[UInt8]]
  package var params: [JSON.Member] = []
  /// The job keeps stdout and stderr; nothing is captured.
  package var bypassesOutput = false
  package var overflow = OutputOverflow.wait
  package var launch = LaunchSettings()
  /// No run without a record.
  package var requiresLedger = false

  package init(id: String, command: [[UInt8]]) {
    self.id = id
    self.command = command
  }
}

/// The life of one instance, from its `created` event to its terminal one.
///
/// The job comes first: whatever is wrong with the ledger, it is run, and its exit code is returned.
package struct JobRun {
  private let job: Job
  private let version: String
  private let notices = Notices()
  private let instance: InstanceID
  private let createdAt = Clock.wallMicroseconds()
  private let createdMono = Clock.bootMicroseconds()

  package init(_ job: Job, version: String) {
    self.job = job
    self.version = version
    instance = InstanceID(createdAt: createdAt)
  }

  /// What a write that fails would kill this process with: a reader that is gone, a limit on the size of files. The
  /// job is killed as ever.
  private static let fatalWrites = [SIGPIPE, SIGXFSZ]

  /// Runs the job and returns the exit code for this process.
  /// - Parameter directory: nil when there is none to use; `reason` then says why.
  package func run(ledger directory: LedgerDirectory?, reason: String = "") -> Int32 {
    // Before anything is opened, and before a signal can come that would leave a job without a record.
    let fatalWrites = Self.fatalWrites.filter { !Signals.isIgnored($0) }
    for signal in fatalWrites { Signals.ignore(signal) }
    Signals.setDefault(SIGCHLD)
    let signals: SignalQueue
    do throws(SystemCallError) {
      signals = try SignalQueue(RunDecisions.signals)
    } catch {
      notices.say("cannot run anything: \(error)")
      return 126
    }

    let record = openRecord(directory, reason)
    if record == nil, job.requiresLedger { return 125 }
    if let early = Self.earlySignal(signals) {
      return cancel(bySignal: early, record?.recorder)
    }
    if let state = job.launch.dryRun { return DryRun.end(in: state, record?.recorder) }
    return RunLoop.execute(
      job, instance, signals: signals, defaultSignals: fatalWrites, record: record, notices: notices
    )
  }

  /// Takes the run file and appends `created`. Nil, with a line on stderr, when there will be no record.
  private func openRecord(_ directory: LedgerDirectory?, _ reason: String) -> RunRecord? {
    guard let directory else {
      notices.once("this run is not recorded: \(reason)")
      return nil
    }
    do {
      let writer = try LedgerWriter(directory)
      let runFile = try RunFile(instance, in: directory)
      let recorder: Recorder
      do throws(SystemCallError) {
        recorder = try Recorder(
          writer, InstanceStream(job: job.id, instance: instance), notices)
      } catch {
        runFile.remove()
        throw error
      }
      recorder.create(
        CreatedFacts.collect(job, instance, version), at: createdAt, mono: createdMono)
      if job.requiresLedger, recorder.isInTrouble {
        runFile.remove()
        return nil
      }
      return RunRecord(recorder: recorder, runFile: runFile, directory: directory)
    } catch {
      let prefix = error is LedgerError ? "" : "ledger \(directory.path): "
      notices.once("this run is not recorded: \(prefix)\(error)")
      return nil
    }
  }

  /// A signal that asked for the end before the job was started.
  private static func earlySignal(_ signals: borrowing SignalQueue) -> Int32? {
    while let delivery = signals.next() {
      if RunDecisions.signalForJob(delivery.signal) != nil { return delivery.signal }
    }
    return nil
  }

  private func cancel(bySignal signal: Int32, _ recorder: Recorder?) -> Int32 {
    var ending = Ending()
    ending.reason = "signal \(Signals.name(signal))"
    recorder?.finish(.cancelled, ending, on: nil)
    return 128 + signal
  }
}

/// What records a run: there as a whole, or not at all.
final class RunRecord {
  let recorder: Recorder
  private let directory: LedgerDirectory
  private var runFile: RunFile?

  init(recorder: Recorder, runFile: consuming RunFile, directory: LedgerDirectory) {
    self.recorder = recorder
    self.directory = directory
    self.runFile = consume runFile
  }

  deinit {
    // After the terminal event: until then the file says that the instance is live.
    runFile.take()?.remove()
  }

  var bellFD: Int32? { runFile?.fd }
  var isFollowed: Bool { runFile?.isFollowed ?? false }
  func clearRings() { runFile?.clearRings() }

  /// Folds the projections when this run's events crossed a folding point and the backlog is long: see `FoldingPoints`.
  func foldIfDue() {
    guard recorder.crossedFoldingPoint, let view = try? LedgerView(directory),
      let head = try? view.reader.head().seq, let folded = try? view.projections.position(),
      head - folded > 1000
    else { return }
    try? view.projections.catchUp()
  }
}
