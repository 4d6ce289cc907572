internal import Glibc
internal import Ledger
internal import Linux
internal import Spawn

/// What is to be done about what happens to a running job: a value that decides and does nothing itself.
struct RunDecisions {
  enum Action: Equatable {
    /// Write the request into the ledger; once that is done (or cannot be), `recorded` says what follows.
    case record(EventKind, ControlRequest)
    case signalGroup(Int32)
    /// Stop this process as the job was stopped.
    case stopSelf
    /// Stop this process and the others of its group, which is what a key does that the job alone has got: the shell
    /// sees a stopped pipeline.
    case stopPipeline
    /// Put the job into the foreground and let it go on, if this process is there itself.
    case resumeJob
  }

  /// The request that reached the job first: it decides how the run is said to have ended.
  private(set) var asked: (kind: EventKind, request: ControlRequest)?
  private let host: String
  private let hasTerminal: Bool

  init(host: String, hasTerminal: Bool) {
    self.host = host
    self.hasTerminal = hasTerminal
  }

  /// The signals this process takes in for its job.
  static let signals = [
    SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD,
  ]

  /// Those that ask for the end, and what the job gets for each.
  static func signalForJob(_ signal: Int32) -> Int32? {
    switch signal {
    case SIGTERM, SIGINT: SIGTERM
    case SIGHUP: SIGHUP
    case SIGQUIT: SIGQUIT
    default: nil
    }
  }

  func received(_ delivery: SignalQueue.Delivery) -> [Action] {
    if let forJob = Self.signalForJob(delivery.signal) {
      return [.record(.interruptRequested, request(delivery, forJob))]
    }
    switch delivery.signal {
    case SIGUSR1, SIGUSR2: return [.signalGroup(delivery.signal)]
    case SIGTSTP: return [.signalGroup(SIGTSTP), .stopSelf]
    case SIGCONT: return [.resumeJob]
    default: return []
    }
  }

  private func request(_ delivery: SignalQueue.Delivery, _ forJob: Int32) -> ControlRequest {
    var requester = Requester()
    requester.uid = Int64(delivery.senderUID)
    requester.user = Users.name(of: delivery.senderUID)
    requester.pid = Int64(delivery.senderPID)
    requester.host = host
    requester.via = .signal
    requester.reason = "signal \(Signals.name(delivery.signal))"
    return ControlRequest(by: requester, signal: Signals.name(forJob))
  }

  /// A request stands in the ledger (or cannot, which keeps nobody from stopping a job).
  ///
  /// Once the job has ended it says nothing about the run any more, but what the job left behind is signalled.
  mutating func recorded(
    _ kind: EventKind, _ request: ControlRequest, jobHasEnded: Bool = false
  ) -> [Action] {
    if asked == nil, !jobHasEnded { asked = (kind, request) }
    return [.signalGroup(Signals.number(request.signal) ?? SIGTERM)]
  }

  func stopped(bySignal signal: Int32) -> [Action] {
    guard hasTerminal else { return [] }
    switch signal {
    case SIGTSTP: return [.stopPipeline]
    // The job wants the terminal: it may have it if this process has been brought to the foreground.
    case SIGTTIN, SIGTTOU: return [.resumeJob]
    default: return []
    }
  }

  /// How a run that ended so is said to have ended, and why where the state does not say it.
  func ending(_ end: ChildEnd) -> (state: RunState, reason: String?) {
    if let asked {
      let state: RunState = asked.kind == .stopRequested ? .stopped : .interrupted
      return (state, asked.request.by.reason)
    }
    switch end.outcome {
    case .exited(0): return (.completed, nil)
    case .exited: return (.failed, nil)
    // Ctrl-C on the terminal reaches the job alone.
    case .killed(SIGINT, _) where hasTerminal: return (.interrupted, "signal INT")
    case .killed(let signal, _): return (.failed, "signal \(Signals.name(signal))")
    }
  }
}
