internal import Events
import Testing

@Suite struct RunStateTests {
  /// Written out by hand from the design, so that the code's table has something to be compared with.
  private static let successors: [RunState?: Set<RunState>] = {
    let notStarted: Set<RunState> = [
      .cancelled, .skipped, .dependencyNotRunning, .startFailed, .error, .lost,
    ]
    let starting: Set<RunState> = [.triggered, .started, .running]
    let ended: Set<RunState> = [.completed, .failed, .stopped, .interrupted, .error, .lost]
    return [
      nil: [.created],
      .created: notStarted.union(starting).union([.pending, .waiting, .disabled, .suspended]),
      .pending: notStarted.union(starting).union([.waiting]),
      .waiting: notStarted.union(starting).union([.pending, .waiting]),
      .triggered: ended.union([.started, .running, .startFailed]),
      .started: ended.union([.running]),
      .running: ended,
    ]
  }()

  @Test func `exactly the transitions of the design are possible`() {
    for from in [nil] + RunState.allCases.map(Optional.some) {
      for to in RunState.allCases {
        let isExpected = Self.successors[from, default: []].contains(to)
        #expect(
          RunState.isPossible(from: from, to: to) == isExpected,
          "\(from?.rawValue ?? "NONE") to \(to.rawValue)")
      }
    }
  }

  @Test(arguments: RunState.allCases)
  func `a state is terminal exactly when nothing can follow it`(state: RunState) {
    let hasSuccessor = RunState.allCases.contains { RunState.isPossible(from: state, to: $0) }
    #expect(state.isTerminal == !hasSuccessor)
  }

  @Test func `every state can be reached from the beginning`() {
    var reached: Set<RunState> = []
    var frontier: [RunState?] = [nil]
    while let state = frontier.popLast() {
      for next in RunState.allCases where RunState.isPossible(from: state, to: next) {
        if reached.insert(next).inserted { frontier.append(next) }
      }
    }
    #expect(reached == Set(RunState.allCases))
  }

  @Test(arguments: RunState.allCases)
  func `a state is found by its name and by the kind of its event`(state: RunState) {
    #expect(RunState(name: state.rawValue) == state)
    #expect(RunState(name: state.rawValue.lowercased()) == state)
    #expect(RunState(eventKindName: state.eventKindName) == state)
    #expect(EventKind(name: state.eventKindName) == .state(state))
    #expect(EventKind.state(state).isTerminal == state.isTerminal)
  }

  @Test func `the groups are those of the design`() {
    let groups = Dictionary(grouping: RunState.allCases, by: \.group).mapValues(Set.init)
    #expect(
      groups == [
        .beforeExecution: [.created],
        .waiting: [.pending, .waiting],
        .executing: [.triggered, .started, .running],
        .completed: [.completed],
        .notCompleted: [.stopped],
        .notExecuted: [.disabled, .cancelled, .skipped, .dependencyNotRunning, .suspended],
        .failure: [.interrupted, .failed, .startFailed, .error, .lost],
      ])
  }
}
