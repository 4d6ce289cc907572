internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// The delivery of the job's output that is left when its record has ended.
extension OutputPump {
  /// A slow reader gets what is left, however long it takes, and processes that the job left behind keep their output.
  /// A signal ends the waiting.
  func deliverRest(_ signals: borrowing SignalQueue, _ reporter: StderrReporter, name: String) {
    // Before what comes behind it.
    if isLeft, isReleasing { deliver(signals) { self.hasUnsent } }
    if isLeft { leaveCopier(signals, reporter, name) }
    deliver(signals) { self.hasUnsent }
  }

  private func leaveCopier(
    _ signals: borrowing SignalQueue, _ reporter: StderrReporter, _ name: String
  ) {
    guard !left.isEmpty else { return }
    do throws(SystemCallError) {
      try Copier.leave(left, name: name)
      closeLeft()
    } catch {
      reporter.report(
        "nobody else can pass on what the processes write that the job left behind (\(error)): "
          + "\(reporter.voice.program) does, and ends when they have ended")
      goOnUnrecorded()
      deliver(signals) { !self.isAtEnd }
    }
  }

  private func deliver(_ signals: borrowing SignalQueue, while isWanted: () -> Bool) {
    var poll = Poll()
    while isWanted() {
      poll.removeAll()
      poll.add(signals.fd)
      addInterest(to: &poll)
      poll.wait(milliseconds: canRelease ? 0 : deadline?.millisecondsLeft ?? -1)
      pump(poll)
      tick()
      while let delivery = signals.next() {
        if RunDecisions.asksForEnd(delivery) { return }
      }
    }
  }
}
