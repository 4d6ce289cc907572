package import Events
package import Projections

/// Judges what is expected of one job against its runs: a fold of values, which knows no clock and no ledger.
///
/// Each breach has a moment, and whoever looks judges the moments between the look before and this one, and what events
/// tell that the look before had not seen. So each is found once, by whoever looks next, however long that takes.
package struct ExpectationJudge {
  private let entry: ExpectedJobs.Entry
  private let due: DueRule?
  private let last: Notice
  private let now: Notice

  private enum DueRule {
    case every(Int64)
    case times(DueTimes)
  }

  /// A run that has begun may take so long to be on record.
  package static let settling: Int64 = 5_000_000
  /// So many missed in a row are told one by one, a month of days; more of them as one.
  package static let mostSingle = 31

  /// - Parameters:
  ///   - last: the look before; nil where there was none since it is expected.
  ///   - now: this look.
  package init(
    _ entry: ExpectedJobs.Entry, last: Notice?, now: Notice, host: DueTimes.Zone
  ) throws(DueTimes.Refusal) {
    self.entry = entry
    self.now = now
    let first = Notice(at: entry.since, seq: entry.seq)
    self.last = last.map { $0.seq < entry.seq || $0.at < entry.since ? first : $0 } ?? first
    switch entry.expectation.due {
    case nil: due = nil
    case .every(let period): due = period > 0 ? .every(period) : nil
    case .times(let cron, let calendar):
      due = .times(
        try DueTimes(
          cron: cron, calendar: calendar, zone: entry.expectation.zone, host: host))
    }
  }

  /// Runs that were created before that time are of no interest, but for live ones and the last few before.
  package var runsNeededSince: WallTime {
    guard case .times(let times) = due else { return firstDeadline }
    return max(times.last(upTo: firstDeadline) ?? entry.since, entry.since)
  }

  private var grace: Int64 { max(0, entry.expectation.grace) }

  /// Due times behind this have not been judged.
  private var firstDeadline: WallTime { max(last.at - Self.settling - grace, entry.since) }

  /// - Parameter runs: of the job, in any order.
  package func breaches(_ runs: [ObservedRun]) -> [Breach] {
    let runs = runs.sorted { ($0.createdAt, $0.createdSeq) < ($1.createdAt, $1.createdSeq) }
    var found = missed(runs) + runs.indices.compactMap { late(runs[$0], among: runs[..<$0]) }
    for run in runs {
      found += [overlong(run), overlapping(run, among: runs), silent(run)].compactMap { $0 }
    }
    return found.sorted { $0.due < $1.due }
  }

  private func breach(
    _ kind: Breach.Kind, _ due: WallTime, _ run: ObservedRun? = nil, limit: Int64? = nil
  ) -> Breach {
    Breach(
      kind, due: due, expectation: entry.seq, instance: run?.instance, limit: limit, noticed: now)
  }

  // MARK: Missed and late

  private func missed(_ runs: [ObservedRun]) -> [Breach] {
    var rows: [[WallTime]] = [[]]
    forEachDue(runs) { due, isServed in
      if isServed {
        if rows.last?.isEmpty == false { rows.append([]) }
      } else {
        rows[rows.count - 1].append(due)
      }
    }
    return rows.flatMap { row in
      guard row.count > Self.mostSingle, let first = row.first else {
        return row.map { breach(.missed, $0, limit: grace) }
      }
      var whole = breach(.missed, first, limit: grace)
      whole.count = Int64(row.count)
      whole.lastDue = row.last
      return [whole]
    }
  }

  /// Gives each due time whose grace has ended since the look before, in order, and whether a run began before the next.
  private func forEachDue(_ runs: [ObservedRun], _ body: (WallTime, _ isServed: Bool) -> Void) {
    let end = now.at - Self.settling - grace
    switch due {
    case nil: return
    case .times(let times):
      var runs = runs[...]
      var next = times.next(after: firstDeadline)
      while let due = next, due <= end {
        next = times.next(after: due)
        runs = runs.drop { $0.createdAt < due }
        body(due, runs.first.map { run in next.map { run.createdAt < $0 } ?? true } ?? false)
      }
    case .every(let period):
      let anchors = [entry.since] + runs.map(\.createdAt).filter { $0 > entry.since }
      for (index, anchor) in anchors.enumerated() {
        let following = index + 1 < anchors.count ? anchors[index + 1] : nil
        // The first that was not judged, without counting through all before.
        var due = anchor + period
        if due <= firstDeadline { due = due + ((firstDeadline - due) / period + 1) * period }
        while due <= end, following.map({ due < $0 }) ?? true {
          body(due, following.map { $0 < due + period } ?? false)
          due = due + period
        }
      }
    }
  }

  /// A run that nobody has judged, and that is the first since it was due.
  private func late(_ run: ObservedRun, among earlier: ArraySlice<ObservedRun>) -> Breach? {
    guard isNew(run.createdSeq, run.createdAt), let due = lastDue(run, earlier), due > entry.since,
      run.createdAt > due + grace, earlier.last.map({ $0.createdAt < due }) ?? true
    else { return nil }
    return breach(.late, due, run, limit: grace)
  }

  /// The last time at which one was due when the run began.
  private func lastDue(_ run: ObservedRun, _ earlier: ArraySlice<ObservedRun>) -> WallTime? {
    switch due {
    case nil: return nil
    case .times(let times): return times.last(upTo: run.createdAt)
    case .every(let period):
      let anchor = max(earlier.last?.createdAt ?? entry.since, entry.since)
      let count = (run.createdAt - anchor) / period
      return count > 0 ? anchor + count * period : nil
    }
  }

  /// Told by an event that this look sees first, or of a moment that has come since the look before.
  private func isNew(_ seq: Seq, _ moment: WallTime) -> Bool {
    seq <= now.seq && moment <= now.at && (seq > last.seq || moment > last.at)
  }

  // MARK: How a run has to be

  private func overlong(_ run: ObservedRun) -> Breach? {
    guard let limit = entry.expectation.maxTime, let started = run.startedAt,
      let seq = run.startedSeq, started > entry.since, isNew(seq, started + limit)
    else { return nil }
    if run.endedAt != nil {
      // Of a lost one nobody knows how long it went on.
      guard let time = run.run, time > limit else { return nil }
    }
    return breach(.overlong, started + limit, run, limit: limit)
  }

  private func overlapping(_ run: ObservedRun, among runs: [ObservedRun]) -> Breach? {
    guard !entry.expectation.mayOverlap,
      let began = run.startedAt ?? (run.isSkipped ? run.createdAt : nil), began > entry.since,
      isNew(run.startedSeq ?? run.createdSeq, began)
    else { return nil }
    let other = runs.first { other in
      guard other.instance != run.instance, let started = other.startedAt else { return false }
      let isBefore = (started, other.createdSeq) < (began, run.createdSeq)
      return isBefore && !other.isLost && (other.endedAt.map { $0 > began } ?? true)
    }
    guard let other else { return nil }
    var found = breach(.overlapping, began, run)
    found.other = other.instance
    return found
  }

  /// Judges a live run; each time that it falls silent again.
  private func silent(_ run: ObservedRun) -> Breach? {
    guard let limit = entry.expectation.maxSilence, run.isExecuting, !run.isPaused else {
      return nil
    }
    let since = max(run.lastAt, entry.since)
    guard isNew(run.lastSeq, since + limit) else { return nil }
    return breach(.silent, since + limit, run, limit: limit)
  }
}
