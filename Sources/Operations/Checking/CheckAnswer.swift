package import Documents
internal import Events
package import Ledger

// The answer that is always one: whoever watches it is told what kept it from being given.
extension LedgerCheck {
  /// Looks what is not well now.
  /// - Parameter session: nil where there is no ledger yet.
  package static func answer(
    _ session: LedgerSession?, of directory: LedgerDirectory, _ choice: Choice
  ) throws(LedgerError) -> CheckDocument {
    guard let session else {
      return unjudged(directory, "nothing has been run yet: there is no ledger")
    }
    var check = try run(session, choice)
    if check.jobs == 0, !choice.patterns.isEmpty, check.findings.isEmpty {
      check.findings = [
        CheckDocument.Finding(.unknown, .unjudged, reason: "there is no such job")
      ]
    }
    return check
  }

  /// The answer about a ledger that cannot be asked.
  /// - Parameter reason: the error, as a person is told it.
  package static func answer(
    about error: LedgerError, of directory: LedgerDirectory, reason: String
  ) -> CheckDocument {
    guard case .damaged = error else { return unjudged(directory, reason) }
    var check = CheckDocument(at: .now, ledger: directory.path)
    check.findings = [CheckDocument.Finding(.critical, .damaged, reason: reason)]
    return check
  }

  private static func unjudged(_ directory: LedgerDirectory, _ reason: String) -> CheckDocument {
    var check = CheckDocument(at: .now, ledger: directory.path)
    check.findings = [CheckDocument.Finding(.unknown, .unjudged, reason: reason)]
    return check
  }
}
