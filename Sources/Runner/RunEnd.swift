/// The outcome of a run, and its journal, which has ended.
struct RunEnd: ~Copyable {
  let result: RunResult
  private let journal: RunJournal?

  init(_ result: RunResult, _ journal: consuming RunJournal?) {
    self.result = result
    self.journal = consume journal
  }

  /// Does what is left to do for others, now that nobody waits for this run any more.
  consuming func settle(_ handles: RunnerHandles, _ reporter: StderrReporter) -> RunResult {
    handles.letGo()
    journal?.takeInSpools(reporter)
    return result
  }
}
