/// The states of an instance, as in the specification.
package enum InstanceState: String, CaseIterable, Sendable {
  case created = "CREATED"
  case pending = "PENDING"
  case waiting = "WAITING"
  case triggered = "TRIGGERED"
  case started = "STARTED"
  case running = "RUNNING"
  case completed = "COMPLETED"
  case stopped = "STOPPED"
  case interrupted = "INTERRUPTED"
  case disabled = "DISABLED"
  case cancelled = "CANCELLED"
  case skipped = "SKIPPED"
  case dependencyNotRunning = "DEPENDENCY_NOT_RUNNING"
  case suspended = "SUSPENDED"
  case failed = "FAILED"
  case startFailed = "START_FAILED"
  case error = "ERROR"
  case lost = "LOST"

  /// The groups of states, as documents name them.
  package enum Group: String, CaseIterable, Sendable {
    case beforeExecution = "before_execution"
    case waiting
    case executing
    case completed
    case notCompleted = "not_completed"
    case notExecuted = "not_executed"
    case failure
  }

  package var group: Group {
    switch self {
    case .created: .beforeExecution
    case .pending, .waiting: .waiting
    case .triggered, .started, .running: .executing
    case .completed: .completed
    case .stopped: .notCompleted
    case .disabled, .cancelled, .skipped, .dependencyNotRunning, .suspended: .notExecuted
    case .interrupted, .failed, .startFailed, .error, .lost: .failure
    }
  }

  package var isTerminal: Bool {
    switch group {
    case .beforeExecution, .waiting, .executing: false
    case .completed, .notCompleted, .notExecuted, .failure: true
    }
  }

  /// The one table of what may follow what; nil is NONE, before the instance exists.
  package static func isPossible(from: InstanceState?, to: InstanceState) -> Bool {
    switch (from?.group, to) {
    case (nil, .created): true
    case (nil, _), (_, .created): false
    case (.beforeExecution, .pending), (.beforeExecution, .waiting): true
    case (.beforeExecution, .disabled), (.beforeExecution, .suspended): true
    // Somebody disables a job that waits already.
    case (.waiting, .disabled): true
    // A delay (WAITING) comes before the latch (PENDING), a slot (WAITING) after it; and what is waited for may change.
    case (.waiting, .waiting): true
    case (.waiting, .pending): from == .waiting
    case (.beforeExecution, .triggered), (.waiting, .triggered): true
    case (.beforeExecution, .started), (.waiting, .started): true
    case (.beforeExecution, .running), (.waiting, .running): true
    case (.executing, .started): from == .triggered
    case (.executing, .running): from != .running
    case (.beforeExecution, .cancelled), (.waiting, .cancelled): true
    case (.beforeExecution, .skipped), (.waiting, .skipped): true
    case (.beforeExecution, .dependencyNotRunning), (.waiting, .dependencyNotRunning): true
    case (.beforeExecution, .startFailed), (.waiting, .startFailed): true
    case (.executing, .startFailed): from == .triggered
    case (.executing, .completed), (.executing, .failed): true
    case (.executing, .stopped), (.executing, .interrupted): true
    case (.beforeExecution, .error), (.waiting, .error), (.executing, .error): true
    case (.beforeExecution, .lost), (.waiting, .lost), (.executing, .lost): true
    default: false
    }
  }

  /// The state of that name in any case; nil when there is none.
  package init?(name: String) { self.init(rawValue: name.uppercased()) }

  /// The kind of the event that enters this state: its name in lower case.
  package var eventKindName: String { Self.kindNames[self] ?? rawValue.lowercased() }

  /// The state that an event of this kind enters.
  package init?(eventKindName name: String) {
    // Those that nearly every run has come first: asked once for each event that is read.
    switch name {
    case "created": self = .created
    case "running": self = .running
    case "completed": self = .completed
    case "failed": self = .failed
    default:
      guard let state = Self.statesByKindName[name] else { return nil }
      self = state
    }
  }

  private static let kindNames = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, $0.rawValue.lowercased()) })
  private static let statesByKindName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.rawValue.lowercased(), $0) })
}
