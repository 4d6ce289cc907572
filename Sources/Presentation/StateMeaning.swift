package import Events

/// The meaning of each state, for help and manual.
package enum StateMeaning {
  /// A sentence with its point.
  package static func of(_ state: InstanceState) -> String {
    switch state {
    case .created: "It is on record, and nothing has happened yet."
    case .pending: "It waits for a latch, which somebody releases."
    case .waiting: "It waits for a time, for other instances, or for a place in its group."
    case .triggered: "What it has waited for has come; it is about to start."
    case .started: "It counts as started, of a dry run; there is no process."
    case .running: "Its command runs, or is paused."
    case .completed: "Its command has ended with 0, or with a code that is no failure."
    case .stopped: "Somebody has stopped it; that is no failure."
    case .interrupted:
      "A signal to its runner has ended it, its time was over, or somebody wanted it to count as a failure."
    case .disabled: "It was not run, for its job was disabled."
    case .cancelled:
      "It was stopped while it waited, or what it waited for has not completed; it was not run."
    case .skipped:
      "It was not run: another instance was there, its job had completed shortly before, or it has waited in vain."
    case .dependencyNotRunning: "It was not run, for nothing was there that it depends on."
    case .suspended: "It was not run, for its job was suspended."
    case .failed: "Its command has ended with another code, or a signal has killed it."
    case .startFailed: "Its command could not be started."
    case .error: "Its runner could not go on with it."
    case .lost: "Its runner was killed, and nobody saw how it ended; its command may still run."
    }
  }

  /// `failure`, in words.
  package static func of(_ group: InstanceState.Group) -> String {
    switch group {
    case .beforeExecution: "before it waits or runs"
    case .waiting: "it waits"
    case .executing: "it runs"
    case .completed: "it has ended well"
    case .notCompleted: "it has ended early, at somebody's wish"
    case .notExecuted: "it has ended without having been run"
    case .failure: "it has ended badly"
    }
  }

  /// All of them, for `help states`.
  package static var text: String {
    var text = ""
    for group in InstanceState.Group.allCases {
      text += "\(group.rawValue): \(of(group))\n"
      for state in InstanceState.allCases where state.group == group {
        let name = state.rawValue
        text +=
          "  \(name)\(String(repeating: " ", count: max(1, 24 - name.utf8.count)))\(of(state))\n"
      }
    }
    return text
      + """
      ended is every state from completed on, live every other one. MISSED in the tables of ps and hist is no state: a run
      that was due as expected and has not begun.

      """
  }
}
