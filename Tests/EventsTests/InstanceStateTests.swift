internal import Events
import Testing

@Suite struct InstanceStateTests {
  /// Written out by hand from the design, so that the code's table has something to be compared with.
  private static let successors: [InstanceState?: Set<InstanceState>] = {
    let notStarted: Set<InstanceState> = [
      .cancelled, .skipped, .dependencyNotRunning, .startFailed, .error, .lost,
    ]
    let starting: Set<InstanceState> = [.triggered, .started, .running]
    let ended: Set<InstanceState> = [.completed, .failed, .stopped, .interrupted, .error, .lost]
    return [
      nil: [.created],
      .created: notStarted.union(starting).union([.pending, .waiting, .disabled, .suspended]),
      .pending: notStarted.union(starting).union([.waiting, .disabled]),
      .waiting: notStarted.union(starting).union([.pending, .waiting, .disabled]),
      .triggered: ended.union([.started, .running, .startFailed]),
      .started: ended.union([.running]),
      .running: ended,
    ]
  }()

  @Test func `exactly the transitions of the design are possible`() {
    for from in [nil] + InstanceState.allCases.map(Optional.some) {
      for to in InstanceState.allCases {
        let isExpected = Self.successors[from, default: []].contains(to)
        #expect(
          InstanceState.isPossible(from: from, to: to) == isExpected,
          "\(from?.rawValue ?? "NONE") to \(to.rawValue)")
      }
    }
  }

  @Test(arguments: InstanceState.allCases)
  func `a state is terminal exactly when nothing can follow it`(state: InstanceState) {
    let hasSuccessor = InstanceState.allCases.contains {
      InstanceState.isPossible(from: state, to: $0)
    }
    #expect(state.isTerminal == !hasSuccessor)
  }

  @Test func `every state can be reached from the beginning`() {
    var reached: Set<InstanceState> = []
    var frontier: [InstanceState?] = [nil]
    while let state = frontier.popLast() {
      for next in InstanceState.allCases where InstanceState.isPossible(from: state, to: next) {
        if reached.insert(next).inserted { frontier.append(next) }
      }
    }
    #expect(reached == Set(InstanceState.allCases))
  }

  @Test(arguments: InstanceState.allCases)
  func `a state is found by its name and by the kind of its event`(state: InstanceState) {
    #expect(InstanceState(name: state.rawValue) == state)
    #expect(InstanceState(name: state.rawValue.lowercased()) == state)
    #expect(InstanceState(eventKindName: state.eventKindName) == state)
    #expect(EventKind(name: state.eventKindName) == .state(state))
    #expect(EventKind.state(state).isTerminal == state.isTerminal)
  }

  @Test func `the groups are those of the design`() {
    let groups = Dictionary(grouping: InstanceState.allCases, by: \.group).mapValues(Set.init)
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
