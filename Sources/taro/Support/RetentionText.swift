internal import Events
internal import Ledger
internal import Projections

/// What retention has dropped, or would, as people read it.
enum RetentionText {
  static func lines(
    _ report: RetentionRun.Report, _ directory: LedgerDirectory, isDryRun: Bool
  ) -> [String] {
    let path = PrintableText.escaped(directory.path)
    guard !report.lines.isEmpty else { return ["\(path): nothing to drop"] }
    let sizes =
      "\(TimeFormat.bytes(report.bytesBefore)) before, \(isDryRun ? "then about " : "now ")"
      + TimeFormat.bytes(report.bytesAfter)
    return ["\(path): \(isDryRun ? "would drop" : "dropped")"]
      + report.lines.map { "\(padded(name($0.rule)))\(text($0))" } + ["\(padded("in use"))\(sizes)"]
  }

  private static func text(_ line: RetentionRun.Report.Line) -> String {
    let counts = line.counts
    let runs = VerificationText.count(counts.instances, "run")
    let output =
      "\(VerificationText.count(counts.chunks, "piece")) of output, \(TimeFormat.bytes(counts.bytes))"
    return switch line.what {
    case .output: "output of \(runs): \(output)"
    case .events: "\(runs): \(VerificationText.count(counts.events, "event")), \(output)"
    }
  }

  private static func name(_ rule: Retained.Rule) -> String {
    switch rule {
    case .notKept: "not kept"
    case .age: "too old"
    case .records: "too many"
    case .recordsPerJob: "of a job"
    case .size: "for space"
    }
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 11 - name.utf8.count))
  }
}
