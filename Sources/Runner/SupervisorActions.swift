internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// The deeds that follow a decision: signals are delivered, and what happens is handed to the recorder.
extension Supervisor {
  /// The time that an interrupt waits for its record: a ledger in trouble keeps nobody from stopping a job.
  private static let recordLimit: Int64 = 1_000_000

  mutating func perform(_ actions: [RunDecisions.Action]) {
    for action in actions {
      switch action {
      case .record(let kind, let request): note(kind, request)
      case .notePause(let signal): note(.paused, Paused(signal: Signals.name(signal)).json)
      case .noteResumption: note(.resumed, .object([]))
      case .deliver(let kind, let request, let signals):
        let refusal = signals.reduce(nil) { $0 ?? child.deliver($1) }
        if signals.contains(where: { [SIGCONT, SIGKILL].contains($0) }) { stopAgain = nil }
        perform(
          decisions.delivered(kind, request, refusal: refusal, jobHasEnded: end != nil))
      case .notifyUndelivered(let undelivered):
        note(.undelivered, undelivered.json)
        if let words = Self.telling(undelivered) { reporter.report(words) }
      case .expectEnd: if end == nil { lastStep.expectEnd(.now) }
      case .killAll: lastStep.begin(.now)
      case .signalGroup(let signal):
        if let refusal = child.deliver(signal) {
          reporter.report("SIG\(Signals.name(signal)) has not reached the job: \(refusal.message)")
        }
        if signal == SIGCONT || signal == SIGKILL { stopAgain = nil }
      case .stopSelf: stopSelf(by: SIGTSTP)
      case .stopPipeline(let signal): stopSelf(by: signal, group: true)
      case .resumeJob: resumeJob()
      case .resizeTerminal: ownTerminal?.resize()
      }
    }
  }

  private func note(_ kind: EventKind, _ data: JSON) {
    handles?.mailbox.hand(
      .event(kind, data, at: .now, mono: .now))
  }

  /// Returns a line where this process was asked by somebody who is told here; nil for the others, who read it in the
  /// ledger.
  private static func telling(_ undelivered: Undelivered) -> String? {
    let (by, signal) = (undelivered.request.by, undelivered.request.signal)
    switch by.via {
    case .signal: return "SIG\(signal) has not reached the job: \(undelivered.error)"
    case .runner:
      return "the job was not ended (\(by.reason ?? "")): SIG\(signal): \(undelivered.error)"
    case .cli, .rest, .ssh: return nil
    }
  }

  private mutating func note(_ kind: EventKind, _ request: ControlRequest) {
    guard let mailbox = handles?.mailbox else {
      return perform(decisions.recorded(kind, request, jobHasEnded: end != nil))
    }
    let now = BootTime.now
    unrecorded.append((kind, request, now + Self.recordLimit))
    mailbox.hand(.request(kind, request, at: .now, mono: now))
  }
}
