package import Events
package import Linux

/// The outcome of a run.
package struct RunResult: Sendable {
  /// The end that this process is to have.
  package let end: ProcessEnd
  /// The state in which the instance ended; nil when nothing could be run.
  package let state: InstanceState?
  /// Somebody wanted the end: trying again would be against it.
  package let wasAskedToEnd: Bool
  /// It could not be started, and that will not change by itself.
  package var cannotBeStarted = false

  package init(exitCode: Int32, state: InstanceState?) {
    self.init(end: ProcessEnd(code: exitCode), state: state)
  }

  package init(end: ProcessEnd, state: InstanceState?, wasAskedToEnd: Bool = false) {
    self.end = end
    self.state = state
    self.wasAskedToEnd = wasAskedToEnd
  }
}
