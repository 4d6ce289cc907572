internal import Glibc
internal import Ledger
internal import Linux
internal import Spawn

/// What is to be done about what happens to a running job: a value that decides and does nothing itself.
struct RunDecisions {
  enum Action: Equatable {
    /// Write the request into the ledger; once that is done (or cannot be), `recorded` says what follows.
    case record(EventKind, ControlRequest)
    /// Write into the ledger that the job is paused, or goes on.
    case note(EventKind)
    case signalGroup(Int32)
    /// The job has been asked to end: SIGKILL follows when it does not, if that was wished for.
    case expectEnd
    /// Stop this process as the job was stopped.
    case stopSelf
    /// Stop this process and the others of its group, which is what a key does that the job alone has got: the shell
    /// sees a stopped pipeline.
    case stopPipeline
    /// Give the job's own terminal the size of the one that shows it.
    case resizeTerminal
    /// Put the job into the foreground and let it go on, if this process is there itself.
    case resumeJob
  }

  /// The request that reached the job first: it decides how the run is said to have ended.
  private(set) var asked: (kind: EventKind, request: ControlRequest)?
  private let host: String
  /// It shares the terminal on stdin with this process.
  private let hasTerminal: Bool
  /// It has one of its own.
  private let hasOwnTerminal: Bool
  private(set) var isPaused = false

  init(host: String, hasTerminal: Bool, hasOwnTerminal: Bool = false) {
    self.host = host
    self.hasTerminal = hasTerminal
    self.hasOwnTerminal = hasOwnTerminal
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
    // The leader of a session has nobody in it who could continue it, and so no SIGTSTP stops it (setpgid(2),
    // "orphaned").
    case SIGTSTP: return [.signalGroup(hasOwnTerminal ? SIGSTOP : SIGTSTP), .stopSelf]
    case SIGWINCH: return [.resizeTerminal]
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

  /// The time the job was given is over.
  func timedOut() -> [Action] {
    [.record(.interruptRequested, ownRequest(Self.timeoutReason, SIGTERM))]
  }

  /// The job was asked to end, and has not.
  func outlived(_ milliseconds: Int64) -> [Action] {
    let patience =
      milliseconds.isMultiple(of: 1000) ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    return [
      .record(.signalRequested, ownRequest("no end \(patience) after it was asked to", SIGKILL))
    ]
  }

  private static let timeoutReason = "timeout"

  private func ownRequest(_ reason: String, _ signal: Int32) -> ControlRequest {
    var requester = Requester.thisProcess(reason: reason)
    requester.via = .runner
    return ControlRequest(by: requester, signal: Signals.name(signal))
  }

  /// A request stands in the ledger (or cannot, which keeps nobody from stopping a job).
  ///
  /// Once the job has ended it says nothing about the run any more, but what the job left behind is signalled.
  mutating func recorded(
    _ kind: EventKind, _ request: ControlRequest, jobHasEnded: Bool = false
  ) -> [Action] {
    switch kind {
    case .pauseRequested: return jobHasEnded ? [] : [.signalGroup(SIGSTOP)]
    case .resumeRequested: return [.signalGroup(SIGCONT)]
    case .signalRequested:
      return Signals.parse(request.signal).map { [.signalGroup($0)] } ?? []
    default: break
    }
    if asked == nil, !jobHasEnded { asked = (kind, request) }
    let signal = Signals.number(request.signal) ?? SIGTERM
    // A stopped process gets its signals when it goes on.
    return [.signalGroup(signal)] + (isPaused ? [.signalGroup(SIGCONT)] : []) + [.expectEnd]
  }

  mutating func stopped(bySignal signal: Int32) -> [Action] {
    switch signal {
    // Not a key of a terminal: somebody paused it.
    case SIGSTOP:
      isPaused = true
      return [.note(.paused)]
    case SIGTSTP: return hasTerminal ? [.stopPipeline] : []
    // The job wants the terminal: it may have it if this process has been brought to the foreground.
    case SIGTTIN, SIGTTOU: return hasTerminal ? [.resumeJob] : []
    default: return []
    }
  }

  mutating func continued() -> [Action] {
    guard isPaused else { return [] }
    isPaused = false
    return [.note(.resumed)]
  }

  /// The exit code for this process: the job's own, but for a job whose time was over.
  func exitCode(_ end: ChildEnd) -> Int32 { isTimedOut ? 124 : end.exitCode }

  /// By somebody, and not because its time was over. Keys of a terminal reach the job alone.
  func wasAskedToEnd(_ end: ChildEnd) -> Bool {
    switch end.outcome {
    case .killed(SIGINT, _) where hasTerminal, .killed(SIGQUIT, _) where hasTerminal: true
    default: asked != nil && !isTimedOut
    }
  }

  private var isTimedOut: Bool {
    asked.map { $0.request.by.via == .runner && $0.request.by.reason == Self.timeoutReason }
      ?? false
  }

  /// How a run that ended so is said to have ended, and why where the state does not say it.
  /// - Parameter wasOutOfMemory: asked of the kernel when something was killed that nobody asked to end.
  func ending(
    _ end: ChildEnd, wasOutOfMemory: () -> Bool = { false }
  ) -> (state: RunState, reason: String?) {
    if let asked {
      let state: RunState = asked.kind == .stopRequested ? .stopped : .interrupted
      return (state, asked.request.by.reason)
    }
    switch end.outcome {
    case .exited(0): return (.completed, nil)
    // What a shell makes of a command of its own that was killed.
    case .exited(128 + SIGKILL) where wasOutOfMemory(): return (.failed, "oom")
    case .exited: return (.failed, nil)
    // Ctrl-C on the terminal reaches the job alone.
    case .killed(SIGINT, _) where hasTerminal || hasOwnTerminal: return (.interrupted, "signal INT")
    case .killed(SIGKILL, _) where wasOutOfMemory(): return (.failed, "oom")
    case .killed(let signal, _): return (.failed, "signal \(Signals.name(signal))")
    }
  }
}
