internal import Events

/// A run of which everything is real but the job: gates are asked, every event is written, nothing is started.
enum DryRun {
  /// Ends the instance in that state, on the way that the table of transitions demands. The exit code is 1 for
  /// a failure.
  static func end(
    in state: InstanceState, _ journal: consuming RunJournal?, _ log: RunLog
  ) -> RunEnd {
    var ending = Ending()
    ending.reason = "dry run"
    // Not `running`: there is no process that it could name.
    let before: [InstanceState] =
      InstanceState.isPossible(from: .created, to: state) ? [] : [.started]
    for state in before { log.entered(state) }
    log.entered(state, ending)
    journal?.end(in: state, ending, after: before)
    return RunEnd(RunResult(exitCode: state.group == .failure ? 1 : 0, state: state), journal)
  }
}
