internal import Events
internal import Linux

/// Keeps this process from being stopped (SIGSTOP) while it has the append queue: the whole host would wait for it.
struct TurnGate: Sendable {
  private struct State {
    /// The recorder has the queue, or may get it any moment.
    var isInTurn = false
    /// The process is about to stop: no turn may begin.
    var isClosed = false
  }

  private let state = Monitor(State())

  /// Waits while the gate is closed. ``leave()`` follows.
  func enter() {
    state.wait { state -> Void? in
      guard !state.isClosed else { return nil }
      state.isInTurn = true
      return ()
    }
  }

  func leave() { state.change { $0.isInTurn = false } }

  /// Runs `body` between two turns, or once `deadline` has passed.
  func close(until deadline: MonotonicTime, while body: () -> Void) {
    state.change { $0.isClosed = true }
    _ = state.wait(until: deadline) { $0.isInTurn ? nil : true }
    body()
    state.change { $0.isClosed = false }
  }
}
