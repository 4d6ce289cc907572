internal import Linux
internal import Settings
internal import Spawn

/// The ends of what the job writes into: made before it starts, read by the pump afterwards.
struct JobPipes: ~Copyable {
  private let plan: StreamPlan
  private let stdoutForwarder: StreamForwarder?
  private let stderrForwarder: StreamForwarder?
  private var stdoutReader: Descriptor?
  private var stderrReader: Descriptor?
  /// The job alone has these: they are closed here once it does.
  private var stdoutWriter: Descriptor?
  private var stderrWriter: Descriptor?

  /// Nothing is captured of a job that keeps its output, nor, with a line on stderr, where there are no pipes to have:
  /// its output is less than the job.
  /// - Parameter ownTerminal: in the place of pipes.
  init(
    _ job: Job, _ plan: StreamPlan, _ ownTerminal: RelayedTerminal?, _ reporter: StderrReporter
  ) throws(SystemCallError) {
    self.plan = plan
    let takesStdout = !job.bypassesOutput && (plan.capturesStdout || ownTerminal != nil)
    let takesStderr = !job.bypassesOutput && plan.capturesStderr && !plan.isOne
    guard takesStdout || takesStderr else {
      stdoutForwarder = nil
      stderrForwarder = nil
      return
    }
    let stdoutForwarder = takesStdout ? StreamForwarder(1, name: "stdout", reporter) : nil
    self.stdoutForwarder = stdoutForwarder
    stderrForwarder =
      takesStderr
      ? plan.sharesPlace ? stdoutForwarder : StreamForwarder(2, name: "stderr", reporter) : nil
    if let ownTerminal {
      stdoutReader = .some(try ownTerminal.output())
      return
    }
    do throws(SystemCallError) {
      if takesStdout { try openStdout() }
      if takesStderr { try openStderr() }
    } catch {
      stdoutReader = nil
      stdoutWriter = nil
      reporter.report("the output of this run is not recorded: \(error)")
    }
  }

  private mutating func openStdout() throws(SystemCallError) {
    let pipe = try Descriptor.pipe()
    if let place = stdoutForwarder?.place { pipe.grantAccess(of: place) }
    stdoutReader = .some(pipe.read)
    stdoutWriter = .some(pipe.write)
  }

  private mutating func openStderr() throws(SystemCallError) {
    let pipe = try Descriptor.pipe()
    if let place = stderrForwarder?.place { pipe.grantAccess(of: place) }
    stderrReader = .some(pipe.read)
    stderrWriter = .some(pipe.write)
  }

  /// The descriptors that become the job's; nil: inherited.
  var forJob: (stdout: Int32?, stderr: Int32?) {
    let stdout = stdoutWriter.fd
    return (stdout, plan.isOne ? stdout : stderrWriter.fd)
  }

  /// Returns nil where nothing is captured.
  consuming func pump(_ job: Job, _ handles: RunnerHandles?, _ reporter: StderrReporter)
    -> OutputPump?
  {
    stdoutWriter = nil
    stderrWriter = nil
    guard stdoutReader.fd != nil || stderrReader.fd != nil else { return nil }
    let forwarders = (stdoutForwarder, stderrForwarder)
    return OutputPump(
      stdout: stdoutReader.take(), stderr: stderrReader.take(), forwarders: forwarders,
      mailbox: handles?.mailbox, overflow: job.output.overflow,
      holdsBack: job.launch.isQuietOnSuccess, reporter: reporter,
      isFollowed: { handles?.isFollowed ?? false })
  }
}

extension Launch {
  func start(into pipes: borrowing JobPipes) throws(SpawnError) -> Child {
    var launch = self
    (launch.stdout, launch.stderr) = pipes.forJob
    return try launch.start()
  }
}

extension Descriptor? {
  var fd: Int32? {
    switch self {
    case .some(let descriptor): descriptor.fd
    case .none: nil
    }
  }
}
