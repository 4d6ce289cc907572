package import Events
package import Ledger

/// Everything that is expected of jobs: the fold over `job_expected` and `job_unexpected`.
///
/// Read inside a turn of the append queue, it holds for what the turn appends. It reads the events of these two kinds
/// and no others, found by index: tens of microseconds where there are none.
package struct ExpectedJobs: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package let job: String
    package let expectation: JobExpectation
    /// The position of the event that says so.
    package let seq: Seq
    /// The time at which it was said.
    package let at: WallTime

    /// Nothing that was due up to then is judged.
    package var since: WallTime { expectation.after.map { max($0, at) } ?? at }

    package init(job: String, expectation: JobExpectation, seq: Seq, at: WallTime) {
      (self.job, self.expectation, self.seq, self.at) = (job, expectation, seq, at)
    }
  }

  package static let kinds: [EventKind] = [.jobExpected, .jobUnexpected]

  /// In the order in which they were said.
  package private(set) var entries: [Entry] = []

  package init() {}

  package init(reader: LedgerReader) throws(LedgerError) {
    // Of many that were said again and again the last ones count: each is looked for once, and not among all before.
    var entries: [String: Entry] = [:]
    for event in try reader.hostEvents(Self.kinds) {
      guard let job = event.job else { continue }
      entries[job] = Self.entry(event, job)
    }
    self.entries = entries.values.sorted { $0.seq < $1.seq }
  }

  /// Reads one event; nil where nothing is expected any more.
  private static func entry(_ event: Event, _ job: String) -> Entry? {
    guard event.kind == .jobExpected else { return nil }
    return Entry(
      job: job, expectation: JobExpectation(event.json), seq: event.seq, at: event.at)
  }

  package func entry(of job: String) -> Entry? { entries.first { $0.job == job } }
}
