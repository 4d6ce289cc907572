package import Events
package import Ledger
internal import Maintenance
internal import Projections

/// Looks whether what is expected of jobs has been so, and records what has not.
///
/// Each breach is recorded once, whoever and however many look: what was judged follows from the looks that the ledger
/// has on record (``Notice``), and is recorded in a turn of the append queue, in which nobody else has recorded a look
/// meanwhile. Where nothing is expected, a look takes one search in an index.
package struct BreachNoticing {
  package struct Found: Equatable, Sendable {
    package let job: String
    package let breach: Breach
  }

  package struct Outcome: Sendable {
    package fileprivate(set) var found: [Found] = []
    /// The ledger has what was found.
    package fileprivate(set) var isRecorded = true
    /// Jobs of which nothing can be judged, and why.
    package fileprivate(set) var refusals: [(job: String, refusal: DueTimes.Refusal)] = []
  }

  private static let kinds = EventKind.breaches + [.expectationsJudged]
  /// A look that finds nothing is put on record when the one before is so long ago, microseconds, or when there were
  /// more runs to judge: so that the next looker has less to do. It is one event a day, or for some hundred runs.
  static let longestUnrecorded: Int64 = 86_400_000_000
  static let mostUnrecorded = 400
  /// A look that is dated so far in the future was made by a wrong clock; microseconds.
  private static let clockTolerance: Int64 = 60_000_000
  /// Runs of a job that are looked at, at most: some 15 MB.
  private static let mostRuns = 100_000
  /// Runs before those that count: one of them may go on still.
  private static let earlierRuns = 4

  private let session: LedgerSession
  private let zone: DueTimes.Zone

  package init(_ session: LedgerSession, zone: DueTimes.Zone? = nil) {
    self.session = session
    self.zone = zone ?? .ofHost
  }

  /// Looks, and records what it finds; on disk when it returns. A ledger that cannot be written, or that others hold, keeps
  /// nobody from looking: the next one finds it again.
  package func run(now: WallTime = .now) throws(LedgerError) -> Outcome {
    let reader = session.reader
    // A look is of the present.
    guard reader.missing == nil, !session.moment.isPast,
      try !ExpectedJobs(reader: reader).entries.isEmpty
    else {
      return Outcome()
    }
    var outcome = Outcome()
    // Somebody else may record a look at the same moment: then there is nothing left to record, as a rule.
    for _ in 0..<3 {
      let look = try look(now)
      outcome = look.outcome
      guard !reader.isCopy, look.isWorthRecording else {
        outcome.isRecorded = look.outcome.found.isEmpty
        return outcome
      }
      do throws(LedgerError) {
        if try record(look) {
          outcome.isRecorded = true
          return outcome
        }
      } catch {
        outcome.isRecorded = false
        return outcome
      }
    }
    outcome.isRecorded = false
    return outcome
  }

  // MARK: Looking

  private struct Look {
    var outcome = Outcome()
    var notice: Notice
    var isWorthRecording = false
  }

  private func look(_ now: WallTime) throws(LedgerError) -> Look {
    let projections = session.projections
    try projections.catchUp()
    let notice = Notice(at: now, seq: try projections.position(), by: .thisProcess())
    var look = Look(notice: notice)
    let entries = try ExpectedJobs(reader: session.reader).entries
    let (last, known) = try lastNotice(now)
    var judged = 0
    var live: [String: [ObservedRun]] = [:]
    for record in try projections.records(InstanceQuery(.live)) where !record.isRehearsal {
      live[record.job, default: []].append(ObservedRun(record))
    }
    for entry in entries {
      let judge: ExpectationJudge
      do throws(DueTimes.Refusal) {
        judge = try ExpectationJudge(entry, last: last, now: notice, host: zone)
      } catch {
        look.outcome.refusals.append((entry.job, error))
        continue
      }
      let since = judge.runsNeededSince
      let runs = try runs(entry.job, since: since, live[entry.job] ?? [])
      judged += runs.count { $0.createdAt >= since }
      look.outcome.found += judge.breaches(runs).filter { !Self.isKnown($0, entry.job, known) }
        .map { Found(job: entry.job, breach: $0) }
    }
    let oldest = last?.at ?? entries.map(\.since).min() ?? now
    look.isWorthRecording =
      !look.outcome.found.isEmpty || judged > Self.mostUnrecorded
      || now - oldest > Self.longestUnrecorded
    return look
  }

  /// The newest runs of the job since then, and some before; no rehearsals.
  private func runs(
    _ job: String, since time: WallTime, _ live: [ObservedRun]
  ) throws(LedgerError) -> [ObservedRun] {
    var query = InstanceQuery(.all)
    query.job = job
    query.leavesOutRehearsals = true
    // As a rule there is one, or none.
    query.limit = 2 * Self.earlierRuns
    var runs: [ObservedRun] = []
    var earlier = 0
    while earlier < Self.earlierRuns, runs.count < Self.mostRuns {
      let page = try session.projections.page(query)
      runs += page.records.map { ObservedRun($0) }
      earlier += page.records.count { $0.createdAt < time }
      guard let next = page.next else { break }
      query.cursor = next
      query.limit = 512
    }
    let seen = Set(runs.map(\.instance))
    return runs + live.filter { !seen.contains($0.instance) }
  }

  /// The last look that is on record, and what was recorded since. Looks of a clock that was ahead do not count, but what they
  /// have recorded is not recorded again.
  private func lastNotice(
    _ now: WallTime
  ) throws(LedgerError) -> (Notice?, known: [Event]) {
    var newest: Event?
    for kind in Self.kinds {
      guard let event = try session.reader.newestHostEvent(kind) else { continue }
      if newest.map({ $0.seq < event.seq }) ?? true { newest = event }
    }
    guard let newest else { return (nil, []) }
    let notice = Notice(newest.json)
    guard notice.at > now + Self.clockTolerance else { return (notice, []) }
    let events = try session.reader.hostEvents(Self.kinds)
    let index = events.lastIndex { Notice($0.json).at <= now }
    guard let index else { return (nil, events) }
    return (Notice(events[index].json), Array(events[(index + 1)...]))
  }

  private static func isKnown(_ breach: Breach, _ job: String, _ known: [Event]) -> Bool {
    known.contains { event in
      guard event.job == job, let old = Breach(event), old.kind == breach.kind,
        old.instance == breach.instance
      else { return false }
      return (old.due...max(old.due, old.lastDue ?? old.due)).contains(breach.due)
    }
  }

  // MARK: Recording

  /// - Returns: false where somebody else has recorded a look, or other expectations, since.
  private func record(_ look: Look) throws(LedgerError) -> Bool {
    let writer = try session.openWriterForAsking()
    let bootNow = BootTime.now
    return try writer.turn(
      durable: true, queueMilliseconds: LedgerMaintenance.queueMilliseconds
    ) { turn throws(LedgerError) in
      let others = try writer.reader.hostEvents(
        Self.kinds + ExpectedJobs.kinds, after: look.notice.seq)
      guard others.isEmpty else { return false }
      for found in look.outcome.found {
        // By how long ago it was; of a former boot nothing is known.
        let ago = max(0, look.notice.at - found.breach.due)
        try turn.append(
          .ofJob(
            found.job, .breach(found.breach.kind), found.breach.json, at: found.breach.due,
            mono: max(.boot, bootNow - ago)))
      }
      if look.outcome.found.isEmpty {
        try turn.append(.ofHost(.expectationsJudged, look.notice.json))
      }
      return true
    }
  }
}

extension LedgerSession {
  /// Looks whether what is expected has been so, and records what has not.
  @discardableResult
  package func noticeBreaches(
    now: WallTime = .now
  ) throws(LedgerError) -> BreachNoticing.Outcome {
    try BreachNoticing(self).run(now: now)
  }
}
