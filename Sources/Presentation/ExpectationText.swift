package import Documents
internal import Events

/// Everything that is expected of a job, in a few words.
package enum ExpectationText {
  /// `0 3 * * *`, `every 1d`; empty where no time is.
  package static func due(_ expectation: ExpectationDocument) -> String {
    if let every = expectation.every { return "every \(DurationText.exact(every))" }
    return (expectation.cron + expectation.calendar).joined(separator: "; ")
  }

  /// `1h at most, never silent for 10m`.
  package static func limits(_ expectation: ExpectationDocument) -> String {
    var parts: [String] = []
    if let time = expectation.maxTime { parts.append("at most \(DurationText.exact(time))") }
    if let silence = expectation.maxSilence {
      parts.append("not silent for \(DurationText.exact(silence))")
    }
    if expectation.mayOverlap { parts.append("may overlap") }
    return parts.joined(separator: ", ")
  }

  /// In a sentence, behind the job's name: `0 3 * * * (Europe/Berlin), at most 2h`.
  package static func whole(_ expectation: ExpectationDocument) -> String {
    let due = due(expectation)
    let zone = expectation.zone.map { " (\($0))" } ?? ""
    return [due.isEmpty ? "" : due + zone, limits(expectation)].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  package static var columns: [TableColumn<ExpectationDocument>] {
    [
      TableColumn("JOB ID", maximumWidth: 30, tone: { _ in .jobID }) { $0.job },
      TableColumn("DUE", maximumWidth: 34) { due($0) },
      TableColumn("ZONE", maximumWidth: 22) { $0.zone ?? "" },
      TableColumn("GRACE", maximumWidth: 10) { DurationText.exact($0.grace) },
      TableColumn("LIMITS", maximumWidth: 34) { limits($0) },
      TableColumn("NEXT DUE", maximumWidth: 25) {
        $0.problem ?? $0.nextDue.map { TimeFormat.local($0) } ?? ""
      },
      TableColumn("SOURCE", maximumWidth: 40) { $0.source ?? "" },
    ]
  }
}
