internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// The end of the run: what it is said to have been, and how this process ends.
extension Supervisor {
  /// sysexits.h, EX_IOERR: of a job that has ended with 0 although not all it printed could be written.
  private static let refusedExitCode: Int32 = 74

  consuming func finish() -> RunEnd {
    guard let end else { return RunEnd(RunResult(exitCode: 126, state: .error), nil) }
    // Until now its pid, and its group's number, could be nobody else's.
    child.reap()
    pump?.flush()
    if !outputLeftOpen { pump?.finish() }
    let (state, ending) = ending(end)
    handles?.mailbox.hand(
      .finish(state, ending, at: .now, mono: .now))
    let journal = recorder.take()?.finish()
    // Nobody who waits for this run's place has to wait for a slow reader of its output.
    handles?.letGo()
    // After the recorder, which may have a last warning to tell.
    log.entered(state, ending)
    if state != .completed || isLoudOnStderr && pump?.holdsErrors == true {
      pump?.release()
    }
    pump?.deliverRest(signals, reporter, name: name)
    journal?.foldIfDue()
    var processEnd = decisions.processEnd(end)
    let looksGood = decisions.ending(end).state == .completed
    if processEnd.code == 0 || looksGood, state == .completed || state == .failed,
      pump?.refusal != nil
    {
      processEnd = ProcessEnd(code: Self.refusedExitCode)
    }
    return RunEnd(
      RunResult(end: processEnd, state: state, wasAskedToEnd: decisions.wasAskedToEnd), journal)
  }

  private func ending(_ end: ChildEnd) -> (InstanceState, Ending) {
    var (state, reason) = decisions.ending(end) { outOfMemory.hasKilledSince }
    if let refusal = pump?.refusal {
      switch (state, end.outcome) {
      // What looks good and is not: somebody may need all of it.
      case (.completed, _): (state, reason) = (.failed, refusal)
      // What a job that finds it out itself fails of.
      case (.failed, .killed(SIGPIPE, _)): reason = "signal PIPE, \(refusal)"
      case (.failed, .exited): reason = reason ?? refusal
      default: break
      }
    }
    var ending = Ending()
    ending.reason = reason
    switch end.outcome {
    case .exited(let code): ending.exitCode = Int64(code)
    case .killed(let signal, let coreDumped):
      ending.signal = Signals.name(signal)
      ending.coreDumped = coreDumped
    }
    ending.usage = Ending.Usage(
      userMicroseconds: end.usage.userMicroseconds,
      systemMicroseconds: end.usage.systemMicroseconds, maxRSSBytes: end.usage.maxRSSBytes,
      maxRSSBelowBytes: end.usage.maxRSSBelowBytes, blocksIn: end.usage.blocksIn,
      blocksOut: end.usage.blocksOut)
    ending.output = pump == nil ? nil : OutputTotals()
    ending.outputLeftOpen = outputLeftOpen
    return (state, ending)
  }
}
