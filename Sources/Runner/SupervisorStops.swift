internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// This process stops with its job, as a shell wants to see it, and goes on with it.
extension Supervisor {
  /// Stops this process, as the job was stopped; goes on when the shell continues it, or for a moment when something
  /// is to be done about the job.
  mutating func stopSelf(by signal: Int32, group: Bool = false) {
    pump?.passOnNow()
    terminal.takeBack(from: child.pid, restoringModes: true)
    ownTerminal?.detach()
    var isContinued = false
    while let delivery = signals.next() {
      switch delivery.signal {
      case SIGTSTP: break
      case SIGCONT: isContinued = isContinued || !delivery.isOwn
      default: perform(decisions.received(delivery))
      }
    }
    // A shell that continues who is not stopped yet does not come again: a job that still wants to be stopped says so.
    guard !isContinued else { return resumeJob() }
    handles?.continuesStopped(true)
    // A ring that has come before that continues nobody.
    guard !readsLedger, unrecorded.isEmpty, handles?.hasRung != true else {
      handles?.continuesStopped(false)
      stopAgain = (signal, group)
      return
    }
    stop(by: signal, group: group)
    let wake = SelfStop.Wake(signals)
    for delivery in wake.others { perform(decisions.received(delivery)) }
    switch wake.reason {
    case .continued: resumeJob()
    case .own:
      stopAgain = (signal, false)
      if let handles { readLedger(handles) }
    case .notStopped: goOnOrphaned(signal)
    }
  }

  /// Not in the middle of a turn: the whole host would wait for us.
  private mutating func stop(by signal: Int32, group: Bool) {
    let deadline = [timeoutAt, lastStep.deadline].compactMap { $0 }.min()
    let stop = { SelfStop.stop(by: signal, group: group, until: deadline) }
    guard let handles else { return stop() }
    recorder?.workInBetween()
    handles.mailbox.stopBetweenTurns(stop)
    handles.continuesStopped(false)
  }

  /// Nobody is there who could continue this process, as a shell does. A key stops nothing then; and a job that wants
  /// the terminal in vain is hung up, as the kernel does with who is left stopped (exit(3p)).
  private mutating func goOnOrphaned(_ signal: Int32) {
    guard signal != SIGTSTP, terminal.holder(job: child.pid) == .others else { return resumeJob() }
    guard !wasHungUp else { return }
    wasHungUp = true
    reporter.report("the job wants the terminal, and nobody can give it: it is hung up")
    for signal in [SIGHUP, SIGCONT] { _ = child.signalGroup(signal) }
  }

  mutating func resumeJob() {
    guard end == nil else { return }
    stopAgain = nil
    ownTerminal?.attach()
    // In the background it goes on too, until it wants the terminal.
    if terminal.isWanted { _ = terminal.handOver(to: child.pid) }
    _ = child.signalGroup(SIGCONT)
  }
}
