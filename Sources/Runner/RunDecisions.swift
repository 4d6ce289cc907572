internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// Decides what is to be done about what happens to a running job: a value that does nothing itself.
struct RunDecisions {
  enum Action: Equatable {
    /// Write the request into the ledger; once that is done (or cannot be), `recorded` says what follows.
    case record(EventKind, ControlRequest)
    /// Write into the ledger that the job was stopped by this signal.
    case notePause(Int32)
    /// Write into the ledger that it goes on.
    case noteResumption
    /// Pass on a signal that asks for nothing.
    case signalGroup(Int32)
    /// Send these signals to the job; `delivered` says what follows.
    case deliver(EventKind, ControlRequest, [Int32])
    /// Write into the ledger, and tell who asked, that the request has not reached the job.
    case notifyUndelivered(Undelivered)
    /// Kill all processes of the job, wherever they have gone.
    case killAll
    /// The job has been asked to end: SIGKILL follows when it does not, if that was requested.
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
  /// The signals that others have asked for and that it was sent.
  private var requestedSignals: Set<Int32> = []
  /// It has one of its own.
  private let hasOwnTerminal: Bool
  private let ownPID: Int32
  /// The exit codes besides 0 that are no failure.
  private let successCodes: Set<Int32>
  /// The signal that asks the job to end when its time is over.
  private let stopSignal: Int32
  private(set) var isPaused = false

  init(
    host: String, hasOwnTerminal: Bool = false, options: RunOptions = RunOptions(),
    ownPID: Int32 = getpid()
  ) {
    self.host = host
    successCodes = Set(options.successCodes.map { Int32(clamping: $0) })
    stopSignal = options.stopSignal.flatMap(Signals.number) ?? SIGTERM
    self.ownPID = ownPID
    self.hasOwnTerminal = hasOwnTerminal
  }

  /// The signals this process takes in for its job: all but those that nobody can catch, and those of a terminal in whose
  /// background it is, which stop it as they stop every command. Its own faults kill it as ever, blocked or not, and its
  /// own writes that fail (SIGPIPE, SIGXFSZ) do not.
  static let signals = SignalSet.all.subtracting([SIGKILL, SIGSTOP, SIGTTIN, SIGTTOU])

  /// Somebody wants this process to end.
  static func asksForEnd(_ delivery: SignalQueue.Delivery) -> Bool {
    !delivery.isIgnored && [SIGTERM, SIGINT, SIGHUP, SIGQUIT].contains(delivery.signal)
  }

  func received(_ delivery: SignalQueue.Delivery) -> [Action] {
    let (signal, sender) = (delivery.signal, delivery.senderPID)
    // A write of ours that failed, or a SIGTSTP to our own group.
    guard sender != ownPID else { return [] }
    if Self.asksForEnd(delivery) { return [.record(.interruptRequested, request(delivery))] }
    switch signal {
    // The kernel says that a child of ours has changed.
    case SIGCHLD where sender == 0: return []
    case SIGCONT: return [.resumeJob]
    // The window's size; but a server may be told something else by it.
    case SIGWINCH where hasOwnTerminal && sender == 0: return [.resizeTerminal]
    // The leader of a session has nobody in it who could continue it, and so no SIGTSTP stops it (setpgid(2),
    // "orphaned").
    case SIGTSTP where !delivery.isIgnored:
      return [.signalGroup(hasOwnTerminal ? SIGSTOP : SIGTSTP), .stopSelf]
    default: return [.signalGroup(signal)]
    }
  }

  private func request(_ delivery: SignalQueue.Delivery) -> ControlRequest {
    var requester = Requester()
    requester.uid = Int64(delivery.senderUID)
    requester.user = Users.name(of: delivery.senderUID)
    requester.pid = Int64(delivery.senderPID)
    requester.host = host
    requester.via = .signal
    requester.reason = "signal \(Signals.name(delivery.signal))"
    return ControlRequest(by: requester, signal: Signals.name(delivery.signal))
  }

  /// The time the job was given is over.
  func timedOut() -> [Action] {
    [.record(.interruptRequested, ownRequest(Self.timeoutReason, stopSignal))]
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
  func recorded(
    _ kind: EventKind, _ request: ControlRequest, jobHasEnded: Bool = false
  ) -> [Action] {
    switch kind {
    case .pauseRequested: return jobHasEnded ? [] : [.deliver(kind, request, [SIGSTOP])]
    case .resumeRequested: return [.deliver(kind, request, [SIGCONT])]
    case .signalRequested:
      guard let signal = Signals.parse(request.signal) else { return [] }
      let isLastStep = request.by.via == .runner && signal == SIGKILL
      return [.deliver(kind, request, [signal])] + (isLastStep ? [.killAll] : [])
    default:
      let signal = Self.endingSignal(of: request)
      // A stopped process gets its signals when it goes on, whatever has stopped it.
      let signals = signal == SIGKILL ? [signal] : [signal, SIGCONT]
      return [.deliver(kind, request, signals)] + (signal == SIGKILL ? [.killAll] : [])
    }
  }

  private static func endingSignal(of request: ControlRequest) -> Int32 {
    Signals.number(request.signal) ?? SIGTERM
  }

  /// A request was sent to the job.
  /// - Parameter refusal: why it has not reached it.
  mutating func delivered(
    _ kind: EventKind, _ request: ControlRequest, refusal: Errno?, jobHasEnded: Bool = false
  ) -> [Action] {
    if let refusal {
      return [.notifyUndelivered(Undelivered(kind, request, error: refusal.message))]
    }
    if kind == .signalRequested, let signal = Signals.parse(request.signal) {
      requestedSignals.insert(signal)
    }
    guard kind == .stopRequested || kind == .interruptRequested else { return [] }
    if asked == nil, !jobHasEnded { asked = (kind, request) }
    return [.expectEnd]
  }

  /// - Parameter holder: who has the terminal; asked where the signal is one of a terminal's.
  mutating func stopped(bySignal signal: Int32, _ holder: TerminalHolder) -> [Action] {
    switch signal {
    // A key, for who has the keys.
    case SIGTSTP where holder == .job: return [.stopPipeline(signal)]
    // The job wants the terminal: this process gives it what it has, or waits with it until a shell does that.
    case SIGTTIN where holder == .own || holder == .job,
      SIGTTOU where holder == .own || holder == .job:
      return [.resumeJob]
    case SIGTTIN where holder == .others, SIGTTOU where holder == .others:
      return [.stopPipeline(signal)]
    // Not a key of a terminal: somebody paused it, or it waits for a terminal that there is not.
    default:
      isPaused = true
      return [.notePause(signal)]
    }
  }

  mutating func continued() -> [Action] {
    guard isPaused else { return [] }
    isPaused = false
    return [.noteResumption]
  }

  /// The job has ended. Who has the terminal gets its keys, and SIGHUP when it goes away.
  mutating func ended(_ end: ChildEnd, hadTerminal: Bool) {
    guard case .killed(let signal, _) = end.outcome, [SIGINT, SIGQUIT, SIGHUP].contains(signal),
      hadTerminal, asked == nil, !requestedSignals.contains(signal)
    else { return }
    key = signal
  }

  /// Returns the end that this process is to have: the job's, but for a job whose time was over.
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

  /// Returns the end that a run is said to have had, and why where the state does not say it.
  /// - Parameter wasOutOfMemory: asked of the kernel when something was killed that nobody asked to end.
  func ending(
    _ end: ChildEnd, wasOutOfMemory: () -> Bool = { false }
  ) -> (state: InstanceState, reason: String?) {
    if let asked {
      let state: InstanceState = asked.kind == .stopRequested ? .stopped : .interrupted
      return (state, asked.request.by.reason)
    }
    switch end.outcome {
    case .exited(let code) where code == 0 || successCodes.contains(code): return (.completed, nil)
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
