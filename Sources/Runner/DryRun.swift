internal import Events
internal import Linux

/// A run of which everything is real but the job: gates are asked, every event is written, nothing is started.
enum DryRun {
  /// Ends the instance in that state, on the way that the table of transitions demands. The exit code is 1 for
  /// a failure.
  static func end(in state: RunState, _ recorder: Recorder?, _ log: RunLog) -> RunResult {
    var ending = Ending()
    ending.reason = "dry run"
    if !RunState.isPossible(from: .created, to: state) { log.entered(.started) }
    log.entered(state, ending)
    if let recorder {
      if !RunState.isPossible(from: .created, to: state) {
        // Not `running`: there is no process that it could name.
        recorder.hand(
          .event(
            .state(.started), .object([]), at: Clock.wallMicroseconds(),
            mono: Clock.bootMicroseconds()))
      }
      recorder.finish(state, ending, on: nil)
    }
    return RunResult(exitCode: state.group == .failure ? 1 : 0, state: state)
  }
}
