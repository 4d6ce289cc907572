package import Documents
package import Events
package import Ledger
internal import Maintenance
internal import Projections

/// Looks what is not well now, with jobs and with their ledger.
package struct LedgerCheck {
  package struct Choice: Sendable {
    /// Jobs whose ids match; none at all: every job, and the ledger too.
    package var patterns: [Pattern] = []
    /// The jobs beside which the asker sees nothing; none at all: he sees everything, and the ledger too.
    package var visible: [Pattern] = []
    /// A job of which nothing is expected is of interest for so long after its newest run; microseconds.
    package var within: Int64 = 31 * 86_400_000_000
    /// A job that has been disabled for longer may have been forgotten; microseconds.
    package var disabledFor: Int64 = 7 * 86_400_000_000

    package init() {}
  }

  let session: LedgerSession
  let choice: Choice
  private let now: WallTime
  var document: CheckDocument

  private init(_ session: LedgerSession, _ choice: Choice, _ now: WallTime) {
    self.session = session
    self.choice = choice
    self.now = now
    document = CheckDocument(at: now, ledger: session.directory.path)
  }

  package static func run(
    _ session: LedgerSession, _ choice: Choice = Choice(), now: WallTime = .now
  ) throws(LedgerError) -> CheckDocument {
    var check = LedgerCheck(session, choice, now)
    let expected = try ExpectedJobs(reader: session.reader).entries.filter {
      check.isChosen($0.job)
    }
    try check.lookAtRuns(expected)
    for entry in expected { try check.lookAt(entry) }
    try check.lookAtDisabled()
    try check.lookForNames()
    if choice.patterns.isEmpty, choice.visible.isEmpty {
      check.lookAtLedger()
      try check.lookAtTelling()
    }
    check.document.findings = check.document.findings.sorted(by: Self.isWorse)
    return check.document
  }

  /// Worse ones first, then those that have been so for longer.
  private static func isWorse(
    _ one: CheckDocument.Finding, _ other: CheckDocument.Finding
  ) -> Bool {
    if one.status.rank != other.status.rank { return one.status.rank > other.status.rank }
    return (one.since ?? .epoch, one.job ?? "") < (other.since ?? .epoch, other.job ?? "")
  }

  func isChosen(_ job: String) -> Bool {
    (choice.patterns.isEmpty || choice.patterns.contains { $0.matches(job: job) })
      && (choice.visible.isEmpty || choice.visible.contains { $0.matches(job: job) })
  }

  /// Tells whether the asker sees a pattern as it is: nobody can say of every one whether it matches what another does and nothing
  /// else.
  private func isSeen(pattern text: String) -> Bool {
    choice.visible.isEmpty || !Pattern(text).isGlob || choice.visible.contains { $0.text == text }
  }

  // MARK: Failing runs

  private static let ends = Set(
    InstanceState.allCases.filter { $0.isTerminal && $0.group != .notExecuted })

  private mutating func lookAtRuns(_ expected: [ExpectedJobs.Entry]) throws(LedgerError) {
    var query = InstanceQuery.newestOfEachJob()
    query.states = Self.ends
    var failed: [InstanceRecord] = []
    var jobs: Int64 = 0
    let names = Set(expected.map(\.job))
    try session.projections.forEach(query) { record in
      guard isChosen(record.job) else { return true }
      jobs += 1
      // It has never been anything else.
      guard !record.isRehearsal else { return true }
      let isRecent = record.endedAt.map { now - $0 <= choice.within } ?? true
      if record.state.group == .failure, isRecent || names.contains(record.job) {
        failed.append(record.lean)
      }
      return true
    }
    // Those that have never run are looked at too.
    for entry in expected where try session.projections.newest(ofJob: entry.job) == nil {
      jobs += 1
    }
    document.jobs = jobs
    for record in failed { try addFailing(record) }
  }

  private mutating func addFailing(_ newest: InstanceRecord) throws(LedgerError) {
    let standing = try RunStanding(of: newest, in: session)
    // All of it was a rehearsal, or it is just removed.
    guard let first = standing.firstFailure, standing.failures > 0 else { return }
    let instance = InstanceDocument(newest, bootNow: .now)
    var finding = CheckDocument.Finding(
      .critical, newest.state == .lost ? .lost : .failing, job: newest.job, since: first.endedAt,
      count: standing.failures,
      reason: instance.reason ?? instance.exitCode.map { "exit code \($0)" })
    finding.instance = newest.instance
    finding.lastGood = lastGood(newest.job)
    document.findings.append(finding)
  }

  // MARK: Expectations

  private mutating func lookAt(_ entry: ExpectedJobs.Entry) throws(LedgerError) {
    do throws(DueTimes.Refusal) { try addMissed(entry) } catch {
      document.findings.append(
        CheckDocument.Finding(
          .unknown, .unjudged, job: entry.job, since: entry.since, reason: error.description))
    }
  }

  private func newestRun(_ job: String) -> InstanceRecord? {
    try? session.projections.newestRun(ofJob: job)
  }

  private mutating func addMissed(_ entry: ExpectedJobs.Entry) throws(DueTimes.Refusal) {
    let newest = newestRun(entry.job)
    if let missing = try MissingRun(entry, newestRun: newest?.createdAt, now: now) {
      var finding = CheckDocument.Finding(
        .critical, .missed, job: entry.job, since: missing.since, count: missing.count)
      finding.instance = newest?.instance
      finding.lastGood = lastGood(entry.job)
      document.findings.append(finding)
    }
    addLive(entry)
  }

  private func lastGood(_ job: String) -> WallTime? {
    (try? session.projections.newest(ofJob: job, in: [.completed]))?.endedAt
  }

  private mutating func addLive(_ entry: ExpectedJobs.Entry) {
    var query = InstanceQuery(.live)
    query.job = entry.job
    query.leavesOutRehearsals = true
    let runs = ((try? session.projections.records(query)) ?? []).map { ObservedRun($0) }
      .filter(\.isExecuting).sorted { $0.createdSeq < $1.createdSeq }
    func add(
      _ problem: CheckDocument.Problem, _ run: ObservedRun, since: WallTime, count: Int64? = nil
    ) {
      var finding = CheckDocument.Finding(
        .warning, problem, job: entry.job, since: since, count: count)
      finding.instance = run.instance
      document.findings.append(finding)
    }
    for run in runs {
      guard let started = run.startedAt else { continue }
      if let limit = entry.expectation.maxTime, now - started > limit {
        add(.overlong, run, since: started + limit, count: (now - started) / 1_000_000)
      }
      if let limit = entry.expectation.maxSilence, !run.isPaused, now - run.lastAt > limit {
        add(.silent, run, since: run.lastAt)
      }
    }
    if runs.count > 1, !entry.expectation.mayOverlap, let last = runs.last {
      add(.overlapping, last, since: last.startedAt ?? last.createdAt, count: Int64(runs.count))
    }
  }

  // MARK: Disabled jobs, and the ledger

  private mutating func lookAtDisabled() throws(LedgerError) {
    for entry in try DisabledJobs(reader: session.reader).inForce(at: now)
    where now - entry.at > choice.disabledFor && isChosen(entry.disabled.pattern)
      && isSeen(pattern: entry.disabled.pattern)
    {
      document.findings.append(
        CheckDocument.Finding(
          .warning, .disabled, job: entry.disabled.pattern, since: entry.at,
          reason: entry.disabled.by.reason))
    }
  }

  /// Changes that a channel could not tell, and is still trying to, or has given up lately.
  private mutating func lookAtTelling() throws(LedgerError) {
    for untold in try UntoldChanges.now(session, now: now) {
      document.findings.append(
        CheckDocument.Finding(
          .warning, .untold, since: untold.since, count: untold.count,
          reason: "\(untold.channel): \(untold.error)"))
    }
  }

  /// Below this, bytes that are left, the ledger soon cannot be written.
  private static let leastRoom: Int64 = 32 << 20
  private static let littleRoom: Int64 = 256 << 20

  private mutating func lookAtLedger() {
    if let missing = session.missing {
      document.findings.append(
        CheckDocument.Finding(.critical, .damaged, reason: missing.description))
    } else if let notes = session.reader.damagedNotes {
      document.findings.append(
        CheckDocument.Finding(.warning, .damaged, reason: "\(notes)"))
    }
    for sealed in session.directory.sealed {
      document.findings.append(
        CheckDocument.Finding(.warning, .damaged, reason: "\(sealed) was put aside"))
    }
    let spooled = SpooledInstances(of: session.directory)
    if spooled.count > 0 {
      document.findings.append(
        CheckDocument.Finding(
          .warning, .spooled, since: spooled.oldest, count: Int64(spooled.count),
          reason: spooled.directories.joined(separator: ", ")))
    }
    let room = Int64(clamping: FreeSpace.bytes(in: session.directory.path))
    let size = session.directory.bytes
    // A ledger that has grown large goes on doing so.
    if room < max(Self.littleRoom, size / 10) {
      document.findings.append(
        CheckDocument.Finding(
          room < Self.leastRoom ? .critical : .warning, .disk, count: room))
    }
  }
}
