/// What an event tells. The catalogue, with an example of each, is schema/events.jsonl.
package enum EventKind: Hashable, Sendable {
  /// The instance enters this state.
  case state(RunState)
  case output
  case outputGap
  case status
  case warning
  case stopRequested
  case interruptRequested
  /// Written by a later version of taro: kept, chained and shown, not interpreted.
  case unknown(String)

  /// The kinds that are not states.
  package static let others: [EventKind] = [
    .output, .outputGap, .status, .warning, .stopRequested, .interruptRequested,
  ]

  package var name: String {
    switch self {
    case .state(let state): state.eventKindName
    case .output: "output"
    case .outputGap: "output_gap"
    case .status: "status"
    case .warning: "warning"
    case .stopRequested: "stop_requested"
    case .interruptRequested: "interrupt_requested"
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
    default: self = RunState(eventKindName: name).map { .state($0) } ?? .unknown(name)
    }
  }

  package var state: RunState? {
    guard case .state(let state) = self else { return nil }
    return state
  }

  package var isTerminal: Bool { state?.isTerminal ?? false }
}
