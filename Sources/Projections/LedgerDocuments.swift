package import Events
package import Ledger

/// The document of a verification: what `taro ledger verify -f json` gives.
package enum VerificationDocument {
  /// - Parameter projections: the last event up to which projections.db was compared and found right, nil when it was not.
  package static func json(
    _ report: VerificationReport, _ directory: LedgerDirectory, projections: Int64?
  ) -> JSON {
    .object([
      JSON.Member("ledger", .string(directory.path)),
      JSON.Member("ledger_id", report.head == nil ? .null : .string(report.ledgerID)),
      JSON.Member("result", report.isGood ? "good" : "damaged"),
      JSON.Member("head", report.head.map { .string($0.description) } ?? .null),
      JSON.Member("events", .integer(report.events)),
      JSON.Member("dropped_events", .integer(report.dropped)),
      JSON.Member("chunks", .integer(report.chunks)),
      JSON.Member("dropped_chunks", .integer(report.droppedChunks)),
      JSON.Member("output_bytes", .integer(report.bytes)),
      JSON.Member("trustworthy_up_to", .integer(report.trustworthyUpTo)),
      JSON.Member("fitting_behind", .integer(report.fittingBehind)),
      JSON.Member("bad_payloads", .integer(report.badPayloads)),
      JSON.Member("projections_up_to", projections.map { .integer($0) } ?? .null),
      JSON.Member("power_cut", report.powerCut.map(json) ?? .null),
      JSON.Member("problem_count", .integer(report.problemCount)),
      JSON.Member("problems", .array(report.problems.map(json))),
      JSON.Member("seconds", .number(Double(report.microseconds) / 1_000_000)),
    ])
  }

  private static func json(_ events: MissingEvents) -> JSON {
    .object([
      JSON.Member("seq", .integer(events.first)), JSON.Member("last_seq", .integer(events.last)),
    ])
  }

  private static func json(_ problem: LedgerProblem) -> JSON {
    .object([
      JSON.Member("kind", .string(problem.kind.rawValue)),
      JSON.Member("seq", problem.seq.map { .integer($0) } ?? .null),
      JSON.Member("last_seq", (problem.lastSeq ?? problem.seq).map { .integer($0) } ?? .null),
      JSON.Member("text", .string(problem.text)),
    ])
  }
}

/// The document of a ledger: what `taro ledger info -f json` gives.
package enum LedgerDocument {
  package static func json(_ facts: LedgerFacts, live: Int64, ended: Int64) -> JSON {
    .object([
      JSON.Member("ledger", .string(facts.directory)),
      JSON.Member("ledger_id", .string(facts.ledgerID)),
      JSON.Member("format", .integer(facts.format)),
      JSON.Member("created_at", time(facts.createdAt)),
      JSON.Member("writable", .bool(facts.isWritable)),
      JSON.Member("head", .string(facts.head.description)),
      JSON.Member("events", .integer(facts.events)),
      JSON.Member("dropped_events", .integer(facts.dropped)),
      JSON.Member("first_at", time(facts.firstAt)),
      JSON.Member("last_at", time(facts.lastAt)),
      JSON.Member(
        "kinds",
        .object(facts.kinds.map { JSON.Member($0.name, .integer($0.count)) })),
      JSON.Member("live", .integer(live)),
      JSON.Member("ended", .integer(ended)),
      JSON.Member("chunks", .integer(facts.chunks)),
      JSON.Member("output_bytes", .integer(facts.outputBytes)),
      JSON.Member("stored_bytes", .integer(facts.storedBytes)),
      JSON.Member("database_bytes", .integer(facts.databaseBytes)),
      JSON.Member("wal_bytes", .integer(facts.walBytes)),
      JSON.Member("projections_bytes", .integer(facts.projectionsBytes)),
      JSON.Member("free_bytes", .integer(facts.freePages * facts.pageBytes)),
      JSON.Member("sealed", .strings(facts.sealed)),
      JSON.Member("refused_spools", .strings(facts.refusedSpools)),
      JSON.Member("spooled_runs", .integer(Int64(facts.spooled.count))),
      JSON.Member("spooled_since", time(facts.spooled.oldest)),
      JSON.Member("spools", .strings(facts.spooled.directories)),
      JSON.Member("sqlite", .string(facts.sqliteVersion)),
    ])
  }

  private static func time(_ microseconds: Int64?) -> JSON {
    microseconds.map { .string(Timestamp.rfc3339($0)) } ?? .null
  }
}

/// The document of a retention: what `taro ledger retain -f json` gives.
package enum RetentionDocument {
  /// - Parameters:
  ///   - report: of what was dropped, or, with `isDryRun`, would be.
  ///   - ended: runs that had ended before.
  package static func json(
    _ report: RetentionRun.Report, _ directory: LedgerDirectory, ended: Int, isDryRun: Bool
  ) -> JSON {
    .object([
      JSON.Member("ledger", .string(directory.path)),
      JSON.Member("dry_run", .bool(isDryRun)),
      JSON.Member("ended", .integer(Int64(ended))),
      JSON.Member(
        "dropped",
        .array(
          report.lines.map { line in
            .object([
              JSON.Member("what", .string(line.what.rawValue)),
              JSON.Member("rule", .string(line.rule.rawValue)),
              JSON.Member("runs", .integer(line.counts.instances)),
              JSON.Member("events", .integer(line.counts.events)),
              JSON.Member("chunks", .integer(line.counts.chunks)),
              JSON.Member("bytes", .integer(line.counts.bytes)),
            ])
          })),
      JSON.Member("bytes_before", .integer(report.bytesBefore)),
      JSON.Member("bytes_after", .integer(report.bytesAfter)),
    ])
  }
}
