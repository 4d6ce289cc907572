package import Events

/// One instance, as its events tell it up to the moment of the question. docs/json.md is the contract of its JSON.
/// Durations are microseconds.
package struct InstanceDocument: Equatable, Sendable {
  package var job: String
  package var instance: InstanceID
  package var state: InstanceState
  /// The reason why it ended so, where the state does not say it all.
  package var reason: String?
  package var isStillRunning = false
  /// The signal that has stopped the job, without SIG; nil while it is not stopped.
  package var pausedBy: String?
  /// The thing that it waits for; nil unless it waits.
  package var waiting: Waiting?
  package var command: [String] = []
  package var cwd = ""
  package var user = ""
  package var uid: Int64 = 0
  package var host = ""
  /// The name of the process that started the runner.
  package var parent = ""
  /// The instance by whose job the runner was started.
  package var within: InstanceID?
  package var runnerPID: Int64 = 0
  package var pid: Int64?
  package var createdAt: WallTime
  package var startedAt: WallTime?
  package var endedAt: WallTime?
  /// From its start to its end, or until now; nil where nobody saw its end.
  package var run: Int64?
  package var exitCode: Int64?
  package var signal: String?
  package var hasDumpedCore = false
  package var status: String?
  package var progress: Progress?
  package var warnings: [Warning] = []
  package var params: [JSON.Member] = []
  /// The group whose limit it counts for, beside its job's.
  package var executionGroup: String?
  package var gates = Gates()
  package var requests: [Request] = []
  /// The traces that were found when the instance was closed as LOST.
  package var evidence: Ending.Evidence?
  /// The instance that it repeats, and the one before it in a row of tries, in which it is the `attempt`th.
  package var rerunOf: String?
  package var retryOf: String?
  package var attempt: Int64?
  package var launch = Launch()
  /// The environment that was recorded; nil where none was asked for.
  package var env: [JSON.Member]?
  package var usage: Ending.Usage?
  package var output: Output?
  package var transitions: [Transition] = []
  /// The version of taro that ran it.
  package var version = ""

  package init(job: String, instance: InstanceID, state: InstanceState, createdAt: WallTime) {
    self.job = job
    self.instance = instance
    self.state = state
    self.createdAt = createdAt
  }

  package var group: InstanceState.Group { state.group }

  /// Tells how long its command has run: for a lost instance that has left it behind, until now.
  package func elapsed(now: WallTime) -> Int64? {
    run ?? (isStillRunning ? startedAt.map { max(0, now - $0) } : nil)
  }

  /// `job@instance`, as people write it.
  package var name: String { "\(job)@\(instance)" }

  package struct Waiting: Equatable, Sendable {
    package var latch: String?
    package var until: WallTime?
    /// Instances that have to end, as job@instance: those that have not.
    package var after: [String] = []
    package var executionGroup: String?
    package var limit: Int64?
    /// Its place in the queue for the group: 1 is next, 0 has a place. Nil where it waits for something else.
    package var place: Int64?
    package var aheadCount: Int64?
    /// The first of those ahead of it in the group, oldest first.
    package var ahead: [Ahead] = []

    package init() {}
  }

  package struct Ahead: Equatable, Sendable {
    package var name: String
    package var state: InstanceState
    package var run: Int64?

    package init(name: String, state: InstanceState, run: Int64?) {
      self.name = name
      self.state = state
      self.run = run
    }
  }

  /// Somebody asked something of it.
  package struct Request: Equatable, Sendable {
    package var kind: EventKind
    package var at: WallTime
    package var seq: Seq
    package var signal: String
    package var by: Requester
    /// The kernel's answer, where the job could not be signalled; nil where it could, or nobody has tried.
    package var error: String?

    package init(
      kind: EventKind, at: WallTime, seq: Seq, signal: String, by: Requester, error: String? = nil
    ) {
      self.kind = kind
      self.at = at
      self.seq = seq
      self.signal = signal
      self.by = by
      self.error = error
    }
  }

  /// The way in which the job was started.
  package struct Launch: Equatable, Sendable {
    package var umask = ""
    package var nice: Int64?
    package var timeout: Int64?
    package var killAfter: Int64?
    package var diesWithTaro = false
    package var hasOwnTerminal = false
    package var isDryRun = false
    package var isKept = true
    package var split: String?
    /// Streams that were closed, or not to be written into.
    package var uncaptured: [String] = []
    /// Names of variables that were added or replaced.
    package var envSet: [String] = []

    package init() {}
  }

  package struct Output: Equatable, Sendable {
    package var totals: OutputTotals
    package var isOneStream: Bool
    /// A process that the job left behind held it open when taro went.
    package var isLeftOpen: Bool
    /// The time at which retention dropped the bytes.
    package var removedAt: WallTime?

    package init(
      totals: OutputTotals, isOneStream: Bool, isLeftOpen: Bool, removedAt: WallTime?
    ) {
      self.totals = totals
      self.isOneStream = isOneStream
      self.isLeftOpen = isLeftOpen
      self.removedAt = removedAt
    }
  }

  package struct Transition: Equatable, Sendable {
    package var state: InstanceState
    package var at: WallTime
    package var seq: Seq

    package init(state: InstanceState, at: WallTime, seq: Seq) {
      self.state = state
      self.at = at
      self.seq = seq
    }
  }

  /// It without what may be large and lists do not show: the command and the environment.
  package var lean: InstanceDocument {
    var lean = self
    (lean.command, lean.env) = ([], nil)
    return lean
  }
}
