internal import Events
package import Ledger
package import Linux

/// A job that is tried again when it fails. Each try is an instance of its own and names the one before; the time
/// between two is a gate of the later one, so that it is seen in `ps` and can be stopped there.
package struct RetryRunner {
  private let job: Job
  private let voice: RunnerVoice
  private let first: InstanceRunner

  /// The longest time between two tries that doubling leads to, microseconds.
  private static let longestDelay: Int64 = 3_600_000_000

  package init(_ job: Job, _ voice: RunnerVoice) {
    var job = job
    if job.retries > 0 { job.attempt = 1 }
    self.job = job
    self.voice = voice
    first = InstanceRunner(job, voice)
  }

  /// `job@instance` of the first try.
  package var name: String { "\(job.id)@\(first.instance)" }

  /// Runs the job until it does not fail, nobody wants it any more, or no try is left. Returns how this process is
  /// to end: as the last try says.
  /// - Parameters:
  ///   - directory: nil when there is none to use; `reason` then says why.
  ///   - whenCreated: called once when the first instance is on record, or cannot be and is run all the same.
  package func run(
    ledger directory: LedgerDirectory?, reason: String = "", whenCreated: () -> Void = {}
  ) -> ProcessEnd {
    var result = first.run(ledger: directory, reason: reason, whenCreated: whenCreated)
    var before = first.instance
    var delay = job.retryDelay
    for attempt in 1..<(1 + max(job.retries, 0)) {
      guard isWorthTrying(after: result) else { break }
      if Terminal.isTerminal(2) {
        let wait = delay > 0 ? " in \(Span.text(delay))" : ""
        StderrReporter(voice).report("try \(attempt + 1) of \(job.retries + 1)\(wait)")
      }
      let next = InstanceRunner(
        job(attempt: attempt + 1, after: before, delay: delay), voice)
      let nextResult = next.run(ledger: directory, reason: reason)
      // Stopped while it waited, disabled, without its dependency: the last word is that of the try that ran.
      if nextResult.state?.group == .notExecuted, !nextResult.wasAskedToEnd {
        return result.end
      }
      result = nextResult
      before = next.instance
      delay = max(delay, min(delay * 2, Self.longestDelay))
    }
    return result.end
  }

  private func isWorthTrying(after result: RunResult) -> Bool {
    result.state?.group == .failure && !result.wasAskedToEnd && !result.cannotBeStarted
      && job.isTried(againAfter: result.end.code)
  }

  private func job(attempt: Int, after before: InstanceID, delay: Int64) -> Job {
    var next = job
    next.attempt = attempt
    next.retryOf = "\(job.id)@\(before)"
    // What the first try has waited for has come.
    next.gates.delay = delay > 0 ? delay : nil
    next.gates.notBefore = nil
    next.gates.latch = nil
    next.gates.after = []
    next.gates.afterSuccess = []
    return next
  }
}
