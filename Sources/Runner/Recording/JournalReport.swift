internal import Events
internal import Ledger
internal import Linux

/// The lines that a person is told, on stderr, of a record that is not written as it should be.
struct JournalReport {
  let directory: LedgerDirectory
  let reporter: StderrReporter

  /// The end of a line where a record is required.
  static let notRun = ", and its job is not run"

  /// Reports why events cannot be appended, and what becomes of them. Of many failures that follow from one the first
  /// is told.
  func kept<Spool>(in unappended: UnappendedEvents<Spool>, _ reason: String, _ consequence: String)
  {
    let path = unappended.isKeptNowhere ? nil : unappended.spool.path
    let place = path.map { path in
      "kept in \(path)\(unappended.dropsOutput ? ", without its output," : "") until the ledger can take it in"
    }
    reporter.reportOnce(
      "this run is \(place ?? "not recorded, or not wholly")\(consequence): \(reason)"
        + (CallerLimits.remark.map { "; \($0)" } ?? ""))
    for taken in unappended.spool.takenPlaces {
      reporter.reportOnce("nothing is kept in \(taken)", topic: taken.path)
    }
  }

  func losesEnd() {
    reporter.reportOnce(
      "how this run has ended is kept nowhere: it will be taken for LOST", topic: "end")
  }

  /// The run goes on, and what does not fit is noted anew with what it appends.
  func damagedNotes(_ notes: DamagedNotes) {
    let remedy = reporter.voice.remedy(.notesDamaged)
    reporter.reportOnce(
      "ledger \(directory.path): \(notes); it is noted anew, and \(remedy)", topic: "notes")
  }

  func sealed(_ sealed: SealedLedger) {
    let recovered = sealed.recovered?.summary ?? "; \(reporter.voice.remedy(.sealedUnread))"
    let begun = "a new one was begun\(recovered)"
    let rest =
      sealed.file.isEmpty
      ? "a new one was begun" : "it was put aside as \(sealed.file), and \(begun)"
    reporter.reportOnce(
      "ledger \(directory.path): damaged: \(sealed.reason); \(rest)", topic: "sealed")
  }
}
