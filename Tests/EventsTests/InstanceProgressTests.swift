internal import Events
import TestSupport
import Testing

@Suite("How far an instance has come")
struct InstanceProgressTests {
  private static let kinds = InstanceState.allCases.map(EventKind.state) + EventKind.others

  private func progress(_ states: InstanceState...) -> InstanceProgress {
    var progress = InstanceProgress()
    for state in states { progress.note(.state(state), EventTime(at: 1, mono: 1)) }
    return progress
  }

  private static let reached: [[InstanceState]] = [
    [], [.created], [.created, .waiting], [.created, .pending], [.created, .triggered],
    [.created, .triggered, .started], [.created, .running], [.created, .running, .completed],
    [.created, .cancelled], [.created, .running, .lost],
  ]

  private func progress(_ states: [InstanceState]) -> InstanceProgress {
    states.reduce(into: InstanceProgress()) { $0.note(.state($1), EventTime(at: 1, mono: 1)) }
  }

  @Test func `is told by its events`() {
    var progress = InstanceProgress()
    #expect(progress.n == 0)
    #expect(progress.state == nil)
    #expect(progress.time == nil)
    progress.note(.state(.created), EventTime(at: 7, mono: 3))
    progress.note(.stopRequested, EventTime(at: 9, mono: 5))
    #expect(progress.n == 2)
    #expect(progress.state == .created)
    #expect(!progress.hasEnded)
    #expect(progress.time == EventTime(at: 9, mono: 5))
    progress.note(.state(.lost), EventTime(at: 10, mono: 1), n: 12)
    #expect(progress.n == 12)
    #expect(progress.hasEnded)
  }

  // MARK: What is missing before an event

  @Test(
    arguments: [
      ([], .state(.created), []),
      ([], .output, [.created]),
      ([], .state(.running), [.created]),
      // A job is not completed that was never started.
      ([], .state(.completed), [.created, .triggered]),
      ([.created], .state(.running), []),
      ([.created], .state(.completed), [.triggered]),
      ([.created, .waiting], .state(.failed), [.triggered]),
      ([.created, .running], .state(.completed), []),
      ([.created, .running], .output, []),
      ([.created], .state(.created), nil),
      ([.created, .running], .state(.waiting), nil),
      ([.created, .running, .completed], .output, nil),
      ([.created, .running, .completed], .state(.lost), nil),
    ] as [([InstanceState], EventKind, [InstanceState]?)])
  func `what is missing before an event is its beginning and its start`(
    reached: [InstanceState], kind: EventKind, missing: [InstanceState]?
  ) {
    #expect(progress(reached).missing(before: kind) == missing)
  }

  @Test(arguments: reached)
  func `with what is missing every event may follow`(reached: [InstanceState]) {
    for kind in Self.kinds {
      var progress = progress(reached)
      guard let missing = progress.missing(before: kind) else {
        // Nothing of what could be put before it would help.
        let isAllowed = kind.state.map { progress.allows($0) } ?? !progress.hasEnded
        #expect(!isAllowed, "\(reached), \(kind)")
        continue
      }
      for state in missing + [kind.state].compactMap({ $0 }) {
        #expect(progress.allows(state), "\(reached), \(kind)")
        progress.note(.state(state), EventTime(at: 1, mono: 1))
      }
    }
  }

  // MARK: What of its beginning is missing

  @Test(
    arguments: [
      ([], [.created, .running], [.created, .running]),
      ([], [.created], [.created]),
      // It comes with what follows.
      ([], [.running], []),
      ([.created], [.created, .running], [.running]),
      ([.created, .triggered], [.created, .running], [.running]),
      ([.created, .running], [.created, .running], []),
      ([.created, .running, .completed], [.created, .running], []),
    ] as [([InstanceState], [InstanceState], [InstanceState])])
  func `of its beginning is missing what it may still enter`(
    reached: [InstanceState], beginning: [InstanceState], missing: [InstanceState]
  ) {
    #expect(progress(reached).missing(of: beginning) == missing)
  }

  // MARK: What may not stand where it does

  private func check(
    _ reached: [InstanceState], _ kind: EventKind, n: Int64, mayHaveGap: Bool = false
  ) -> InstanceProgress.Violation? {
    var progress = progress(reached)
    defer { #expect(progress.n == n) }
    return progress.check(kind, EventTime(at: 1, mono: 1), n: n, mayHaveGap: mayHaveGap)
  }

  @Test func `an event stands behind the last one`() {
    #expect(check([.created], .state(.running), n: 2) == nil)
    #expect(check([.created], .output, n: 4) == .position(expected: 2))
    #expect(check([.created, .running], .output, n: 2) == .position(expected: 3))
    #expect(check([.created], .output, n: .min) == .position(expected: 2))
  }

  @Test func `a state follows the one before it`() {
    #expect(
      check([.created, .running], .state(.waiting), n: 3)
        == .transition(from: .running, to: .waiting))
    #expect(check([.created, .running], .warning, n: 3) == nil)
  }

  @Test func `behind a gap nothing is known of the state before it`() {
    #expect(check([.created, .running], .state(.waiting), n: 9, mayHaveGap: true) == nil)
    // Only where there is one.
    #expect(
      check([.created, .running], .state(.waiting), n: 3, mayHaveGap: true)
        == .transition(from: .running, to: .waiting))
    #expect(
      check([.created, .running], .output, n: 2, mayHaveGap: true) == .position(expected: 3))
    var progress = progress(.created, .running)
    _ = progress.check(.output, EventTime(at: 1, mono: 1), n: 9, mayHaveGap: true)
    #expect(progress.state == nil)
    #expect(
      progress.check(.state(.waiting), EventTime(at: 1, mono: 1), n: 10, mayHaveGap: true) == nil)
  }
}
