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
    /// Stop this process and the others of its group by that signal, which is what the terminal does where all are in
    /// one group: the shell sees a stopped pipeline.
    case stopPipeline(Int32)
    /// Give the job's own terminal the size of the one that shows it.
    case resizeTerminal
    /// Put the job into the foreground and let it go on, if this process is there itself.
    case resumeJob
  }

  /// The request that reached the job first: it decides how the run is said to have ended.
  private(set) var asked: (kind: EventKind, request: ControlRequest)?
  private let host: String
  /// The signal of a key that has ended the job, which got it alone.
  private(set) var key: Int32?
  /// What it was sent by signals that others have asked for.
  private var requestedSignals: Set<Int32> = []
  /// It has one of its own.
  private let hasOwnTerminal: Bool
  private(set) var isPaused = false

  init(host: String, hasOwnTerminal: Bool = false) {
    self.host = host
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
      guard let signal = Signals.parse(request.signal) else { return [] }
      requestedSignals.insert(signal)
      return [.signalGroup(signal)]
    default: break
    }
    if asked == nil, !jobHasEnded { asked = (kind, request) }
    let signal = Signals.number(request.signal) ?? SIGTERM
    // A stopped process gets its signals when it goes on.
    return [.signalGroup(signal)] + (isPaused ? [.signalGroup(SIGCONT)] : []) + [.expectEnd]
  }

  /// - Parameter holder: who has the terminal; asked where the signal is one of a terminal's.
  mutating func stopped(bySignal signal: Int32, _ holder: TerminalHolder) -> [Action] {
    switch signal {
    // Not a key of a terminal: somebody paused it.
    case SIGSTOP:
      isPaused = true
      return [.note(.paused)]
    // A key, for who has the keys.
    case SIGTSTP: return holder == .job ? [.stopPipeline(signal)] : []
    // The job wants the terminal: this process gives it what it has, or waits with it until a shell does that.
    case SIGTTIN, SIGTTOU:
      switch holder {
      case .own, .job: return [.resumeJob]
      case .others: return [.stopPipeline(signal)]
      case .nobody: return []
      }
    default: return []
    }
  }

  mutating func continued() -> [Action] {
    guard isPaused else { return [] }
    isPaused = false
    return [.note(.resumed)]
  }

  /// The job has ended. Who has the terminal gets its keys, and SIGHUP when it goes away.
  mutating func ended(_ end: ChildEnd, hadTerminal: Bool) {
    guard case .killed(let signal, _) = end.outcome, [SIGINT, SIGQUIT, SIGHUP].contains(signal),
      hadTerminal, asked == nil, !requestedSignals.contains(signal)
    else { return }
    key = signal
  }

  /// How this process is to end: as the job has, but for a job whose time was over.
  func processEnd(_ end: ChildEnd) -> ProcessEnd {
    guard !isTimedOut else { return ProcessEnd(code: 124) }
    switch end.outcome {
    case .exited(let code): return ProcessEnd(code: code)
    case .killed(let signal, _):
      return ProcessEnd(code: end.exitCode, signal: signal, isKey: key == signal)
    }
  }

  /// By somebody, and not because its time was over.
  var wasAskedToEnd: Bool { key != nil || asked != nil && !isTimedOut }

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
    case .killed(let signal, _) where signal == key || signal == SIGINT && hasOwnTerminal:
      return (.interrupted, "signal \(Signals.name(signal))")
    case .killed(SIGKILL, _) where wasOutOfMemory(): return (.failed, "oom")
    case .killed(let signal, _): return (.failed, "signal \(Signals.name(signal))")
    }
  }
}
