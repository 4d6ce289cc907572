internal import Documents
internal import Events
internal import Ledger
internal import Projections

extension LedgerCheck {
  /// A name without wildcards that nothing has may be a slip: nobody looks after the job that was meant then. Where none is known
  /// there is nothing to be said at all, which is told by whoever asks.
  mutating func lookForNames() throws(LedgerError) {
    guard document.jobs > 0 || !document.findings.isEmpty else { return }
    for name in choice.patterns.map(\.text) where !Pattern(name).isGlob && !isAdded(name) {
      guard try !isKnown(name) else { continue }
      document.jobs += 1
      document.findings.append(
        CheckDocument.Finding(.unknown, .unjudged, job: name, reason: "there is no such job"))
    }
  }

  private func isAdded(_ job: String) -> Bool { document.findings.contains { $0.job == job } }

  /// It has run, or is expected to.
  private func isKnown(_ job: String) throws(LedgerError) -> Bool {
    guard isChosen(job) else { return false }
    if try session.projections.newest(ofJob: job) != nil { return true }
    return try ExpectedJobs(reader: session.reader).entry(of: job) != nil
  }
}
