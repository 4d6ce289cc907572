package import Documents
package import Events
internal import Ledger
internal import Linux
internal import Projections

/// Makes a document of a change: with the run that it is about, what of it is not as the last good one, and what it has printed.
package struct ChangeReport {
  /// Lines of the difference, and of output that is compared.
  private static let differenceLines = 12
  private static let mostCompared = 100_000

  private let session: LedgerSession
  /// Last lines of output.
  private let lines: Int

  package init(_ session: LedgerSession, lines: Int) {
    self.session = session
    self.lines = lines
  }

  package func document(of job: String, _ change: JobChange, seq: Seq) -> ChangeDocument {
    let ledger = session.reader.ledgerID
    var document = ChangeDocument(
      change.kind, id: "\(ledger)-\(seq)", thread: change.threadName(ledger: ledger), job: job,
      at: change.noticed.at, since: change.since, ledger: session.directory.path)
    document.host = Host.name()
    document.count = change.count
    if let instance = change.lastGood, let at = change.lastGoodAt {
      document.lastGood = ChangeDocument.Good(instance, at: at)
    }
    if let breach = breach(change) {
      document.due = breach.due
      document.limit = breach.limit
    }
    // What cannot be read is not told: that there is a change is worth more.
    if let id = change.instance, let record = try? session.projections.record(of: id) {
      add(record, to: &document)
    }
    return document
  }

  private func breach(_ change: JobChange) -> Breach? {
    guard let seq = change.breach,
      let event = try? session.reader.hostEvents(EventKind.breaches, after: seq - 1).first,
      event.seq == seq
    else { return nil }
    return Breach(event)
  }

  private func add(_ record: InstanceRecord, to document: inout ChangeDocument) {
    let instance = InstanceDocument(record, bootNow: .now, looksAround: false)
    document.instance = record.instance
    document.state = instance.state
    document.reason = instance.reason
    document.exitCode = instance.exitCode
    document.signal = instance.signal
    document.command = instance.command
    document.user = instance.user
    document.directory = instance.cwd
    if !instance.host.isEmpty { document.host = instance.host }
    document.startedAt = instance.startedAt
    document.endedAt = instance.endedAt
    document.run = instance.run
    if lines > 0, let text = try? LastLines.read(lines, of: record.instance, in: session.reader) {
      document.output = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .map(String.init)
    }
    if document.change != .recovered, record.state.group == .failure {
      document.difference = (try? difference(record)) ?? []
    }
  }

  private func difference(_ record: InstanceRecord) throws -> [String] {
    guard let good = try ComparisonChoice.lastGood(before: record, in: session) else { return [] }
    var request = OutputComparison.Request()
    request.context = 0
    request.maximumLines = Self.mostCompared
    let report = ComparisonReport(
      ComparisonChoice(old: good, new: record), request, limit: Self.differenceLines)
    let comparison = try report.document(in: session, bootNow: .now)
    let lines = comparison.hunks.flatMap(\.lines).map { line in
      let sign = line.kind == .removed ? "-" : line.kind == .added ? "+" : " "
      return sign + line.text.prefix(500)
    }
    return comparison.isComplete ? lines : lines + ["..."]
  }
}
