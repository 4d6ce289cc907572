package import Events
internal import Ledger

/// An instance as its events tell of it: the fold over them.
package struct InstanceRecord: Equatable, Sendable {
  /// The version of this fold; a stored one of another version is thrown away.
  static let version: Int64 = 10

  package let createdSeq: Seq
  package let instance: InstanceID
  package let job: String
  package let createdAt: WallTime
  /// The data of the `created` event, as written.
  private(set) var createdData: String
  package internal(set) var state: InstanceState
  package internal(set) var startedAt: WallTime?
  package internal(set) var startedMono: BootTime?
  package internal(set) var endedAt: WallTime?
  /// Microseconds from start to end, by the clock that no one sets. Nil before the end, and for a lost run, whose end
  /// nobody saw.
  package internal(set) var runMicroseconds: Int64?
  package internal(set) var lastSeq: Seq
  package internal(set) var lastN: Int64
  package internal(set) var lastAt: WallTime
  /// As far as output and status events tell.
  var foldedOutput = OutputTotals()
  var foldedStatus: String?
  /// The signal that the job is stopped by, without SIG; nil while it is not.
  package internal(set) var pausedBy: String?
  /// The event that removed it from the history: since then it is found by its id alone.
  var hiddenBy: Seq?
  /// The time at which retention dropped the bytes of its output; nil while they are there.
  package internal(set) var outputRemovedAt: WallTime?
  /// The event that says so first.
  var outputRemovedBy: Seq?
  /// The data of the last `pending` or `waiting` event.
  var waitData: String?
  /// As far as status events tell; one that tells nothing of it changes nothing.
  var foldedProgress: Progress?
  var runningData: String?
  var endedData: String?
  package internal(set) var transitions: [Transition]
  package internal(set) var warnings: [Warning] = []
  package internal(set) var requests: [Request] = []

  package struct Transition: Equatable, Sendable {
    package let state: InstanceState
    package let at: WallTime
    package let seq: Seq
  }

  /// Somebody asked something of the instance.
  package struct Request: Equatable, Sendable {
    package let kind: EventKind
    package let at: WallTime
    package let seq: Seq
    package let request: ControlRequest
    /// The kernel's answer, where the job could not be signalled.
    package internal(set) var error: String?
  }

  /// Begins with a `created` event; nil for any other.
  init?(_ event: Event) {
    guard event.kind == .state(.created), let instance = event.instance else { return nil }
    self.init(
      createdSeq: event.seq, instance: instance, job: event.job ?? "", createdAt: event.at,
      createdData: event.data)
  }

  init(
    createdSeq: Seq, instance: InstanceID, job: String, createdAt: WallTime, createdData: String
  ) {
    self.createdSeq = createdSeq
    self.instance = instance
    self.job = job
    self.createdAt = createdAt
    self.createdData = createdData
    state = .created
    lastSeq = createdSeq
    lastN = 1
    lastAt = createdAt
    transitions = [Transition(state: .created, at: createdAt, seq: createdSeq)]
  }

  /// Takes in the instance's next event.
  mutating func apply(_ event: Event) {
    lastSeq = event.seq
    lastN = event.n ?? lastN
    lastAt = event.at
    switch event.kind {
    case .state(let next): enter(next, event)
    case .output:
      let totals = OutputTotals(event.json)
      // Wrapping: what stands in a damaged ledger ends no program.
      foldedOutput.stdoutBytes &+= totals.stdoutBytes
      foldedOutput.stderrBytes &+= totals.stderrBytes
      foldedOutput.lines &+= totals.lines
    case .outputGap: foldedOutput.droppedBytes &+= OutputGap(event.json).bytes
    case .status:
      let data = event.json
      foldedStatus = data["text"]?.string ?? foldedStatus
      foldedProgress = Status(data).progress ?? foldedProgress
    case .warning:
      let warning = Warning(event.json)
      warnings.removeAll { $0.isSame(as: warning) }
      warnings.append(warning)
    case .stopRequested, .interruptRequested, .pauseRequested, .resumeRequested,
      .signalRequested:
      requests.append(
        Request(
          kind: event.kind, at: event.at, seq: event.seq, request: ControlRequest(event.json)))
    case .paused: pausedBy = Paused(event.json).signal ?? "STOP"
    case .resumed: pausedBy = nil
    case .undelivered:
      let undelivered = Undelivered(event.json)
      let index = requests.lastIndex {
        $0.kind == undelivered.kind && $0.request.by == undelivered.request.by
      }
      if let index { requests[index].error = undelivered.error }
    case .released, .jobDisabled, .jobEnabled, .historyRemoved, .orphanRequested, .retained,
      .redacted, .recovered, .sealed, .identified, .jobExpected, .jobUnexpected, .breach,
      .expectationsJudged, .jobChanged, .tellingBegun, .tellingEnded, .changesJudged, .unknown:
      break
    }
  }

  private mutating func enter(_ next: InstanceState, _ event: Event) {
    state = next
    transitions.append(Transition(state: next, at: event.at, seq: event.seq))
    if next.group == .executing {
      if startedAt == nil {
        startedAt = event.at
        startedMono = event.mono
      }
      if next == .running { runningData = event.data }
    }
    if next.group == .waiting { waitData = event.data }
    guard next.isTerminal else { return }
    pausedBy = nil
    endedAt = event.at
    endedData = event.data
    if let startedMono, next != .lost { runMicroseconds = max(0, event.mono - startedMono) }
  }

  package var isHidden: Bool { hiddenBy != nil }
  package var isPaused: Bool { pausedBy != nil }
  package var created: Created { Created(Self.json(createdData)) }
  package var running: Running? { runningData.map { Running(Self.json($0)) } }
  /// The reason that it waits; nil unless it does.
  package var waitCause: WaitCause? {
    state.group == .waiting ? waitData.map { WaitCause(Self.json($0)) } : nil
  }
  package var ending: Ending? { endedData.map { Ending(Self.json($0)) } }

  /// The command of a lost instance, if it was still running when that was found out, or may have been where it was not
  /// seen.
  package var leftBehind: LeftBehindCommand? {
    state == .lost ? LeftBehindCommand(state, ending, running) { created } : nil
  }

  /// The amount of output. The runner counted everything, what could not be recorded too, and said so at the end.
  package var output: OutputTotals { ending?.output ?? foldedOutput }
  /// The output that events of the ledger have.
  package var recordedOutput: OutputTotals { foldedOutput }
  /// The last line of output.
  package var status: String? { status(ending) }

  /// For who has parsed the end already.
  func status(_ ending: Ending?) -> String? { ending?.status ?? foldedStatus }
  /// The job's progress, or what it was when the job ended: the last that it said of it. A run that has completed went
  /// on after that, so of it only the last line counts.
  package var progress: Progress? { progress(ending) }

  func progress(_ ending: Ending?) -> Progress? {
    ending?.progress ?? (state == .completed ? nil : foldedProgress)
  }

  /// A state that is kept, for who goes back to it or behind it.
  var isToBeKept: Bool { lastN % InstancePast.keptEach == 0 }

  /// The positions from its first event to its last, as a power of two that is greater.
  var reach: Int64 { Int64(Int64.bitWidth - max(0, lastSeq - createdSeq).leadingZeroBitCount) }

  /// `job@instance`, as people write it.
  package var name: String { "\(job)@\(instance)" }

  /// Its last transition when the ledger ended at that position; nil before it was created.
  package func transition(at position: Seq) -> Transition? {
    transitions.last { $0.seq <= position }
  }

  /// Microseconds of execution, up to now for a live instance.
  package func runMicroseconds(bootNow: BootTime) -> Int64? {
    if endedAt != nil { return runMicroseconds }
    return startedMono.map { max(0, bootNow - $0) }
  }

  /// Takes over that retention has dropped its output, where the later record says so.
  package mutating func takeRemoval(of later: InstanceRecord?) {
    outputRemovedAt = later?.outputRemovedAt ?? outputRemovedAt
    outputRemovedBy = later?.outputRemovedBy ?? outputRemovedBy
  }

  /// The record without what may be large and lists do not show: the command and the environment.
  package var lean: InstanceRecord {
    guard createdData.utf8.count > Self.leanBytes else { return self }
    var created = created
    (created.command, created.commandBase64) = ([], nil)
    (created.env, created.envBase64) = (nil, nil)
    var lean = self
    lean.createdData = created.json.text
    return lean
  }

  private static let leanBytes = 2048

  /// The text that a store keeps of it, in bytes: nearly all of it, where it is large.
  var storedBytes: Int {
    createdData.utf8.count + (runningData?.utf8.count ?? 0) + (endedData?.utf8.count ?? 0)
      + (foldedStatus?.utf8.count ?? 0)
  }

  private static func json(_ text: String) -> JSON {
    (try? JSON(parsing: text)) ?? .object([])
  }
}
