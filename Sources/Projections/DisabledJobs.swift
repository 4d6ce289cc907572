package import Events
package import Ledger

/// The jobs that are kept from running: the fold over `job_disabled` and `job_enabled`.
///
/// Read inside a turn of the append queue, it holds for what the turn appends. It reads the events of these two kinds
/// and no others, found by index: tens of microseconds where there are none.
package struct DisabledJobs: Equatable, Sendable {
  /// A pattern that was disabled and has not been enabled since.
  package struct Entry: Equatable, Sendable {
    package let disabled: JobSwitch
    /// The position of the event that says so.
    package let seq: Seq
    /// The time at which that was asked for.
    package let at: WallTime

    /// False once its time is over.
    package func isInForce(at time: WallTime) -> Bool {
      disabled.until.map { time < $0 } ?? true
    }
  }

  /// In the order in which they were asked for.
  private var entries: [Entry] = []

  package init() {}

  package init(reader: LedgerReader) throws(LedgerError) {
    for event in try reader.hostEvents([.jobDisabled, .jobEnabled]) { apply(event) }
  }

  /// Takes in the ledger's next event; a pattern that is disabled again has the later word.
  package mutating func apply(_ event: Event) {
    guard event.kind == .jobDisabled || event.kind == .jobEnabled else { return }
    let request = JobSwitch(event.json)
    entries.removeAll { $0.disabled.pattern == request.pattern }
    if event.kind == .jobDisabled {
      entries.append(Entry(disabled: request, seq: event.seq, at: event.at))
    }
  }

  /// The entry that keeps the job from running at that time; nil when it may run. Of several the one
  /// that names it exactly, else the oldest.
  package func entry(for job: String, at time: WallTime) -> JobSwitch? {
    let matching = inForce(at: time).filter {
      Pattern($0.disabled.pattern).matches(job: job)
    }
    return (matching.first { $0.disabled.pattern == job } ?? matching.first)?.disabled
  }

  /// Returns how an instance of the job is to end that is not started because of that; nil when it may run.
  package static func refusal(
    of job: String, _ reader: LedgerReader, at time: WallTime = .now
  ) throws(LedgerError) -> (InstanceState, Ending)? {
    guard let entry = try DisabledJobs(reader: reader).entry(for: job, at: time) else {
      return nil
    }
    var ending = Ending()
    ending.reason =
      "disabled by pattern \(entry.pattern)" + (entry.by.reason.map { ": \($0)" } ?? "")
    return (.disabled, ending)
  }

  /// The entry that was made with exactly this pattern, if that holds at that time.
  package func entry(ofPattern pattern: String, at time: WallTime) -> Entry? {
    inForce(at: time).first { $0.disabled.pattern == pattern }
  }

  /// Everything that holds at that time, the oldest first.
  package func inForce(at time: WallTime) -> [Entry] {
    entries.filter { $0.isInForce(at: time) }
  }
}
