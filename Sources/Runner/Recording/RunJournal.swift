internal import Events
internal import Ledger
internal import Linux
internal import Maintenance

/// The journal of a run.
typealias RunJournal = InstanceJournal<LedgerWriter, Spool>

/// The services of a runner to others, with the ledger that it has open, when its own record has ended.
extension InstanceJournal where Writer == LedgerWriter, Spool == Ledger.Spool {
  /// Nobody's exit waits long for somebody else's run.
  private static var intakeMilliseconds: Int { 500 }
  private static var intakeLimit: Int64 { 1_000_000 }

  /// Appends what other runs could not: this one can.
  func takeInSpools(_ reporter: StderrReporter) {
    guard !isInTrouble, let writer, SpoolFiles.areWaiting(directory) else { return }
    guard
      let intake = try? SpoolIntake.run(
        writer, until: .now + Self.intakeLimit,
        queueMilliseconds: Self.intakeMilliseconds)
    else { return }
    for refusal in intake.refused { reporter.report("\(refusal)") }
  }

  /// Folds the projections when this run's events crossed a folding point and the backlog is long: see `FoldingPoints`.
  func foldIfDue() {
    if crossedFoldingPoint { FoldingPoints.foldSome(of: directory) }
  }
}
