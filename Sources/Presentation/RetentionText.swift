package import Documents
internal import Events

/// A report of what retention has dropped, or would drop, as people read it.
package enum RetentionText {
  package static func lines(_ retention: RetentionDocument) -> [String] {
    let path = PrintableText.escaped(retention.ledger)
    let isDryRun = retention.isDryRun
    guard !retention.dropped.isEmpty else { return ["\(path): nothing to drop"] }
    let sizes =
      "\(TimeFormat.bytes(retention.bytesBefore)) before, \(isDryRun ? "then about " : "now ")"
      + TimeFormat.bytes(retention.bytesAfter)
    return ["\(path): \(isDryRun ? "would drop" : "dropped")"]
      + retention.dropped.map { "\(padded(name($0.rule)))\(text($0))" } + [
        "\(padded("in use"))\(sizes)"
      ]
  }

  private static func text(_ line: RetentionDocument.Line) -> String {
    let counts = line.counts
    let runs = CountText.of(counts.instances, "run")
    let output =
      "\(CountText.of(counts.chunks, "piece")) of output, \(TimeFormat.bytes(counts.bytes))"
    return switch line.what {
    case .output: "output of \(runs): \(output)"
    case .events: "\(runs): \(CountText.of(counts.events, "event")), \(output)"
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
