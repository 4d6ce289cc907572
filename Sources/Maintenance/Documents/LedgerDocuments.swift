package import Documents
package import Events
package import Ledger

extension LedgerDocument {
  package init(_ facts: LedgerFacts, live: Int64, ended: Int64) {
    self.init(
      ledger: facts.directory, id: facts.ledgerID, format: facts.format,
      isWritable: facts.isWritable, head: facts.head)
    createdAt = facts.createdAt
    events = facts.events
    droppedEvents = facts.dropped
    firstAt = facts.firstAt
    lastAt = facts.lastAt
    kinds = facts.kinds.map { JSON.Member($0.name, .integer($0.count)) }
    self.live = live
    self.ended = ended
    chunks = facts.chunks
    outputBytes = facts.outputBytes
    storedBytes = facts.storedBytes
    databaseBytes = facts.databaseBytes
    walBytes = facts.walBytes
    projectionsBytes = facts.projectionsBytes
    freeBytes = facts.freePages * facts.pageBytes
    sealed = facts.sealed
    refusedSpools = facts.refusedSpools
    spooledRuns = Int64(facts.spooled.count)
    spooledSince = facts.spooled.oldest
    spools = facts.spooled.directories
    sqliteVersion = facts.sqliteVersion
  }
}

extension VerificationDocument {
  /// - Parameter projections: the last event up to which projections.db was compared and found right, nil when it was not.
  package init(_ report: VerificationReport, _ directory: LedgerDirectory, projections: Seq?) {
    self.init(
      ledger: directory.path, id: report.head == nil ? nil : report.ledgerID,
      isGood: report.isGood, head: report.head)
    events = report.events
    droppedEvents = report.dropped
    chunks = report.chunks
    droppedChunks = report.droppedChunks
    redactedEvents = report.redacted
    outputBytes = report.bytes
    trustworthyUpTo = report.trustworthyUpTo
    fittingBehind = report.fittingBehind
    badPayloads = report.badPayloads
    projectionsUpTo = projections
    powerCut = report.powerCut.map { $0.first...max($0.first, $0.last) }
    problemCount = report.problemCount
    problems = report.problems.map {
      Problem(kind: $0.kind.rawValue, seq: $0.seq, lastSeq: $0.lastSeq, text: $0.text)
    }
    duration = report.microseconds
  }
}

extension RetentionDocument {
  /// - Parameters:
  ///   - report: of what was dropped, or, with `isDryRun`, would be.
  ///   - ended: instances that had ended before.
  package init(
    _ report: RetentionExecution.Report, _ directory: LedgerDirectory, ended: Int, isDryRun: Bool
  ) {
    self.init(
      ledger: directory.path, isDryRun: isDryRun, ended: Int64(ended),
      dropped: report.lines.map { Line(what: $0.what, rule: $0.rule, counts: $0.counts) },
      bytesBefore: report.bytesBefore, bytesAfter: report.bytesAfter,
      walBytes: directory.bytes - ((try? directory.databaseBytes()) ?? 0))
  }
}
