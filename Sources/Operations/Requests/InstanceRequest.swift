package import Events
package import Projections

/// A request to a run: the one place that says which event asks it, and of whom it is of no use.
package enum InstanceRequest: Equatable, Sendable {
  /// To end; the signal is `TERM`, or `KILL` for every process of it.
  case stop(signal: String)
  /// To end, and to count as a failure.
  case interrupt(signal: String)
  case pause
  case resume
  /// The signal's name, without SIG.
  case signal(String)

  package var kind: EventKind {
    switch self {
    case .stop: .stopRequested
    case .interrupt: .interruptRequested
    case .pause: .pauseRequested
    case .resume: .resumeRequested
    case .signal: .signalRequested
    }
  }

  /// The signal that the job gets, without SIG.
  package var signal: String {
    switch self {
    case .stop(let signal), .interrupt(let signal), .signal(let signal): signal
    case .pause: "STOP"
    case .resume: "CONT"
    }
  }

  /// The reason why a run is not asked.
  package enum Refusal: Equatable, Sendable { case isNotRunning, isPaused, isNotPaused }

  /// Returns nil when the request is to be made. A waiting instance can be ended, and nothing else.
  package func refusal(of record: InstanceRecord) -> Refusal? {
    switch self {
    case .stop, .interrupt: return nil
    case .pause, .resume, .signal: break
    }
    guard record.state.group == .executing else { return .isNotRunning }
    switch self {
    case .pause: return record.isPaused ? .isPaused : nil
    case .resume: return record.isPaused ? nil : .isNotPaused
    case .stop, .interrupt, .signal: return nil
    }
  }
}
