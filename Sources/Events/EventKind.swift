/// The kind of an event, by which its data are read. The catalogue, with an example of each, is schema/events.jsonl.
package enum EventKind: Hashable, Sendable {
  /// The instance enters this state.
  case state(InstanceState)
  case output
  case outputGap
  case status
  case warning
  case stopRequested
  case interruptRequested
  case pauseRequested
  case paused
  case resumeRequested
  case resumed
  case signalRequested
  /// A request has not reached its job, and decides nothing.
  case undelivered
  /// A latch was released. This kind and those below belong to no instance.
  case released
  case jobDisabled
  case jobEnabled
  case historyRemoved
  /// Something was asked of the command that a lost run has left behind.
  case orphanRequested
  /// Retention has dropped output or events of instances that have ended.
  case retained
  /// Something that an ended instance had recorded was made unreadable.
  case redacted
  /// The first event of a ledger that was read out of a damaged one.
  case recovered
  /// The first event of a ledger that was begun because the one before it was damaged.
  case sealed
  /// The ledger is a copy, or was put back, and has a new id.
  case identified
  /// Something is expected of a job. This and those below belong to no instance, but the first three to a job.
  case jobExpected
  case jobUnexpected
  /// Something that was expected has not been so.
  case breach(Breach.Kind)
  /// Somebody has looked whether what is expected has been so.
  case expectationsJudged
  /// A job fares in another way, which is to be told. This one and the next two belong to a job.
  case jobChanged
  /// Somebody begins to tell a change, and has ended it.
  case tellingBegun
  case tellingEnded
  /// Somebody has looked whether there is a change to tell.
  case changesJudged
  /// Written by a later version of taro: kept, chained and shown, not interpreted.
  case unknown(String)

  /// The kinds that are not states.
  package static let others: [EventKind] =
    [
      .output, .outputGap, .status, .warning, .stopRequested, .interruptRequested, .pauseRequested,
      .paused, .resumeRequested, .resumed, .signalRequested, .undelivered, .released, .jobDisabled,
      .jobEnabled,
      .historyRemoved, .orphanRequested, .retained, .redacted, .recovered, .sealed, .identified,
      .jobExpected,
      .jobUnexpected, .expectationsJudged, .jobChanged, .tellingBegun, .tellingEnded,
      .changesJudged,
    ] + breaches

  package static let breaches = Breach.Kind.allCases.map { EventKind.breach($0) }

  package var name: String {
    switch self {
    case .state(let state): state.eventKindName
    case .output: "output"
    case .outputGap: "output_gap"
    case .status: "status"
    case .warning: "warning"
    case .stopRequested: "stop_requested"
    case .interruptRequested: "interrupt_requested"
    case .pauseRequested: "pause_requested"
    case .paused: "paused"
    case .resumeRequested: "resume_requested"
    case .resumed: "resumed"
    case .signalRequested: "signal_requested"
    case .undelivered: "undelivered"
    case .released: "released"
    case .jobDisabled: "job_disabled"
    case .jobEnabled: "job_enabled"
    case .historyRemoved: "history_removed"
    case .orphanRequested: "orphan_requested"
    case .retained: "retained"
    case .redacted: "redacted"
    case .recovered: "recovered"
    case .sealed: "sealed"
    case .identified: "identified"
    case .jobExpected: "job_expected"
    case .jobUnexpected: "job_unexpected"
    case .breach(let kind): kind.rawValue
    case .expectationsJudged: "expectations_judged"
    case .jobChanged: "job_changed"
    case .tellingBegun: "telling_begun"
    case .tellingEnded: "telling_ended"
    case .changesJudged: "changes_judged"
    case .unknown(let name): name
    }
  }

  package init(name: String) {
    // In the order of frequency: this is asked once per event read.
    switch name {
    case "output": self = .output
    case "status": self = .status
    case "output_gap": self = .outputGap
    case "warning": self = .warning
    case "stop_requested": self = .stopRequested
    case "interrupt_requested": self = .interruptRequested
    case "pause_requested": self = .pauseRequested
    case "paused": self = .paused
    case "resume_requested": self = .resumeRequested
    case "resumed": self = .resumed
    case "signal_requested": self = .signalRequested
    case "undelivered": self = .undelivered
    case "released": self = .released
    case "job_disabled": self = .jobDisabled
    case "job_enabled": self = .jobEnabled
    case "history_removed": self = .historyRemoved
    case "orphan_requested": self = .orphanRequested
    case "retained": self = .retained
    case "redacted": self = .redacted
    case "recovered": self = .recovered
    case "sealed": self = .sealed
    case "identified": self = .identified
    case "job_expected": self = .jobExpected
    case "job_unexpected": self = .jobUnexpected
    case "expectations_judged": self = .expectationsJudged
    case "job_changed": self = .jobChanged
    case "telling_begun": self = .tellingBegun
    case "telling_ended": self = .tellingEnded
    case "changes_judged": self = .changesJudged
    default:
      self =
        InstanceState(eventKindName: name).map { .state($0) }
        ?? Breach.Kind(rawValue: name).map { .breach($0) } ?? .unknown(name)
    }
  }

  package var state: InstanceState? {
    guard case .state(let state) = self else { return nil }
    return state
  }

  package var isBreach: Bool { if case .breach = self { true } else { false } }

  package var isTerminal: Bool { state?.isTerminal ?? false }

  /// It belongs to no instance. Of a kind that is not known nobody can tell.
  package var isOfHost: Bool {
    switch self {
    case .released, .jobDisabled, .jobEnabled, .historyRemoved, .orphanRequested, .retained,
      .redacted, .recovered, .sealed,
      .identified, .jobExpected, .jobUnexpected, .breach, .expectationsJudged, .jobChanged,
      .tellingBegun, .tellingEnded, .changesJudged:
      true
    default: false
    }
  }

  /// Somebody's wish that a runner carry out.
  package var isControlRequest: Bool {
    switch self {
    case .stopRequested, .interruptRequested, .pauseRequested, .resumeRequested, .signalRequested:
      true
    default: false
    }
  }
}
