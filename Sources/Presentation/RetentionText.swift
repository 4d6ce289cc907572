package import Documents
internal import Events

/// A report of what retention has dropped, or would drop, as people read it.
package enum RetentionText {
  package static func lines(_ retention: RetentionDocument) -> [String] {
    let path = PrintableText.escaped(retention.ledger)
    let isDryRun = retention.isDryRun
    guard !retention.dropped.isEmpty else { return ["\(path): nothing to drop"] }
    return ["\(path): \(isDryRun ? "would drop" : "dropped")"]
      + retention.dropped.map { "\(padded(name($0.rule)))\(text($0))" } + [
        "\(padded(isDryRun ? "would free" : "freed"))\(freed(retention))"
      ]
  }

  /// The room that it has made. The WAL grows by that, and is named by itself: somebody may look at the files.
  private static func freed(_ retention: RetentionDocument) -> String {
    let bytes = retention.bytesBefore - retention.bytesAfter
    let (about, needs) = retention.isDryRun ? ("about ", "would need") : ("", "needs")
    let room =
      bytes > 0
      ? about + TimeFormat.bytes(bytes)
      : "no more than the note of what was dropped takes"
    return "\(room); ledger.db \(needs) \(about)\(TimeFormat.bytes(retention.bytesAfter))"
      + " (its WAL, \(TimeFormat.bytes(retention.walBytes)), is used again)"
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
