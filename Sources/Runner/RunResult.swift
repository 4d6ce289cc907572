package import Ledger

/// What became of a run.
package struct RunResult: Sendable {
  /// For this process.
  package let exitCode: Int32
  /// How the instance ended; nil when nothing could be run.
  package let state: RunState?
  /// Somebody wanted the end: trying again would be against it.
  package let wasAskedToEnd: Bool

  package init(exitCode: Int32, state: RunState?, wasAskedToEnd: Bool = false) {
    self.exitCode = exitCode
    self.state = state
    self.wasAskedToEnd = wasAskedToEnd
  }
}
